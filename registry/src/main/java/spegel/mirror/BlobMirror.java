package spegel.mirror;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import spegel.http.UnsentBody;
import spegel.oci.ByteRange;
import spegel.oci.Digest;
import spegel.peer.Lane;
import spegel.peer.RelayLimits;
import spegel.routing.Provider;

/** Blobs of peers, whole or in part, passed on while they come. */
final class BlobMirror {
  /** A busy node is slow, and yet better than upstream; others are asked long before. */
  private static final Duration PEER_TIMEOUT = Duration.ofMillis(1_800);

  private static final Duration HEAD_LIMIT = Duration.ofMillis(2_500);

  /** For how long a client that was cut off is sent upstream, where it goes on. */
  private static final Duration KEEP_HANDED_BACK = Duration.ofSeconds(10);

  private static final Duration KEEP_SUSPICION = Duration.ofMinutes(10);
  private static final int MAX_FACTS = 4096;

  /** Peers that may fail in the middle of one answer. */
  private static final int MAX_PEERS_OF_ANSWER = 8;

  private static final Duration SILENCE = Duration.ofSeconds(1);
  private static final Duration SILENCE_OF_THE_ONLY = Duration.ofMillis(1_500);
  private static final Duration WINDOW = Duration.ofSeconds(1);
  private static final long MIN_BYTES_PER_SECOND = 64 * 1024;
  private static final long MAX_EXPECTED_BYTES_PER_SECOND = 1024 * 1024;
  private static final int FAR_BELOW = 10;

  private final Mirror mirror;
  private final PeerRequests peers;
  private final VerifyBlobs verify;
  private final Auditor auditor;
  private final Deliveries deliveries;
  private final MirrorObserver observer;

  private final ExpiringMap<Digest, Boolean> handedBack =
      new ExpiringMap<>(KEEP_HANDED_BACK, MAX_FACTS, System::nanoTime);
  private final ExpiringMap<Digest, Boolean> suspects =
      new ExpiringMap<>(KEEP_SUSPICION, MAX_FACTS, System::nanoTime);

  /**
   * A request on its way through here.
   *
   * @param audited whether a peer's content is hashed before it is passed on
   */
  private record Wanted(MirrorRequest request, Digest digest, boolean audited) {

    /** How long a good answer is waited for. */
    Duration headLimit() {
      return audited ? Auditor.TIME_LIMIT : HEAD_LIMIT;
    }
  }

  BlobMirror(
      Mirror mirror,
      PeerRequests peers,
      VerifyBlobs verify,
      Auditor auditor,
      Deliveries deliveries,
      MirrorObserver observer) {
    this.mirror = mirror;
    this.peers = peers;
    this.verify = verify;
    this.auditor = auditor;
    this.deliveries = deliveries;
    this.observer = observer;
  }

  MirrorResult answer(MirrorRequest request, Digest digest) throws InterruptedException {
    if (handedBack.contains(digest)) {
      return new MirrorResult.NotFound(0);
    }
    Wanted wanted = wanted(request, digest);
    Lane lane = mirror.client().lane();
    try (Candidates candidates = mirror.candidates(request.key(), peer -> true)) {
      Race<BlobQuestion.Answer> race =
          race(candidates, wanted, question(lane, wanted, request.range(), null));
      Optional<Race.Won<BlobQuestion.Answer>> won = race.run(wanted.headLimit());
      if (won.isEmpty()) {
        return new MirrorResult.NotFound(race.asked());
      }
      return found(wanted, lane, giver(won.get(), candidates));
    }
  }

  private Wanted wanted(MirrorRequest request, Digest digest) {
    if (request.isHead()) {
      return new Wanted(request, digest, false);
    }
    if (verify == VerifyBlobs.NEVER) {
      return new Wanted(request, digest, false);
    }
    boolean audited = verify == VerifyBlobs.ALWAYS || suspects.contains(digest);
    // A client that comes back for what it was given in full must have found it wrong.
    Deliveries.Delivery delivery = deliveries.take(request.key(), range(request));
    if (delivery == null) {
      return new Wanted(request, digest, audited);
    }
    suspects.put(digest, true);
    for (Provider giver : delivery.givers()) {
      if (!delivery.audited()) {
        Thread.ofVirtual().name("mirror-audit").start(() -> examine(giver, request, digest));
      }
    }
    return new Wanted(request, digest, true);
  }

