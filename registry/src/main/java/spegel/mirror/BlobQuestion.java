package spegel.mirror;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import spegel.oci.ByteRange;
import spegel.oci.Digest;
import spegel.peer.Lane;
import spegel.peer.PeerResponse;
import spegel.routing.Provider;

/**
 * Asks one peer for a blob or a part of it, and checks that the answer's head is to the point. The
 * body stays with the peer's connection.
 *
 * @param method GET or HEAD
 * @param range the Range field's value; null for the whole
 * @param part what the range has to come to; null when the blob's size is not known yet
 * @param timeout for the head
 */
record BlobQuestion(
    PeerRequests peers,
    Lane lane,
    String method,
    String target,
    Digest digest,
    @Nullable String range,
    ByteRange.@Nullable Part part,
    Duration timeout)
    implements Race.Question<BlobQuestion.Answer> {
  /** {@code bytes first-last/size} or {@code bytes} and {@code *}{@code /size}. */
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (?:(\\d{1,18})-(\\d{1,18})|\\*)/(\\d{1,18})");

  /**
   * A good answer.
   *
   * @param response whose body is exactly the range
   */
  record Answer(PeerResponse response, ByteRange range) {}

  @Override
  public Answer ask(Provider provider) throws IOException, InterruptedException {
    PeerResponse response = peers.send(lane, provider, method, target, range, timeout);
    try {
      return check(response);
    } catch (IOException e) {
      response.close();
      throw e;
    }
  }

  private Answer check(PeerResponse response) throws PeerAnswerException {
    String named = response.header("Docker-Content-Digest").orElse(digest.toString());
    if (!named.equals(digest.toString())) {
      throw useless("it names other content");
    }
    ByteRange given = given(response);
    ByteRange wanted = part != null ? part : ByteRange.resolve(range, size(given));
    if (!given.equals(wanted)) {
      throw useless("it gives %s instead of %s".formatted(given, wanted));
    }
    return new Answer(response, given);
  }

  private static ByteRange given(PeerResponse response) throws PeerAnswerException {
    if (response.status() == 200) {
      return new ByteRange.Whole(response.contentLength());
    }
    Matcher matcher = CONTENT_RANGE.matcher(response.header("Content-Range").orElse(""));
    if (!matcher.matches() || (matcher.group(1) == null) != (response.status() == 416)) {
      throw useless("status " + response.status() + " without a usable Content-Range");
    }
    long size = Long.parseLong(matcher.group(3));
    if (matcher.group(1) == null) {
      return new ByteRange.Unsatisfiable(size);
    }
    long first = Long.parseLong(matcher.group(1));
    long last = Long.parseLong(matcher.group(2));
    if (first > last || last >= size || response.contentLength() != last - first + 1) {
      throw useless("a Content-Range that makes no sense");
    }
    return new ByteRange.Part(first, last, size);
  }

  static long size(ByteRange range) {
    return switch (range) {
      case ByteRange.Whole(var size) -> size;
      case ByteRange.Part part -> part.sizeBytes();
      case ByteRange.Unsatisfiable(var size) -> size;
    };
  }

  private static PeerAnswerException useless(String why) {
    return new PeerAnswerException(PeerOutcome.FAILED, why);
  }
}
