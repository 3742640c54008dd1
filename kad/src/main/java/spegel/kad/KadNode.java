package spegel.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import spegel.libp2p.PeerId;

/**
 * One node of the DHT, always a server: it answers others, searches, and announces what it has.
 * Nothing here blocks; a node has one lock, held for the time of one event.
 */
public final class KadNode {
  /** Deeper buckets are refreshed by the search for the node itself. */
  private static final int MAX_REFRESHED_BUCKET = 9;

  private static final int MAX_CHECKED_AT_ONCE = 16;
  private static final int MAX_PROVIDERS_ANSWERED = 64;
  private static final int MAX_APPROACHES = 16;
  private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(5);

  /** New peers come in swarms; one search for all of them. */
  private static final Duration NEIGHBOUR_DELAY = Duration.ofSeconds(5);

  private final PeerId self;
  private final KadKey selfKey;
  private final KadOptions options;
  private final KadNetwork network;
  private final KadClock clock;
  private final RandomGenerator random;
  private final Object lock = new Object();

  // Guarded by the lock.
  private final RoutingTable table;
  private final ProviderStore providers;
  private final Announcer announcer;
  private final Set<PeerId> checking = new HashSet<>();
  private final Set<PeerId> approaching = new HashSet<>();
  private final Set<ProviderSearch> searches = new HashSet<>();
  private boolean neighboursDue;
  private boolean stopped;

  /** A node that knows nobody yet. */
  public KadNode(
      PeerId self, KadOptions options, KadNetwork network, KadClock clock, RandomGenerator random) {
    this.self = self;
    this.selfKey = KadKey.of(self);
    this.options = options;
    this.network = network;
    this.clock = clock;
    this.random = random;
    this.table = new RoutingTable(selfKey);
    this.providers =
        new ProviderStore(
            options.recordLifetime(), options.maxRecords(), options.maxProvidersPerKey());
    this.announcer = new Announcer(this, options, network, clock);
  }

  /**
   * Begins what a node does by itself: to refresh its table, to check on silent peers, to announce
   * anew.
   */
  public void start() {
    clock.schedule(options.checkInterval(), this::tick);
  }

  /** Ends that; searches under way yield no more. */
  public void stop() {
    synchronized (lock) {
      stopped = true;
    }
  }

  Object lock() {
    return lock;
  }

  /** This node's id. */
  public PeerId id() {
    return self;
  }

  // What the connections tell.

  /** A peer that speaks this protocol is connected. */
  public void connected(KadPeer peer) {
    synchronized (lock) {
      boolean first = table.size() == 0;
      boolean stranger = table.find(peer.id()).isEmpty();
      boolean added = table.heard(peer, clock.now());
      if (first && !stopped) {
        clock.schedule(Duration.ZERO, this::refresh);
      }
      if (added && !stopped && !neighboursDue) {
        neighboursDue = true;
        clock.schedule(NEIGHBOUR_DELAY, this::findNeighbours);
      }
      if (stranger) {
        approachSelf(peer);
      }
    }
  }

  /** A peer's last connection has ended; it may be dead, or have made room. */
  public void disconnected(PeerId peer) {
    synchronized (lock) {
      table.find(peer).ifPresent(this::check);
    }
  }

  /** A peer that no longer speaks this protocol. */
  public void departed(PeerId peer) {
    synchronized (lock) {
      table.failed(peer);
    }
  }

  /** Peers in the routing table. */
  public List<KadPeer> peers() {
    synchronized (lock) {
      return table.peers();
    }
  }

  /** The number of peers in the routing table. */
  public int peerCount() {
    synchronized (lock) {
      return table.size();
    }
  }

  /** Whether this node itself was told of a provider of the key, and still believes it. */
  public boolean knowsProviderOf(byte[] key) {
    synchronized (lock) {
      return !providers.find(new RecordKey(key), clock.now(), 1).isEmpty();
    }
  }

  /** Provider records that this node holds for others. */
  public int recordCount() {
    synchronized (lock) {
      return providers.size();
    }
  }

  // The server.

  /**
   * Serves a request.
   *
   * @param from who asks, as it has proved itself
   * @return the answer; empty when the request has none
   * @throws KadException when the request breaks the protocol; its stream is to be reset
   */
  public Optional<KadMessage> handle(PeerId from, KadMessage request) throws KadException {
    return switch (request.type()) {
      case FIND_NODE -> Optional.of(findNode(from, request));
      case GET_PROVIDERS -> Optional.of(getProviders(from, request));
      case ADD_PROVIDER -> {
        addProvider(from, request);
        yield Optional.empty();
      }
      case PING -> Optional.of(KadMessage.of(KadMessage.Type.PING, request.key()));
      case PUT_VALUE, GET_VALUE ->
          throw new KadException(
              "kad: " + request.type() + " is not served, only provider records are");
    };
  }

