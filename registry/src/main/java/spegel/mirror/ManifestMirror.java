package spegel.mirror;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Digest;
import spegel.routing.Provider;

/** Manifests of peers: whole, checked, and then passed on. */
final class ManifestMirror {
  private static final Logger log = LoggerFactory.getLogger(ManifestMirror.class);

  /** A client waits no longer than 3 s; the rest is for the answer. */
  private static final Duration TIME_LIMIT = Duration.ofMillis(2_500);

  private static final Duration PEER_TIMEOUT = Duration.ofSeconds(1);

  /** A peer that is sending blobs is no dead one, and its link may be full. */
  private static final Duration SENDING_PEER_TIMEOUT = Duration.ofMillis(1_800);

  private static final Duration KEEP_TAG = Duration.ofMinutes(1);
  private static final int MAX_TAGS = 4096;

  private final Mirror mirror;
  private final PeerRequests peers;
  private final Semaphore memoryKib;
  private final MirrorObserver observer;

  /** What a tag was answered with lately. */
  private final ExpiringMap<String, Digest> tags =
      new ExpiringMap<>(KEEP_TAG, MAX_TAGS, System::nanoTime);

  ManifestMirror(Mirror mirror, PeerRequests peers, Semaphore memoryKib, MirrorObserver observer) {
    this.mirror = mirror;
    this.peers = peers;
    this.memoryKib = memoryKib;
    this.observer = observer;
  }

  MirrorResult answer(MirrorRequest request) throws InterruptedException {
    ManifestQuestion question =
        new ManifestQuestion(peers, mirror.client().lane(), request, this::timeout, memoryKib);
    try (Candidates candidates = mirror.candidates(request.key(), peer -> true)) {
      Race<MirrorResult.ManifestFound> race =
          mirror.race(candidates, request.key(), question, MirrorResult.ManifestFound::close, null);
      Optional<Race.Won<MirrorResult.ManifestFound>> won = race.run(TIME_LIMIT);
      if (won.isEmpty()) {
        return new MirrorResult.NotFound(race.asked());
      }
      if (request.digest() == null) {
        compare(request.key(), won.get());
      }
      return won.get().answer();
    }
  }

  private Duration timeout(Provider provider) {
    return mirror.health().isSending(provider.peerId()) ? SENDING_PEER_TIMEOUT : PEER_TIMEOUT;
  }

  /** A tag's providers may disagree: one of them has not heard that the tag was moved, or lies. */
  private void compare(String tag, Race.Won<MirrorResult.ManifestFound> won) {
    Digest digest = won.answer().digest();
    tags.get(tag)
        .filter(before -> !before.equals(digest))
        .ifPresent(
            before -> {
              observer.tagConflict();
              log.atInfo()
                  .addKeyValue("key", tag)
                  .addKeyValue("digest", digest)
                  .addKeyValue("before", before)
                  .addKeyValue("peer", won.provider().peerId())
                  .log("a tag is answered with another digest than a moment ago");
            });
    tags.put(tag, digest);
  }
}
