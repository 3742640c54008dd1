package spegel.mirror;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import spegel.mirror.MeasurementReport.Part;
import spegel.mirror.MeasurementReport.Sample;
import spegel.oci.ByteRange;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.peer.Lane;
import spegel.peer.PeerResponse;
import spegel.routing.Provider;

/** Asks one peer for one thing, and takes the time. */
final class PeerSampler {
  /** For the head of an answer, and without a byte of its body. */
  private static final Duration PEER_TIMEOUT = Duration.ofSeconds(2);

  private static final int BUFFER_BYTES = 256 * 1024;

  private final PeerRequests peers;
  private final Lane lane;
  private final Semaphore memoryKib;

  /**
   * @param memoryKib for manifests, see {@link ManifestQuestion}
   */
  PeerSampler(PeerRequests peers, Lane lane, Semaphore memoryKib) {
    this.peers = peers;
    this.lane = lane;
    this.memoryKib = memoryKib;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static String target(Reference image, String kind, String name) {
    return "/v2/%s/%s/%s?ns=%s"
        .formatted(image.repository().path(), kind, name, image.repository().registry());
  }

  /**
   * The manifest of that name, checked against its digest.
   *
   * @throws PeerAnswerException when the peer has none, or a wrong one
   */
  MirrorResult.ManifestFound manifest(Provider provider, Reference name, Duration left)
      throws IOException, InterruptedException {
    Digest digest = name.digest();
    String asked = digest == null ? String.valueOf(name.tag()) : digest.toString();
    MirrorRequest request =
        new MirrorRequest(
            digest == null ? name.taggedName() : digest.toString(),
            digest,
            target(name, "manifests", asked),
            false,
            null,
            InetAddress.getLoopbackAddress());
    Duration timeout = shorter(PEER_TIMEOUT, left);
    return new ManifestQuestion(peers, lane, request, any -> timeout, memoryKib).ask(provider);
  }

  /**
   * Reads the blob, or its beginning.
   *
   * @param mostBytes that are read of it
   */
  Sample blob(
      Provider provider, Reference image, Part part, Descriptor blob, long mostBytes, Duration left)
      throws InterruptedException {
    Digest digest = blob.digest();
    boolean whole = blob.size() <= mostBytes;
    ByteRange.Part range = whole ? null : new ByteRange.Part(0, mostBytes - 1, blob.size());
    String field = whole ? null : "bytes=0-" + (mostBytes - 1);
    BlobQuestion question =
        new BlobQuestion(
            peers,
            lane,
            "GET",
            target(image, "blobs", digest.toString()),
            digest,
            field,
            range,
            shorter(PEER_TIMEOUT, left));
    Body body = new Body(left, mostBytes);
    String failure = null;
    try (PeerResponse response = question.ask(provider).response()) {
      if (response.contentLength() != Math.min(blob.size(), mostBytes)) {
        throw new IOException(
            "%d bytes instead of %d".formatted(response.contentLength(), blob.size()));
      }
      body.read(response);
    } catch (IOException e) {
      failure = Measurement.failure(e);
    }
    return new Sample(
        part, digest.toString(), blob.size(), body.bytes, body.firstByte(), body.total(), failure);
  }

  /** The bytes of an answer, as they come. */
  private static final class Body {
    private final long beganNanos = System.nanoTime();
    private final long deadlineNanos;
    private final long mostBytes;
    private long firstNanos;
    private long bytes;

    Body(Duration left, long mostBytes) {
      this.deadlineNanos = beganNanos + left.toNanos();
      this.mostBytes = mostBytes;
    }

    void read(PeerResponse response) throws IOException, InterruptedException {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      while (bytes < mostBytes) {
        Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
        if (left.isZero()) {
          throw new IOException("the time for measuring is over");
        }
        int read = response.read(buffer.clear(), shorter(PEER_TIMEOUT, left));
        if (read < 0) {
          return;
        }
        if (bytes == 0) {
          firstNanos = System.nanoTime();
        }
        bytes += read;
      }
    }

    @Nullable Duration firstByte() {
      return bytes == 0 ? null : Duration.ofNanos(firstNanos - beganNanos);
    }

    Duration total() {
      return Duration.ofNanos(System.nanoTime() - beganNanos);
    }
  }
}
