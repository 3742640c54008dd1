package spegel.mirror;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.OciFormatException;
import spegel.peer.Lane;
import spegel.peer.PeerResponse;
import spegel.routing.Provider;
import spegel.store.Blob;

/**
 * Asks one peer for a manifest, whole, and checks it before anybody sees a byte of it: against the
 * digest that was asked for, or, of a tag, against the digest that the peer itself names.
 */
final class ManifestQuestion implements Race.Question<MirrorResult.ManifestFound> {
  /** Of manifests that are being read or sent, over all requests. */
  static final int MAX_MEMORY_KIB = 16 * 1024;

  private static final int KIB = 1024;
  private static final int MAX_MEDIA_TYPE_CHARS = 255;

  private final PeerRequests peers;
  private final Lane lane;
  private final MirrorRequest request;
  private final Function<Provider, Duration> timeouts;
  private final Semaphore memoryKib;

  /**
   * @param timeouts for the head, and again for the body
   * @param memoryKib {@link #MAX_MEMORY_KIB} permits, shared by all
   */
  ManifestQuestion(
      PeerRequests peers,
      Lane lane,
      MirrorRequest request,
      Function<Provider, Duration> timeouts,
      Semaphore memoryKib) {
    this.peers = peers;
    this.lane = lane;
    this.request = request;
    this.timeouts = timeouts;
    this.memoryKib = memoryKib;
  }

  @Override
  public MirrorResult.ManifestFound ask(Provider provider)
      throws IOException, InterruptedException {
    Duration timeout = timeouts.apply(provider);
    try (PeerResponse response =
        peers.send(lane, provider, request.method(), request.target(), null, timeout)) {
      if (response.status() != 200) {
        throw useless("status " + response.status() + " for a manifest");
      }
      long size = response.contentLength();
      if (size <= 0 || size > Manifest.MAX_BYTES) {
        throw useless("a manifest of " + size + " bytes");
      }
      String mediaType = mediaType(response);
      Digest digest = digest(response);
      if (request.isHead()) {
        return new MirrorResult.ManifestFound(mediaType, digest, size, null);
      }
      return new MirrorResult.ManifestFound(
          mediaType, digest, size, verified(response, digest, (int) size, timeout));
    }
  }

  private static PeerAnswerException useless(String why) {
    return new PeerAnswerException(PeerOutcome.FAILED, why);
  }

  private static String mediaType(PeerResponse response) throws PeerAnswerException {
    String type = response.header("Content-Type").orElse("");
    boolean visible = type.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (type.isEmpty() || type.length() > MAX_MEDIA_TYPE_CHARS || !visible) {
      throw useless("no usable Content-Type");
    }
    return type;
  }

  private Digest digest(PeerResponse response) throws PeerAnswerException {
    String named = response.header("Docker-Content-Digest").orElse(null);
    Digest wanted = request.digest();
    if (named == null) {
      if (wanted == null) {
        throw useless("a tag's answer without Docker-Content-Digest");
      }
      return wanted;
    }
    Digest digest;
    try {
      digest = Digest.parse(named);
    } catch (OciFormatException e) {
      throw useless("Docker-Content-Digest is no digest");
    }
    if (wanted != null && !wanted.equals(digest)) {
      throw new PeerAnswerException(PeerOutcome.WRONG, "it names other content: " + digest);
    }
    return digest;
  }

  private Blob.InMemory verified(PeerResponse response, Digest digest, int size, Duration timeout)
      throws IOException, InterruptedException {
    int kib = size / KIB + 1;
    if (!memoryKib.tryAcquire(kib, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new NoRoomException("too many large manifests at once");
    }
    AtomicInteger held = new AtomicInteger(kib);
    Runnable release = () -> memoryKib.release(held.getAndSet(0));
    boolean good = false;
    try {
      byte[] bytes = new byte[size];
      fill(bytes, response, System.nanoTime() + timeout.toNanos());
      if (!Digest.of(digest.algorithm(), bytes).equals(digest)) {
        throw new PeerAnswerException(PeerOutcome.WRONG, "the manifest is not " + digest);
      }
      good = true;
      return new Blob.InMemory(ByteBuffer.wrap(bytes), release);
    } finally {
      if (!good) {
        release.run();
      }
    }
  }

  private static void fill(byte[] bytes, PeerResponse response, long deadlineNanos)
      throws IOException, InterruptedException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      long leftNanos = deadlineNanos - System.nanoTime();
      if (leftNanos <= 0) {
        throw new SocketTimeoutException(
            "%d of %d bytes of the manifest in time".formatted(rest.position(), bytes.length));
      }
      if (response.read(rest, Duration.ofNanos(leftNanos)) < 0) {
        throw useless("the manifest ends after " + rest.position() + " bytes");
      }
    }
  }
}
