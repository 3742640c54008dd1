package spegel.e2e.interop;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.FailureLogs;

/** A thousand streams on one connection, all open at once, with the limits of both sides raised. */
@ExtendWith(FailureLogs.class)
class ManyStreamsTest {
  private static final int STREAMS = 1000;
  private static final int BYTES = 2000;

  private PeerProcess process;
  private ForeignHost peer;
  private OurHost ours;

  @BeforeEach
  void connect() {
    process = PeerProcess.go();
    peer = process.host(Map.of("unlimited", true));
    ours = OurHost.start(options -> options.withLimits(16, 2 * STREAMS));
    peer.connect(ours.host());
  }

  @AfterEach
  void stop() {
    ours.close();
    process.close();
  }

  @Test
  void streamsOfThePeer_areServedAtOnce() {
    peer.echo(ours.id(), STREAMS, BYTES);
    ours.ping(peer.id(), 1);
  }
}