  private void ended(Wanted wanted, boolean complete, List<Provider> givers) {
    if (complete) {
      deliveries.add(
          wanted.request.key(),
          range(wanted.request),
          new Deliveries.Delivery(givers, wanted.audited));
    } else {
      deliveries.brokenOff(wanted.request.key());
    }
  }

  /** Finds out whether it was this peer that gave something wrong. */
  private void examine(Provider giver, MirrorRequest request, Digest digest) {
    Race.Judge judge = mirror.judge(request.key(), Auditor.TIME_LIMIT);
    try {
      auditor.audit(mirror.client().lane(), giver, request.target(), digest);
    } catch (IOException e) {
      judge.failed(giver, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String range(MirrorRequest request) {
    return Objects.requireNonNullElse(request.range(), "");
  }

  private BlobQuestion question(
      Lane lane, Wanted wanted, @Nullable String range, ByteRange.@Nullable Part part) {
    return new BlobQuestion(
        peers,
        lane,
        wanted.request.method(),
        wanted.request.target(),
        wanted.digest,
        range,
        part,
        PEER_TIMEOUT);
  }

  private Race<BlobQuestion.Answer> race(
      Candidates candidates, Wanted wanted, BlobQuestion question) {
    Race.Question<BlobQuestion.Answer> asked = question;
    if (wanted.audited) {
      asked =
          provider -> {
            auditor.audit(question.lane(), provider, question.target(), wanted.digest);
            return question.ask(provider);
          };
    }
    return mirror.race(
        candidates,
        wanted.request.key(),
        asked,
        late -> late.response().close(),
        // Of two audits side by side, one would be for nothing.
        wanted.audited ? Auditor.TIME_LIMIT : null);
  }

  private MirrorResult.BlobFound found(Wanted wanted, Lane lane, BlobTransfer.Giver giver) {
    BlobQuestion.Answer answer = giver.won().answer();
    ByteRange range = answer.range();
    ByteRange.Part part =
        switch (range) {
          case ByteRange.Whole(var size) when size > 0 -> new ByteRange.Part(0, size - 1, size);
          case ByteRange.Part some -> some;
          case ByteRange.Whole _, ByteRange.Unsatisfiable _ -> null;
        };
    if (part == null || wanted.request.isHead()) {
      answer.response().close();
      return new MirrorResult.BlobFound(
          wanted.digest, range, new UnsentBody(part == null ? 0 : part.lengthBytes()));
    }
    BlobTransfer transfer =
        new BlobTransfer(
            new BlobTransfer.Context(
                lane,
                mirror.health(),
                observer,
                (rest, except) -> successor(wanted, lane, rest, except),
                (complete, givers) -> ended(wanted, complete, givers)),
            wanted.request,
            part,
            giver);
    return new MirrorResult.BlobFound(wanted.digest, range, transfer.relay());
  }

  /** A slow peer is better than none: only where there are others is it held to what is usual. */
  private BlobTransfer.Giver giver(Race.Won<BlobQuestion.Answer> won, Candidates others)
      throws InterruptedException {
    boolean only = others.isEmpty();
    long expected =
        only
            ? MIN_BYTES_PER_SECOND
            : Math.clamp(
                mirror.health().usualBytesPerSecond() / FAR_BELOW,
                MIN_BYTES_PER_SECOND,
                MAX_EXPECTED_BYTES_PER_SECOND);
    return new BlobTransfer.Giver(
        won, new RelayLimits(only ? SILENCE_OF_THE_ONLY : SILENCE, WINDOW, expected));
  }

  /** Another peer for the rest; without one, the client's next request is sent upstream. */
  private Optional<BlobTransfer.Giver> successor(
      Wanted wanted, Lane lane, ByteRange.Part rest, Set<String> except)
      throws InterruptedException {
    Optional<BlobTransfer.Giver> next = Optional.empty();
    if (except.size() < MAX_PEERS_OF_ANSWER) {
      String range = "bytes=" + rest.first() + "-" + rest.last();
      try (Candidates candidates =
          mirror.candidates(wanted.request.key(), peer -> !except.contains(peer))) {
        Optional<Race.Won<BlobQuestion.Answer>> won =
            race(candidates, wanted, question(lane, wanted, range, rest)).run(wanted.headLimit());
        if (won.isPresent()) {
          next = Optional.of(giver(won.get(), candidates));
        }
      }
    }
    if (next.isEmpty()) {
      handedBack.put(wanted.digest, true);
    }
    return next;
  }
}