  private static byte[] requireKey(KadMessage request) throws KadException {
    byte[] key = request.key();
    if (key.length == 0) {
      throw new KadException("kad: " + request.type() + " without a key");
    }
    return key;
  }

  private KadMessage findNode(PeerId from, KadMessage request) throws KadException {
    byte[] key = requireKey(request);
    KadKey target = KadKey.of(key);
    synchronized (lock) {
      List<KadPeer> closer = new ArrayList<>();
      if (target.equals(selfKey)) {
        closer.add(new KadPeer(self, network.ownAddresses()));
      }
      addNearest(closer, target, from);
      return new KadMessage(request.type(), key, closer, List.of());
    }
  }

  /**
   * The nearest peers but the one who asks. Only when it asks for itself it is named, too: that is
   * how go-libp2p sees that a peer serves.
   */
  private void addNearest(List<KadPeer> closer, KadKey target, PeerId from) {
    for (RoutingTable.Entry entry : table.nearest(target, options.k() + 1)) {
      KadPeer peer = entry.peer();
      if (closer.size() < options.k()
          && (!peer.id().equals(from) || entry.key().equals(target))
          && !peer.addresses().isEmpty()) {
        closer.add(peer);
      }
    }
  }

  private KadMessage getProviders(PeerId from, KadMessage request) throws KadException {
    byte[] key = requireKey(request);
    KadKey target = KadKey.of(key);
    synchronized (lock) {
      List<KadPeer> known = new ArrayList<>();
      RecordKey recordKey = new RecordKey(key);
      if (announcer.has(recordKey)) {
        known.add(new KadPeer(self, network.ownAddresses()));
      }
      known.addAll(providers.find(recordKey, clock.now(), MAX_PROVIDERS_ANSWERED - known.size()));
      List<KadPeer> closer = new ArrayList<>();
      addNearest(closer, target, from);
      return new KadMessage(request.type(), key, closer, known);
    }
  }

  private void addProvider(PeerId from, KadMessage request) throws KadException {
    RecordKey key = new RecordKey(requireKey(request));
    synchronized (lock) {
      for (KadPeer provider : request.providers()) {
        // Only what a peer says of itself is kept, and only with addresses: no record costs a
        // lookup to use.
        if (provider.id().equals(from) && !provider.addresses().isEmpty()) {
          providers.add(key, provider, clock.now());
          // Whoever is told may cancel its search at once.
          List.copyOf(searches).forEach(search -> search.told(key, provider));
        }
      }
    }
  }

  // Searching.

  /**
   * Searches for providers of a key, other than this node.
   *
   * @param found gets each provider once, as it is found; must not block
   * @param done called once at the end, unless the search is cancelled
   */
  public ProviderSearch findProviders(byte[] key, Consumer<KadPeer> found, Runnable done) {
    synchronized (lock) {
      ProviderSearch search = new ProviderSearch(this, new RecordKey(key), found, done);
      searches.add(search);
      providers.find(search.key(), clock.now(), MAX_PROVIDERS_ANSWERED).forEach(search::offer);
      if (!search.isOver()) {
        search.attach(
            lookup(
                KadMessage.of(KadMessage.Type.GET_PROVIDERS, key),
                search.key().point(),
                search::answered,
                _ -> search.end()));
      }
      return search;
    }
  }

  void forget(ProviderSearch search) {
    searches.remove(search);
  }

  /** Searches for the k peers nearest to a point; called and answered with the lock held. */
  void findNearest(byte[] key, Consumer<List<KadPeer>> done) {
    lookup(KadMessage.of(KadMessage.Type.FIND_NODE, key), KadKey.of(key), (_, _) -> {}, done);
  }

  /** Hears of each answer to a lookup. */
  interface AnswerListener {
    void answered(KadPeer peer, KadMessage answer);
  }

  private Lookup lookup(
      KadMessage question, KadKey target, AnswerListener listener, Consumer<List<KadPeer>> done) {
    Lookup.Observer observer =
        new Lookup.Observer() {
          @Override
          public void answered(KadPeer peer, KadMessage answer) {
            // Where others say that it is does not replace what it says itself.
            table.heard(table.find(peer.id()).orElse(peer), clock.now());
            listener.answered(peer, answer);
          }

          @Override
          public void failed(KadPeer peer) {
            table.failed(peer.id());
          }
        };
    Lookup lookup = new Lookup(question, target, this, options, network, clock, observer, done);
    lookup.start(
        table.nearest(target, options.k()).stream().map(RoutingTable.Entry::peer).toList());
    return lookup;
  }

