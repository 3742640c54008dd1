package spegel.mirror;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.peer.PeerClient;
import spegel.peer.PeerClientOptions;
import spegel.routing.Provider;
import spegel.routing.Router;

/**
 * Answers requests for what this node does not have with what other nodes have. Each request waits
 * in a virtual thread of its caller's.
 */
public final class Mirror implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Mirror.class);

  /** How much longer than configured a first provider is waited for while the lookup goes on. */
  private static final int PATIENCE_FACTOR = 10;

  private static final Duration KEEP_ABSENCE = Duration.ofSeconds(5);
  private static final int MAX_ABSENCES = 8192;

  private final MirrorOptions options;
  private final Router router;
  private final MirrorObserver observer;
  private final PeerClient client;
  private final PeerRequests peers;
  private final Semaphore memoryKib = new Semaphore(ManifestQuestion.MAX_MEMORY_KIB);
  private final PeerHealth health = new PeerHealth(System::nanoTime);
  private final ManifestMirror manifests;
  private final BlobMirror blobs;

  /** Providers that turned out not to have a key any more. */
  private final ExpiringMap<Absence, Boolean> absences =
      new ExpiringMap<>(KEEP_ABSENCE, MAX_ABSENCES, System::nanoTime);

  private record Absence(String peerId, String key) {}

  private Mirror(
      MirrorOptions options, Router router, Deliveries deliveries, MirrorObserver observer) {
    this.options = options;
    this.router = router;
    this.observer = observer;
    this.client = PeerClient.start(PeerClientOptions.DEFAULT);
    this.peers = new PeerRequests(options.peerPort(), options.credentials(), health);
    this.manifests = new ManifestMirror(this, peers, memoryKib, observer);
    this.blobs =
        new BlobMirror(
            this,
            peers,
            options.verifyBlobs(),
            new Auditor(peers, System::nanoTime),
            deliveries,
            observer);
  }

  /**
   * Starts the threads that talk to peers.
   *
   * @param deliveries hears of what this node's store has
   */
  public static Mirror start(
      MirrorOptions options, Router router, Deliveries deliveries, MirrorObserver observer) {
    return new Mirror(options, router, deliveries, observer);
  }

  /** Answers a request for a manifest, within 3 s, or says that nobody can. Blocks. */
  public MirrorResult manifest(MirrorRequest request) {
    return interruptibly(() -> manifests.answer(request));
  }

  /** Answers a request for a blob, or says that nobody can. Blocks until its head is there. */
  public MirrorResult blob(MirrorRequest request) {
    Digest digest = request.digest();
    if (digest == null) {
      throw new IllegalArgumentException("a blob is asked for by digest");
    }
    return interruptibly(() -> blobs.answer(request, digest));
  }

  private interface Story {
    MirrorResult run() throws InterruptedException;
  }

  private static MirrorResult interruptibly(Story story) {
    try {
      return story.run();
    } catch (InterruptedException e) {
      // The server is closing; there is still time for a clean answer.
      Thread.currentThread().interrupt();
      return new MirrorResult.NotFound(0);
    }
  }

  /** The peers that this node has dealt with, and how they did. */
  public List<PeerReport> peers() {
    return health.report();
  }

  /** Prepares to measure how the image can be had from peers; {@link Measurement#run} does it. */
  public Measurement measurement(Reference image, Measurement.Limits limits) {
    return new Measurement(image, router, new PeerSampler(peers, client.lane(), memoryKib), limits);
  }

  PeerClient client() {
    return client;
  }

  PeerHealth health() {
    return health;
  }

  /** Begins to look for providers of the key that may be asked. */
  Candidates candidates(String key, Predicate<String> mayAsk) {
    return new Candidates(
        router.lookup(key),
        provider ->
            mayAsk.test(provider.peerId())
                && !health.isAvoided(provider.peerId())
                && !absences.contains(new Absence(provider.peerId(), key)),
        provider -> health.cost(provider.peerId()));
  }

  /**
   * A race for the key's content.
   *
   * @param patience how long each peer may take; null for what is usual of it
   */
  <T> Race<T> race(
      Candidates candidates,
      String key,
      Race.Question<T> question,
      Consumer<T> discard,
      @Nullable Duration patience) {
    return new Race<>(
        candidates,
        question,
        discard,
        judge(key, patience),
        options.maxPeers(),
        options.firstProviderTimeout().multipliedBy(PATIENCE_FACTOR));
  }

  /**
   * Draws conclusions from answers for the key.
   *
   * @param patience how long each peer may take; null for what is usual of it
   */
  Race.Judge judge(String key, @Nullable Duration patience) {
    return new KeyJudge(key, patience);
  }

  /** Draws conclusions from how peers answered for one key. */
  private final class KeyJudge implements Race.Judge {
    private final String key;
    private final @Nullable Duration patience;

    KeyJudge(String key, @Nullable Duration patience) {
      this.key = key;
      this.patience = patience;
    }

    @Override
    public Duration patience(Provider provider) {
      return patience == null ? health.patience(provider.peerId()) : patience;
    }

    @Override
    public void answered(Provider provider, long nanos) {
      if (patience == null) {
        health.answered(provider.peerId(), nanos);
      }
      observer.asked(PeerOutcome.FOUND);
    }

    @Override
    public void failed(Provider provider, IOException failure) {
      String peer = provider.peerId();
      if (failure instanceof NoRoomException) {
        log.atInfo()
            .addKeyValue("key", key)
            .addKeyValue("err", failure.getMessage())
            .log("no room");
        return;
      }
      PeerOutcome outcome = outcome(peer, failure);
      boolean news = false;
      switch (outcome) {
        case MISSING -> absences.put(new Absence(peer, key), true);
        case BUSY -> health.busy(peer);
        case LATE -> health.late(peer);
        case WRONG -> news = health.shutOut(peer);
        case FAILED, FOUND -> health.failed(peer);
      }
      observer.asked(outcome);
      if (news) {
        observer.wrongContent(peer, key);
        log.atWarn()
            .addKeyValue("key", key)
            .addKeyValue("peer", peer)
            .addKeyValue("addresses", provider.addresses())
            .addKeyValue("err", failure.getMessage())
            .log("a peer gave wrong content: it is left alone for 10 minutes");
      } else {
        log.atDebug()
            .addKeyValue("key", key)
            .addKeyValue("peer", peer)
            .addKeyValue("err", failure.getMessage())
            .log("a peer could not help");
      }
    }

    private PeerOutcome outcome(String peer, IOException failure) {
      if (failure instanceof PeerAnswerException answer) {
        return answer.outcome();
      }
      // It may be the only one to have what is asked for: no reason to leave it alone.
      return health.isSending(peer) ? PeerOutcome.LATE : PeerOutcome.FAILED;
    }

    @Override
    public void outpaced(Provider provider, long nanos) {
      if (patience == null) {
        health.outpaced(provider.peerId(), nanos);
      }
    }
  }

  /** Closes all connections to peers; what is being passed on ends where it is. */
  @Override
  public void close() {
    client.close();
  }
}
