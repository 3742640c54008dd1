package spegel.kad.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import spegel.kad.KadClock;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.kad.KadNetwork;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;

/**
 * Nodes on a clock and a network that exist only here: events in order of time, latency and loss
 * from a seed. The nodes are those that run for real.
 */
final class SimulatedNetwork {
  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
  private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration BACKOFF = Duration.ofSeconds(60);

  /** How long it may take a host to see that a connection leads nowhere any more. */
  private static final Duration MAX_UNSEEN_LOSS = Duration.ofSeconds(30);

  private final Random random;
  private final Duration latency;
  private double loss;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Map<PeerId, Member> members = new HashMap<>();
  private final List<Member> living = new ArrayList<>();
  private long nowNanos;
  private long order;
  private boolean cut;
  private @Nullable Trace trace;

  private record Event(long atNanos, long order, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return atNanos == other.atNanos
          ? Long.compare(order, other.order)
          : Long.compare(atNanos, other.atNanos);
    }
  }

  /** A node in the network. */
  final class Member implements KadNetwork, KadClock {
    final int index;
    final KadPeer peer;
    final KadNode node;
    private final Set<PeerId> connected = new HashSet<>();
    private final Map<PeerId, Long> backoffUntil = new HashMap<>();
    boolean alive = true;

    /** Connected, and silent. */
    boolean hangs;

    /** The half of the network that it is in, while that is cut. */
    final int side;

    private long messages;

    Member(int index, KadOptions options) {
      this.index = index;
      this.side = index % 2;
      byte[] key = new byte[36];
      random.nextBytes(key);
      this.peer =
          new KadPeer(new PeerId(Multihash.of(Multihash.IDENTITY, key)), List.of(addressOf(index)));
      this.node = new KadNode(peer.id(), options, this, this, new Random(random.nextLong()));
    }

    @Override
    public Instant now() {
      return BEGIN.plusNanos(nowNanos);
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
      after(
          delay.toNanos(),
          () -> {
            if (alive) {
              task.run();
            }
          });
    }

    @Override
    public List<Multiaddr> ownAddresses() {
      return peer.addresses();
    }

    @Override
    public void request(
        KadPeer to,
        KadMessage message,
        Duration timeout,
        Consumer<KadMessage> answered,
        Consumer<Libp2pException> failed) {
      messages++;
      Trace traced = trace != null && trace.isOf(this, message) ? trace : null;
      if (traced != null) {
        traced.asked(to.id());
      }
      Member other = members.get(to.id());
      long unreachableAfter = unreachableNanos(to.id(), other, timeout);
      if (unreachableAfter >= 0) {
        ifAlive(unreachableAfter, () -> failed.accept(new Libp2pException("no answer")));
        return;
      }
      Member target = Objects.requireNonNull(other);
      after(
          delayNanos() + connectNanos(target),
          () -> {
            try {
              if (!target.alive) {
                ifAlive(delayNanos(), () -> failed.accept(new Libp2pException("reset")));
                return;
              }
              KadMessage answer = target.node.handle(peer.id(), message).orElseThrow();
              ifAlive(
                  delayNanos(),
                  () -> {
                    if (traced != null) {
                      traced.answered(to.id(), answer);
                    }
                    answered.accept(answer);
                  });
            } catch (KadException e) {
              throw new AssertionError(e);
            }
          });
    }

    @Override
    public void send(KadPeer to, List<KadMessage> sent, Duration timeout, Consumer<Boolean> done) {
      messages += sent.size();
      Member other = members.get(to.id());
      long unreachableAfter = unreachableNanos(to.id(), other, timeout);
      if (unreachableAfter >= 0) {
        ifAlive(unreachableAfter, () -> done.accept(false));
        return;
      }
      Member target = Objects.requireNonNull(other);
      after(
          delayNanos() + connectNanos(target),
          () -> {
            try {
              for (KadMessage message : sent) {
                if (target.alive && target.node.handle(peer.id(), message).isPresent()) {
                  throw new AssertionError("an answer to " + message);
                }
              }
            } catch (KadException e) {
              throw new AssertionError(e);
            }
          });
      ifAlive(0, () -> done.accept(true));
    }

    private void ifAlive(long delayNanos, Runnable task) {
      after(
          delayNanos,
          () -> {
            if (alive) {
              task.run();
            }
          });
    }

    /** How long it takes to find out that the peer does not answer; -1 when it does. */
    private long unreachableNanos(PeerId id, @Nullable Member other, Duration timeout) {
      if (other != null && other.alive && !isCutFrom(other)) {
        return other.hangs || random.nextDouble() < loss ? timeout.toNanos() : -1;
      }
      long until = backoffUntil.getOrDefault(id, 0L);
      if (until > nowNanos) {
        return 0;
      }
      backoffUntil.put(id, nowNanos + BACKOFF.toNanos());
      connected.remove(id);
      return Math.min(DIAL_TIMEOUT.toNanos(), timeout.toNanos());
    }

    private boolean isCutFrom(Member other) {
      return cut && side != other.side;
    }

    /** A first contact takes three round trips more, and makes both known to each other. */
    private long connectNanos(Member other) {
      if (connected.contains(other.peer.id())) {
        return 0;
      }
      connected.add(other.peer.id());
      other.connected.add(peer.id());
      backoffUntil.remove(other.peer.id());
      other.backoffUntil.remove(peer.id());
      long handshake = 0;
      for (int i = 0; i < 6; i++) {
        handshake += delayNanos();
      }
      ifAlive(handshake, () -> node.connected(other.peer));
      other.ifAlive(handshake, () -> other.node.connected(peer));
      return handshake;
    }

    /**
     * Connects anew, as bootstrap does: what either side still holds for a connection is none any
     * more.
     */
    void meet(Member other) {
      connected.remove(other.peer.id());
      other.connected.remove(peer.id());
      connectNanos(other);
    }

    /** Messages sent so far: requests, and announcements one by one; answers do not count. */
    long messages() {
      return messages;
    }
  }

  SimulatedNetwork(long seed, Duration latency) {
    this.random = new Random(seed);
    this.latency = latency;
  }

  /** From now on this part of the requests is never answered. */
  void lose(double part) {
    loss = part;
  }

  Random random() {
    return random;
  }

  private long delayNanos() {
    return (long) (latency.toNanos() * (0.5 + random.nextDouble()));
  }

  /** Follows one search, instead of the one before. */
  Trace trace(Member seeker, byte[] key) {
    Trace fresh = new Trace(seeker, key);
    trace = fresh;
    return fresh;
  }

  long nowNanos() {
    return nowNanos;
  }

  /** Those that live, in the order in which they came. */
  List<Member> living() {
    return Collections.unmodifiableList(living);
  }

  /** A fresh node that knows up to three living ones. */
  Member join(KadOptions options) {
    List<Member> others = List.copyOf(living);
    Member member = new Member(members.size(), options);
    members.put(member.peer.id(), member);
    living.add(member);
    for (int i = 0; i < 3 && !others.isEmpty(); i++) {
      member.meet(others.get(random.nextInt(others.size())));
    }
    member.node.start();
    return member;
  }

  void kill(Member member) {
    member.alive = false;
    living.remove(member);
    member.node.stop();
    for (PeerId id : List.copyOf(member.connected)) {
      disconnect(member, id, delayNanos());
    }
  }

  /** Halves the network: connections across the cut end, which either end sees in its own time. */
  void cut() {
    cut = true;
    long unseen = MAX_UNSEEN_LOSS.toNanos();
    for (Member member : living()) {
      for (PeerId id : List.copyOf(member.connected)) {
        Member other = members.get(id);
        if (other != null && member.isCutFrom(other)) {
          disconnect(member, id, (long) (random.nextDouble() * unseen));
          disconnect(other, member.peer.id(), (long) (random.nextDouble() * unseen));
        }
      }
    }
  }

  /** Makes the network whole; nobody is told. */
  void mend() {
    cut = false;
  }

  /** The connection is gone for both; the other end sees it after the delay. */
  private void disconnect(Member member, PeerId id, long delayNanos) {
    member.connected.remove(id);
    Member other = members.get(id);
    if (other != null && other.alive) {
      other.connected.remove(member.peer.id());
      other.ifAlive(delayNanos, () -> other.node.disconnected(member.peer.id()));
    }
  }

  private void after(long delayNanos, Runnable task) {
    events.add(new Event(nowNanos + delayNanos, order++, task));
  }

  void runFor(Duration duration) {
    long end = nowNanos + duration.toNanos();
    while (!events.isEmpty() && events.peek().atNanos <= end) {
      Event event = events.remove();
      nowNanos = event.atNanos;
      event.task.run();
    }
    nowNanos = end;
  }

  static Multiaddr addressOf(int index) {
    try {
      byte[] ip = {10, (byte) (index >>> 16), (byte) (index >>> 8), (byte) index};
      return Multiaddr.tcp(new InetSocketAddress(InetAddress.getByAddress(ip), 5001));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** What one search does on its way. */
  static final class Trace {
    private final Member seeker;
    private final byte[] key;
    private final Map<PeerId, Integer> hops = new HashMap<>();
    private int requests;
    private int hopsToProvider;

    Trace(Member seeker, byte[] key) {
      this.seeker = seeker;
      this.key = key;
    }

    boolean isOf(Member member, KadMessage message) {
      return member == seeker
          && message.type() == KadMessage.Type.GET_PROVIDERS
          && Arrays.equals(message.key(), key);
    }

    void asked(PeerId peer) {
      requests++;
      hops.putIfAbsent(peer, 1);
    }

    void answered(PeerId peer, KadMessage answer) {
      int here = hops.getOrDefault(peer, 1);
      if (hopsToProvider == 0 && !answer.providers().isEmpty()) {
        hopsToProvider = here;
      }
      answer.closerPeers().forEach(closer -> hops.putIfAbsent(closer.id(), here + 1));
    }

    int requests() {
      return requests;
    }

    /**
     * How many peers, each named by the one before, were asked to find the first provider; 0 when
     * the seeker was told of it before.
     */
    int hopsToProvider() {
      return hopsToProvider;
    }
  }
}
