package spegel.libp2p.yamux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.SecureChannel;

/**
 * One stream of a {@link YamuxSession}. It ends when both sides have sent FIN, or either has sent
 * RST:
 *
 * <pre>
 *   open ──FIN sent──▶ half-closed (reads go on) ──FIN received──▶ ended
 *     │ ──FIN received──▶ half-closed (writes go on) ──FIN sent──▶ ended
 *     └──RST sent or received, connection lost──▶ ended, reads and writes throw
 * </pre>
 */
public final class YamuxStream implements AutoCloseable {
  private final YamuxSession session;
  private final int id;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // All below is guarded by the lock.
  private final ReceiveBuffer received = new ReceiveBuffer();
  private int receiveWindow = Yamux.INITIAL_WINDOW_BYTES;
  private int unreportedCredit;
  private long sendWindow = Yamux.INITIAL_WINDOW_BYTES;

  /** SYN or ACK, to go with the next frame; 0 once it went. */
  private int openingFlag;

  private boolean finSent;
  private boolean finReceived;
  private boolean readsDropped;
  private @Nullable Libp2pException failure;
  private long timeoutNanos = Long.MAX_VALUE;

  YamuxStream(YamuxSession session, int id, boolean opener) {
    this.session = session;
    this.id = id;
    this.openingFlag = opener ? Yamux.SYN : Yamux.ACK;
  }

  int id() {
    return id;
  }

  /** What the peer sends; ends at its FIN. */
  public InputStream input() {
    return input;
  }

  /** What the peer gets; closing it sends FIN. */
  public OutputStream output() {
    return output;
  }

  /**
   * The longest that a single read or write may wait from now on; beyond it the stream is reset.
   */
  public void deadline(Duration timeout) {
    lock.lock();
    try {
      timeoutNanos = timeout.toNanos();
    } finally {
      lock.unlock();
    }
  }

