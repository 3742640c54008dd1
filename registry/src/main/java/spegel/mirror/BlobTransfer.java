package spegel.mirror;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.ByteRange;
import spegel.peer.Lane;
import spegel.peer.PeerResponse;
import spegel.peer.Relay;
import spegel.peer.RelayLimits;
import spegel.routing.Provider;

/**
 * A blob, or a part of one, on its way to a client. When a peer fails in the middle, another goes
 * on at the offset, unseen by the client; when there is none, the client's connection ends there,
 * and the client is sent upstream for the rest.
 */
final class BlobTransfer implements Relay.Listener, Transfer {
  private static final Logger log = LoggerFactory.getLogger(BlobTransfer.class);

  /**
   * A peer that gives.
   *
   * @param limits when it counts as stalled
   */
  record Giver(Race.Won<BlobQuestion.Answer> won, RelayLimits limits) {
    private Provider provider() {
      return won.provider();
    }

    private PeerResponse response() {
      return won.answer().response();
    }
  }

  /** Finds another peer for the rest of the blob. */
  @FunctionalInterface
  interface Successor {

    /**
     * Waits for a peer's answer, on the lane of the transfer; empty when the client is to go
     * upstream for the rest.
     *
     * @param rest what the client still lacks
     * @param exceptPeers who has been tried
     */
    Optional<Giver> find(ByteRange.Part rest, Set<String> exceptPeers) throws InterruptedException;
  }

  /** Hears how it ended. Called on an event loop. */
  @FunctionalInterface
  interface Outcome {

    /**
     * Called once.
     *
     * @param complete whether the client was given all of it
     * @param givers who gave parts of it
     */
    void ended(boolean complete, List<Provider> givers);
  }

  private final MirrorRequest request;
  private final ByteRange.Part part;
  private final Successor successor;
  private final PeerHealth health;
  private final MirrorObserver observer;
  private final Outcome outcome;
  private final Relay relay;
  private final List<Provider> givers = new CopyOnWriteArrayList<>();
  private final long beganNanos = System.nanoTime();

  /** Who gives now; null while there is nobody. */
  private final AtomicReference<@Nullable Source> giving = new AtomicReference<>();

  /** Who gives, or was the last to give. */
  private volatile Source latest;

  private volatile long endedNanos;
  private volatile boolean ended;

  /** A peer that gives, since when, from which offset on. */
  private record Source(Provider provider, InetAddress address, long sinceNanos, long offset) {}

  /** What a transfer takes part in. */
  record Context(
      Lane lane,
      PeerHealth health,
      MirrorObserver observer,
      Successor successor,
      Outcome outcome) {}

  /**
   * A transfer that begins with the winner's answer.
   *
   * @param part the bytes of the blob that the answer's body is, all of them for a whole blob
   */
  BlobTransfer(Context context, MirrorRequest request, ByteRange.Part part, Giver first) {
    this.health = context.health();
    this.observer = context.observer();
    this.successor = context.successor();
    this.outcome = context.outcome();
    this.request = request;
    this.part = part;
    this.latest = begin(first, 0);
    this.relay =
        new Relay(
            context.lane(),
            first.response(),
            health.received(first.provider().peerId()),
            first.limits,
            this);
    observer.began(this);
  }

  private Source begin(Giver giver, long offset) {
    Provider provider = giver.provider();
    givers.add(provider);
    health.transferBegan(provider.peerId());
    Source source =
        new Source(provider, giver.response().address().getAddress(), System.nanoTime(), offset);
    giving.set(source);
    return source;
  }

  private void finish(long offset) {
    Source source = giving.getAndSet(null);
    if (source != null) {
      health.transferEnded(
          source.provider.peerId(), offset - source.offset, System.nanoTime() - source.sinceNanos);
    }
  }

  Relay relay() {
    return relay;
  }

  @Override
  public void interrupted(Relay of, long offset, String why) {
    finish(offset);
    if (health.isAtWork(peerId()) && health.isSending(peerId())) {
      health.late(peerId());
    } else {
      health.failed(peerId());
    }
    Thread.ofVirtual().name("mirror-resume").start(() -> goOn(offset, why));
  }

  private void goOn(long offset, String why) {
    Optional<Giver> next = Optional.empty();
    String failed = peerId();
    try {
      next =
          successor.find(
              new ByteRange.Part(part.first() + offset, part.last(), part.sizeBytes()),
              givers.stream().map(Provider::peerId).collect(Collectors.toSet()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // Counted before the client can hear of it.
      observer.switched(next.isPresent());
      resume(offset, next);
    }
    log.atInfo()
        .addKeyValue("key", request.key())
        .addKeyValue("offset", part.first() + offset)
        .addKeyValue("peer", failed)
        .addKeyValue("err", why)
        .addKeyValue("next", next.map(giver -> giver.provider().peerId()).orElse("upstream"))
        .log("a peer failed in the middle of a blob");
  }

  private void resume(long offset, Optional<Giver> next) {
    if (next.isEmpty()) {
      relay.giveUp();
      return;
    }
    Giver giver = next.get();
    latest = begin(giver, offset);
    relay.resume(giver.response(), health.received(giver.provider().peerId()), giver.limits);
    if (ended) {
      finish(offset);
    }
  }

  @Override
  public void ended(Relay of, boolean complete) {
    endedNanos = System.nanoTime();
    ended = true;
    finish(of.sentBytes());
    observer.ended(this);
    outcome.ended(complete, givers);
  }

  @Override
  public String key() {
    return request.key();
  }

  @Override
  public String peerId() {
    return latest.provider.peerId();
  }

  @Override
  public InetAddress peerAddress() {
    return latest.address;
  }

  @Override
  public InetAddress client() {
    return request.client();
  }

  @Override
  public long lengthBytes() {
    return part.lengthBytes();
  }

  @Override
  public long sentBytes() {
    return relay.sentBytes();
  }

  @Override
  public Duration duration() {
    return Duration.ofNanos((ended ? endedNanos : System.nanoTime()) - beganNanos);
  }
}