  // Announcing.

  /** From now on this node has the keys; the network hears of it in the background. */
  public void provide(Collection<byte[]> keys) {
    synchronized (lock) {
      announcer.add(keys.stream().map(RecordKey::new).toList());
    }
  }

  /** From now on this node no longer answers for the keys; what others were told expires. */
  public void withdraw(Collection<byte[]> keys) {
    synchronized (lock) {
      announcer.remove(keys.stream().map(RecordKey::new).toList());
    }
  }

  /** Keys that wait to be announced for the first time or anew. */
  public int pendingAnnouncements() {
    synchronized (lock) {
      return announcer.pending();
    }
  }

  // What it does by itself.

  /**
   * Asks a stranger for this node itself, then the nearest stranger whom it names, and so on. In
   * one network this ends at once, because whoever stands near is known. But when the network was
   * cut, and the stranger belongs to the other part, it ends at this node's neighbours there: they
   * get places in the table, which a stranger from afar does not, and hear of this node, as all on
   * the way do.
   */
  private void approachSelf(KadPeer stranger) {
    if (stopped || approaching.size() >= MAX_APPROACHES || !approaching.add(stranger.id())) {
      return;
    }
    network.request(
        stranger,
        KadMessage.of(KadMessage.Type.FIND_NODE, self.bytes()),
        CHECK_TIMEOUT,
        answer -> {
          synchronized (lock) {
            approaching.remove(stranger.id());
            nearerStranger(stranger, answer).ifPresent(this::approachSelf);
          }
        },
        _ -> {
          synchronized (lock) {
            approaching.remove(stranger.id());
          }
        });
  }

  /**
   * The nearest peer of the answer, if it is nearer to this node than who answered, and unknown.
   */
  private Optional<KadPeer> nearerStranger(KadPeer from, KadMessage answer) {
    KadKey nearest = from.key();
    Optional<KadPeer> nearer = Optional.empty();
    for (KadPeer peer : answer.closerPeers()) {
      KadKey key = peer.key();
      if (selfKey.compareDistance(key, nearest) < 0 && !peer.id().equals(self)) {
        nearest = key;
        nearer = Optional.of(peer);
      }
    }
    return nearer.filter(peer -> table.find(peer.id()).isEmpty());
  }

  /** A new peer may know others who stand near to this node. */
  private void findNeighbours() {
    synchronized (lock) {
      neighboursDue = false;
      if (!stopped) {
        findNearest(self.bytes(), _ -> {});
      }
    }
  }

  private void tick() {
    synchronized (lock) {
      if (stopped) {
        return;
      }
      Instant now = clock.now();
      providers.expire(now);
      table.silentSince(now.minus(options.silence()), MAX_CHECKED_AT_ONCE).forEach(this::check);
      announcer.tick(now);
    }
    refresh();
    clock.schedule(options.checkInterval(), this::tick);
  }

  private void check(KadPeer peer) {
    if (!checking.add(peer.id())) {
      return;
    }
    network.request(
        peer,
        KadMessage.of(KadMessage.Type.FIND_NODE, peer.id().bytes()),
        CHECK_TIMEOUT,
        _ -> checked(peer, true),
        _ -> checked(peer, false));
  }

  private void checked(KadPeer peer, boolean alive) {
    synchronized (lock) {
      checking.remove(peer.id());
      if (alive) {
        table.heard(peer, clock.now());
      } else {
        table.failed(peer.id());
      }
    }
  }

  /** Looks through the buckets that are due, and for the node's own neighbours with them. */
  private void refresh() {
    synchronized (lock) {
      if (stopped) {
        return;
      }
      List<Integer> due = table.dueForRefresh(clock.now(), options.refreshInterval());
      if (due.isEmpty()) {
        return;
      }
      findNearest(self.bytes(), _ -> {});
      for (int bucket : due) {
        if (bucket <= MAX_REFRESHED_BUCKET) {
          findNearest(keyInBucket(bucket), _ -> {});
        }
      }
    }
  }

  /**
   * A key whose point shares just so many bits with this node: found by trying, 2^(bucket + 1)
   * times on average.
   */
  private byte[] keyInBucket(int bucket) {
    byte[] key = new byte[32];
    do {
      random.nextBytes(key);
    } while (selfKey.commonPrefixBits(KadKey.of(key)) != bucket);
    return key;
  }
}
