package spegel.mirror;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import spegel.oci.Reference;

/**
 * What a measurement has found so far.
 *
 * @param image what is measured
 * @param state whether it goes on, or why it ended
 * @param elapsed since its begin, until now or its end
 * @param lookup time until the first provider was known; null while none is
 * @param peers the providers that are asked
 */
public record MeasurementReport(
    Reference image,
    State state,
    Duration elapsed,
    @Nullable Duration lookup,
    List<PeerSamples> peers) {

  /** Whether it goes on, or why it ended. */
  public enum State {
    RUNNING,
    /** Everything was asked for once. */
    COMPLETE,
    /** No other node is known to have it. */
    NO_PROVIDER,
    /** It has taken as long as it may. */
    OUT_OF_TIME,
    /** It has read as much as it may. */
    OUT_OF_BYTES,
    /** This node ends. */
    INTERRUPTED
  }

  /** What of an image was asked for. */
  public enum Part {
    INDEX,
    MANIFEST,
    CONFIG,
    LAYER
  }

  /**
   * One peer's answers.
   *
   * @param address where it is asked first
   * @param samples in the order of asking
   */
  public record PeerSamples(String peerId, InetAddress address, List<Sample> samples) {
    public PeerSamples {
      samples = List.copyOf(samples);
    }
  }

  /**
   * One answer.
   *
   * @param key the digest, or the tagged name, that was asked for
   * @param sizeBytes of the whole; 0 when it is not known
   * @param readBytes what was read of it; large ones are read in part
   * @param firstByte time until the first byte of the body; null when there was none, or it was not
   *     looked at
   * @param total time until the last byte that was read
   * @param failure why there is no good answer; null when there is one
   */
  public record Sample(
      Part part,
      String key,
      long sizeBytes,
      long readBytes,
      @Nullable Duration firstByte,
      Duration total,
      @Nullable String failure) {}

  public MeasurementReport {
    peers = List.copyOf(peers);
  }
}
