package spegel.libp2p.ping;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.Stream;

/** Both sides of the ping protocol. */
public final class Ping {
  public static final String PROTOCOL = "/ipfs/ping/1.0.0";

  private static final int PAYLOAD_BYTES = 32;
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ping() {}

  /** Echoes until the peer closes its side; the peer may ping as often as the stream lets it. */
  public static void serve(Stream stream) throws IOException {
    stream.deadline(IDLE_TIMEOUT);
    while (true) {
      byte[] payload = stream.input().readNBytes(PAYLOAD_BYTES);
      if (payload.length == 0) {
        return;
      }
      if (payload.length < PAYLOAD_BYTES) {
        throw new Libp2pException("ping: the stream ended within a payload");
      }
      stream.output().write(payload);
    }
  }

  /**
   * Pings once over the stream.
   *
   * @return how long the echo took
   * @throws IOException when the echo differs, does not come, or the stream fails
   */
  public static Duration measure(Stream stream) throws IOException {
    byte[] payload = new byte[PAYLOAD_BYTES];
    RANDOM.nextBytes(payload);
    long begin = System.nanoTime();
    stream.output().write(payload);
    byte[] echo = stream.input().readNBytes(PAYLOAD_BYTES);
    if (!Arrays.equals(payload, echo)) {
      throw new Libp2pException("ping: the echo differs");
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