  private int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (length == 0) {
      return 0;
    }
    int count;
    int credit = 0;
    int flag = 0;
    lock.lock();
    try {
      await(readable, () -> received.size() > 0 || finReceived || readsDropped);
      if (received.size() == 0 || readsDropped) {
        return -1;
      }
      count = received.take(to, offset, length);
      unreportedCredit += count;
      if (!finReceived && unreportedCredit >= Yamux.INITIAL_WINDOW_BYTES / 2) {
        credit = takeCredit();
        flag = takeOpeningFlag();
      }
    } finally {
      lock.unlock();
    }
    session.budget().release(count);
    if (credit > 0) {
      session.send(Yamux.header(Yamux.WINDOW_UPDATE, flag, id, credit));
    }
    return count;
  }

  private int takeCredit() {
    int credit = unreportedCredit;
    unreportedCredit = 0;
    receiveWindow += credit;
    return credit;
  }

  private int takeOpeningFlag() {
    int flag = openingFlag;
    openingFlag = 0;
    return flag;
  }

  private void write(byte[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    for (int done = 0; done < length; ) {
      int count;
      int flag;
      lock.lock();
      try {
        if (finSent) {
          throw new Libp2pException("yamux: write on a stream that was closed");
        }
        await(writable, () -> sendWindow > 0 || finSent);
        if (finSent) {
          throw new Libp2pException("yamux: the stream was closed while a write waited");
        }
        count = (int) Math.min(Math.min(length - done, YamuxSession.MAX_DATA_BYTES), sendWindow);
        sendWindow -= count;
        flag = takeOpeningFlag();
      } finally {
        lock.unlock();
      }
      session.send(Yamux.header(Yamux.DATA, flag, id, count), from, offset + done, count);
      done += count;
    }
  }

  private interface Wakeup {
    boolean isDue();
  }

  /**
   * Waits for the state to be due; a failure, a time-out or an interrupt is thrown. Called with the
   * lock held.
   */
  private void await(Condition condition, Wakeup wakeup) throws IOException {
    long leftNanos = timeoutNanos;
    while (failure == null && !wakeup.isDue()) {
      if (leftNanos <= 0) {
        resetFor("the deadline passed");
        break;
      }
      try {
        leftNanos = condition.awaitNanos(leftNanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        resetFor("the waiting thread was interrupted");
        break;
      }
    }
    Libp2pException cause = failure;
    // What arrived before a failure is not delivered: its rest would be missing without a sign.
    if (cause != null) {
      throw new Libp2pException(String.valueOf(cause.getMessage()), cause);
    }
  }

  /** Sends FIN, once. */
  private void closeOutput() throws IOException {
    int flag;
    boolean ended;
    lock.lock();
    try {
      if (finSent || failure != null) {
        return;
      }
      finSent = true;
      flag = takeOpeningFlag();
      ended = finReceived;
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    session.send(Yamux.header(Yamux.WINDOW_UPDATE, Yamux.FIN | flag, id, 0));
    if (ended) {
      session.ended(this);
    }
  }

  /** Ends both directions as an error; the peer's reads and writes fail. */
  public void reset() {
    lock.lock();
    try {
      resetFor("it was reset here");
    } finally {
      lock.unlock();
    }
  }

  private void resetFor(String reason) {
    if (failure != null || (finSent && finReceived)) {
      return;
    }
    boolean known = openingFlag != Yamux.SYN;
    fail(new Libp2pException("yamux: stream ended, " + reason));
    if (known) {
      session.sendControl(Yamux.header(Yamux.WINDOW_UPDATE, Yamux.RST, id, 0));
    }
    session.ended(this);
  }

  /** Ends this side in good order; what the peer still sends is dropped. */
  @Override
  public void close() {
    int dropped;
    int credit = 0;
    lock.lock();
    try {
      readsDropped = true;
      dropped = received.clear();
      unreportedCredit += dropped;
      if (!finReceived && failure == null) {
        credit = takeCredit();
      }
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    session.budget().release(dropped);
    try {
      closeOutput();
      if (credit > 0) {
        session.send(Yamux.header(Yamux.WINDOW_UPDATE, 0, id, credit));
      }
    } catch (IOException e) {
      // The connection is gone, and the stream with it.
      fail(new Libp2pException("yamux: stream ended with its connection", e));
    }
  }

  // What the session's reader calls.

  /** Takes {@code count} bytes that the channel has available. */
  void receive(SecureChannel channel, int count, byte[] scratch) {
    int credit = 0;
    lock.lock();
    try {
      if (readsDropped || failure != null) {
        for (int left = count; left > 0; ) {
          int piece = Math.min(left, scratch.length);
          channel.read(scratch, 0, piece);
          left -= piece;
        }
        unreportedCredit += count;
        if (failure == null && unreportedCredit >= Yamux.INITIAL_WINDOW_BYTES / 2) {
          credit = takeCredit();
        }
      } else {
        session.budget().hold(count);
        received.append(channel, count);
        readable.signal();
      }
    } finally {
      lock.unlock();
    }
    if (credit > 0) {
      session.sendControl(Yamux.header(Yamux.WINDOW_UPDATE, 0, id, credit));
    }
  }

  /** Takes the announced length off the window; throws when the peer sends more than it may. */
  void expect(int length) throws Libp2pException {
    lock.lock();
    try {
      if (length > receiveWindow) {
        throw new Libp2pException("yamux: data beyond the window");
      }
      if (finReceived && length > 0) {
        throw new Libp2pException("yamux: data after FIN");
      }
      receiveWindow -= length;
    } finally {
      lock.unlock();
    }
  }

  void grow(int credit) throws Libp2pException {
    lock.lock();
    try {
      sendWindow += Integer.toUnsignedLong(credit);
      if (sendWindow > 0xffff_ffffL) {
        throw new Libp2pException("yamux: a window beyond 4 GiB");
      }
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void receiveFin() {
    boolean ended;
    lock.lock();
    try {
      finReceived = true;
      ended = finSent;
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    if (ended) {
      session.ended(this);
    }
  }

  /** The peer or the connection has ended the stream. */
  void fail(Libp2pException cause) {
    int dropped;
    lock.lock();
    try {
      if (failure != null) {
        return;
      }
      failure = cause;
      dropped = received.clear();
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    session.budget().release(dropped);
  }

  /** Whether this side has closed and the peer has not. */
  boolean lingers() {
    lock.lock();
    try {
      return readsDropped && finSent && !finReceived && failure == null;
    } finally {
      lock.unlock();
    }
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return YamuxStream.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      return YamuxStream.this.read(to, offset, length);
    }

    @Override
    public int available() {
      lock.lock();
      try {
        return received.size();
      } finally {
        lock.unlock();
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      YamuxStream.this.write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      YamuxStream.this.write(from, offset, length);
    }

    @Override
    public void close() throws IOException {
      closeOutput();
    }
  }

  @Override
  public String toString() {
    return "yamux stream "
        + Integer.toUnsignedString(id)
        + " of "
        + session
        + ", read timeout "
        + TimeUnit.NANOSECONDS.toMillis(timeoutNanos)
        + " ms";
  }
}
