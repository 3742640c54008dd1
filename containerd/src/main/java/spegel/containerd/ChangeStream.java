package spegel.containerd;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import spegel.containerd.proto.EventEnvelope;
import spegel.containerd.proto.SubscribeRequest;
import spegel.store.StoreException;

/**
 * The changes that containerd tells of, first come first served, each only once while it waits. At
 * most {@value #MAX_WAITING} wait; beyond them the stream {@linkplain #takeOverflow overflows}, and
 * all has to be listed anew.
 */
final class ChangeStream implements AutoCloseable {
  static final int MAX_WAITING = 4096;

  /** Messages asked of the transport at a time; they are decoded as they come. */
  private static final int REQUESTED_MESSAGES = 64;

  private static final int MAX_DESCRIPTION_CHARS = 300;

  private final String namespace;
  private final Runnable onEnd;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final LinkedHashSet<Change> waiting = new LinkedHashSet<>();
  private boolean overflowed;
  private boolean closed;
  private @Nullable Status ended;
  private @Nullable ClientCall<SubscribeRequest, EventEnvelope> call;

  ChangeStream(String namespace, Runnable onEnd) {
    this.namespace = namespace;
    this.onEnd = onEnd;
  }

  void start(ClientCall<SubscribeRequest, EventEnvelope> newCall, SubscribeRequest request) {
    call = newCall;
    newCall.start(new Receiver(newCall), new Metadata());
    newCall.request(REQUESTED_MESSAGES);
    newCall.sendMessage(request);
    newCall.halfClose();
  }

  /**
   * Waits for the next change; empty when none came in time, or the stream overflowed.
   *
   * @throws StoreException when the stream has ended; what still waited is dropped, for all will be
   *     listed anew
   */
  Optional<Change> next(long timeoutNanos) throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = timeoutNanos;
      while (ended == null && waiting.isEmpty() && !overflowed && leftNanos > 0) {
        leftNanos = arrived.awaitNanos(leftNanos);
      }
      Status end = ended;
      if (end != null) {
        throw new StoreException("events: " + describe(end), end.asRuntimeException());
      }
      Iterator<Change> first = waiting.iterator();
      if (!first.hasNext()) {
        return Optional.empty();
      }
      Change change = first.next();
      first.remove();
      return Optional.of(change);
    } finally {
      lock.unlock();
    }
  }

  /** Whether changes have been dropped since the last call. */
  boolean takeOverflow() {
    lock.lock();
    try {
      boolean taken = overflowed;
      overflowed = false;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  boolean ended() {
    lock.lock();
    try {
      return ended != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    ClientCall<SubscribeRequest, EventEnvelope> started = call;
    if (started != null) {
      started.cancel("closed", null);
    }
  }

  private void add(Change change) {
    lock.lock();
    try {
      if (waiting.size() >= MAX_WAITING) {
        waiting.clear();
        overflowed = true;
      }
      if (!overflowed) {
        waiting.add(change);
      }
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void end(Status status) {
    boolean lost;
    lock.lock();
    try {
      ended = status;
      arrived.signal();
      lost = !closed;
    } finally {
      lock.unlock();
    }
    if (lost) {
      onEnd.run();
    }
  }

  /** A status for a log line: bounded, because part of it comes from the other side. */
  static String describe(Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    String reason =
        cause != null && cause.getMessage() != null
            ? cause.getMessage()
            : description == null ? "" : description;
    return reason.isEmpty()
        ? status.getCode().toString()
        : status.getCode()
            + " ("
            + reason.substring(0, Math.min(reason.length(), MAX_DESCRIPTION_CHARS))
            + ")";
  }

  /** Called on the event loop. */
  private final class Receiver extends ClientCall.Listener<EventEnvelope> {
    private final ClientCall<SubscribeRequest, EventEnvelope> source;

    Receiver(ClientCall<SubscribeRequest, EventEnvelope> source) {
      this.source = source;
    }

    @Override
    public void onMessage(EventEnvelope envelope) {
      source.request(1);
      EventDecoder.decode(envelope, namespace).ifPresent(ChangeStream.this::add);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end(status);
    }
  }
}
