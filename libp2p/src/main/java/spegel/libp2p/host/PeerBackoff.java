package spegel.libp2p.host;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import spegel.libp2p.PeerId;

/**
 * Peers that did not answer, and how long they are left alone: 1 s after the first failure, twice
 * as long after each further one, up to a minute, until they are heard of. Safe for use by many
 * threads.
 */
public final class PeerBackoff {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofSeconds(60);
  private static final int MAX_PEERS = 4096;

  private final InstantSource clock;

  // Guarded by this; eldest first, so that the bound drops what matters least.
  private final Map<PeerId, Pause> pauses = new LinkedHashMap<>();

  private record Pause(Instant until, Duration length) {}

  /** Nobody is left alone yet. */
  public PeerBackoff(InstantSource clock) {
    this.clock = clock;
  }

  /** How long the peer is still left alone; empty when it may be dialled. */
  public synchronized Optional<Duration> remaining(PeerId peer) {
    Pause pause = pauses.get(peer);
    if (pause == null || !pause.until.isAfter(clock.instant())) {
      return Optional.empty();
    }
    return Optional.of(Duration.between(clock.instant(), pause.until));
  }

  /** The peer did not answer. */
  public synchronized void failed(PeerId peer) {
    Pause before = pauses.remove(peer);
    Duration length = before == null ? FIRST : before.length.multipliedBy(2);
    if (length.compareTo(MAX) > 0) {
      length = MAX;
    }
    if (pauses.size() >= MAX_PEERS) {
      pauses.remove(pauses.keySet().iterator().next());
    }
    pauses.put(peer, new Pause(clock.instant().plus(length), length));
  }

  /** The peer is there. */
  public synchronized void succeeded(PeerId peer) {
    pauses.remove(peer);
  }
}
