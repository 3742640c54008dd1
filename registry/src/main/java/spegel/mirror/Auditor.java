package spegel.mirror;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import spegel.oci.Digest;
import spegel.oci.DigestVerifier;
import spegel.peer.Lane;
import spegel.peer.PeerResponse;
import spegel.routing.Provider;

/**
 * Reads a peer's blob once from end to end and hashes it, before any of it is passed on: what has
 * been sent to a client cannot be taken back. Needs no disk and a fixed amount of memory. Requests
 * for the same blob of the same peer share one audit, and a good result holds for a while, so that
 * a blob that is asked for in ranges is audited once.
 */
final class Auditor {
  /** What takes longer is given up; the wait for a place included. */
  static final Duration TIME_LIMIT = Duration.ofMinutes(10);

  private static final int MAX_AUDITS = 4;
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final int MAX_RESULTS = 4096;
  private static final Duration KEEP_GOOD = Duration.ofMinutes(5);
  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(2);

  /** An audit that gets less than this is given up; the first seconds do not count. */
  private static final long MIN_BYTES_PER_SECOND = 64 * 1024;

  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final PeerRequests peers;
  private final ExpiringMap<Subject, Boolean> good;
  private final Map<Subject, CompletableFuture<Boolean>> running = new ConcurrentHashMap<>();
  private final Semaphore places = new Semaphore(MAX_AUDITS, true);

  private record Subject(String peerId, Digest digest) {}

  Auditor(PeerRequests peers, LongSupplier nanoTime) {
    this.peers = peers;
    this.good = new ExpiringMap<>(KEEP_GOOD, MAX_RESULTS, nanoTime);
  }

  /**
   * Waits for the result.
   *
   * @throws PeerAnswerException when the content is wrong or cannot be had
   * @throws IOException when the peer does not answer
   */
  void audit(Lane lane, Provider provider, String target, Digest digest)
      throws IOException, InterruptedException {
    Subject subject = new Subject(provider.peerId(), digest);
    if (good.contains(subject)) {
      return;
    }
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> other = running.putIfAbsent(subject, mine);
    if (!(other == null ? own(mine, subject, lane, provider, target) : result(other))) {
      throw new PeerAnswerException(PeerOutcome.WRONG, "the blob is not " + digest);
    }
    good.put(subject, true);
  }

  private boolean own(
      CompletableFuture<Boolean> mine, Subject subject, Lane lane, Provider provider, String target)
      throws IOException, InterruptedException {
    try {
      boolean matches = hash(lane, provider, target, subject.digest);
      mine.complete(matches);
      return matches;
    } catch (IOException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      mine.completeExceptionally(new IOException("the audit was broken off"));
      running.remove(subject);
    }
  }

  private static boolean result(CompletableFuture<Boolean> audit)
      throws IOException, InterruptedException {
    try {
      return audit.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PeerAnswerException answer) {
        throw new PeerAnswerException(answer.outcome(), String.valueOf(answer.getMessage()));
      }
      if (e.getCause() instanceof NoRoomException noRoom) {
        throw new NoRoomException(String.valueOf(noRoom.getMessage()));
      }
      throw new IOException(e.getCause());
    }
  }

  private boolean hash(Lane lane, Provider provider, String target, Digest digest)
      throws IOException, InterruptedException {
    long beganNanos = System.nanoTime();
    if (!places.tryAcquire(TIME_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new NoRoomException("too many audits at once");
    }
    try (PeerResponse response = peers.send(lane, provider, "GET", target, null, HEAD_TIMEOUT)) {
      if (response.status() != 200) {
        throw new PeerAnswerException(
            PeerOutcome.FAILED, "status " + response.status() + " for a whole blob");
      }
      DigestVerifier verifier = new DigestVerifier(digest);
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      long firstNanos = System.nanoTime();
      long bytes = 0;
      while (response.read(buffer, SILENCE_TIMEOUT) >= 0) {
        bytes += buffer.position();
        verifier.update(buffer.flip());
        buffer.clear();
        long now = System.nanoTime();
        long nanos = now - firstNanos - GRACE_NANOS;
        boolean slow = nanos > 0 && bytes * 1e9 / nanos < MIN_BYTES_PER_SECOND;
        if (slow || now - beganNanos > TIME_LIMIT.toNanos()) {
          throw new PeerAnswerException(PeerOutcome.FAILED, "too slow");
        }
      }
      return verifier.matches();
    } finally {
      places.release();
    }
  }
}
