package spegel.libp2p.yamux;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.SecureChannel;

/**
 * A connection that carries streams. Two virtual threads serve it: the reader ({@link #run}) never
 * writes, because two peers whose readers wait to write would wait for ever; what it has to answer
 * goes through a bounded queue to the other, which also keeps the connection alive. Streams' own
 * threads write their frames themselves, one at a time.
 */
public final class YamuxSession implements AutoCloseable {
  /** The protocol's name in multistream-select. */
  public static final String PROTOCOL = "/yamux/1.0.0";

  /** With its header, a frame of this much data fits one encrypted frame of the Noise channel. */
  static final int MAX_DATA_BYTES = 65_519 - Yamux.HEADER_BYTES;

  /** Undelivered bytes on one connection, beyond which the peer has to wait. */
  public static final int MAX_UNDELIVERED_BYTES = 1024 * 1024;

  /** Frames that a reader takes before it lets others run. */
  private static final int FRAMES_OF_A_TURN = 128;

  private static final int MAX_QUEUED_ANSWERS = 256;
  private static final long KEEP_ALIVE_MILLIS = 30_000;
  private static final long MAX_WRITE_MILLIS = 30_000;
  private static final long MAX_STALL_MILLIS = 30_000;

  /** How long closing waits for a peer that does not read to take the last frame. */
  private static final Duration MAX_FAREWELL = Duration.ofMillis(200);

  /** Pings that a peer may send between two of our keep-alives. */
  private static final int MAX_PINGS = 600;

  private final SecureChannel channel;
  private final Runnable closeTransport;
  private final Consumer<YamuxStream> acceptor;
  private final ReceiveBudget budget;
  private final int maxInboundStreams;
  private final boolean dialer;

  private final Map<Integer, YamuxStream> streams = new ConcurrentHashMap<>();
  private final AtomicInteger inboundStreams = new AtomicInteger();
  private final AtomicInteger nextId;
  private final ReentrantLock writeLock = new ReentrantLock();
  private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>(MAX_QUEUED_ANSWERS);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicInteger pings = new AtomicInteger();
  private volatile boolean peerWentAway;
  private volatile boolean pongMissing;
  private volatile long lastStreamNanos = System.nanoTime();
  private volatile String closeReason = "it was closed here";

  /**
   * A session over a secure channel; nothing happens until {@link #run}.
   *
   * @param dialer whether this side dialled; dialers' streams have odd ids
   * @param maxInboundStreams streams of the peer's that may be open at a time
   * @param budget received bytes that may wait for readers, in all connections together
   * @param acceptor gets each stream that the peer opens, on the reader's thread: it must not block
   * @param closeTransport closes what lies under the channel, so that all blocked calls return
   */
  public YamuxSession(
      SecureChannel channel,
      boolean dialer,
      int maxInboundStreams,
      ReceiveBudget budget,
      Consumer<YamuxStream> acceptor,
      Runnable closeTransport) {
    this.channel = channel;
    this.dialer = dialer;
    this.maxInboundStreams = maxInboundStreams;
    this.budget = budget.child(MAX_UNDELIVERED_BYTES);
    this.acceptor = acceptor;
    this.closeTransport = closeTransport;
    this.nextId = new AtomicInteger(dialer ? 1 : 2);
  }

  /**
   * Opens a stream. Nothing is sent before its first byte.
   *
   * @throws IOException when the connection is gone, or the peer takes no more streams
   */
  public YamuxStream open() throws IOException {
    if (peerWentAway || closed.get()) {
      throw new Libp2pException("yamux: no new stream, the connection is closing");
    }
    int id = nextId.getAndAdd(2);
    if (id < 0) {
      throw new Libp2pException("yamux: this connection has used up its stream ids");
    }
    YamuxStream stream = new YamuxStream(this, id, true);
    streams.put(id, stream);
    lastStreamNanos = System.nanoTime();
    if (closed.get()) {
      failAll();
    }
    return stream;
  }

  /** Streams open now. */
  public int streamCount() {
    return streams.size();
  }

  /** How long there has been no stream; 0 while there is one. */
  public long idleMillis() {
    return streams.isEmpty()
        ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastStreamNanos)
        : 0;
  }

  ReceiveBudget budget() {
    return budget;
  }

  /**
   * Reads frames until the connection ends, and closes it then.
   *
   * @return why it ended, for a log
   */
  public String run() {
    Thread answering = Thread.ofVirtual().name("yamux-answers").start(this::answer);
    try {
      byte[] header = new byte[Yamux.HEADER_BYTES];
      byte[] scratch = new byte[512];
      for (int frames = 1; readHeader(header); frames++) {
        frame(header, scratch);
        if (frames % FRAMES_OF_A_TURN == 0) {
          letOthersRun();
        }
      }
      close("the peer closed it");
    } catch (Libp2pException e) {
      close(String.valueOf(e.getMessage()), Yamux.GO_AWAY_PROTOCOL_ERROR);
    } catch (IOException e) {
      close("the connection failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close("its reader was interrupted");
    } finally {
      answering.interrupt();
    }
    return closeReason;
  }

  /**
   * While bytes are there, nothing makes the reader wait, and virtual threads are not interrupted
   * for each other. Nor would it do to yield: a processor first runs what it has queued itself, and
   * a reader that wakes its streams' threads, which come before it, always has something. So a
   * flood would keep a processor from all other connections; to park, for the shortest time, ends
   * the turn.
   */
  private static void letOthersRun() {
    LockSupport.parkNanos(1);
  }

  private boolean readHeader(byte[] header) throws IOException {
    for (int got = 0; got < header.length; ) {
      if (!channel.fill()) {
        if (got > 0) {
          throw new Libp2pException("yamux: the connection ended within a header");
        }
        return false;
      }
      int piece = Math.min(header.length - got, channel.available());
      channel.read(header, got, piece);
      got += piece;
    }
    return true;
  }

  private void frame(byte[] header, byte[] scratch) throws IOException, InterruptedException {
    if (header[0] != Yamux.VERSION) {
      throw new Libp2pException("yamux: version " + header[0]);
    }
    int flags = ((header[2] & 0xff) << 8) | (header[3] & 0xff);
    int id = Yamux.getInt(header, 4);
    int length = Yamux.getInt(header, 8);
    switch (header[1]) {
      case Yamux.DATA, Yamux.WINDOW_UPDATE -> stream(header[1], flags, id, length, scratch);
      case Yamux.PING -> ping(flags, length);
      case Yamux.GO_AWAY -> peerWentAway = true;
      default -> throw new Libp2pException("yamux: frame type " + header[1]);
    }
  }

  /** SYN first, then what the frame carries, then the flags that end: any may come together. */
  private void stream(int type, int flags, int id, int length, byte[] scratch)
      throws IOException, InterruptedException {
    YamuxStream stream = (flags & Yamux.SYN) != 0 ? accept(id) : streams.get(id);
    if ((flags & Yamux.RST) != 0) {
      if (stream != null) {
        stream.fail(new Libp2pException("yamux: the peer reset the stream"));
        ended(stream);
      }
      return; // The length is an error code.
    }
    if (type == Yamux.DATA) {
      data(stream, length, scratch);
    } else if (stream != null) {
      stream.grow(length);
    }
    if (stream != null && (flags & Yamux.FIN) != 0) {
      stream.receiveFin();
    }
  }

  private @Nullable YamuxStream accept(int id) throws Libp2pException {
    boolean peersId = id != 0 && ((id & 1) == 0) == dialer;
    if (!peersId || streams.containsKey(id)) {
      throw new Libp2pException("yamux: SYN with a stream id that is not free");
    }
    if (closed.get() || inboundStreams.get() >= maxInboundStreams) {
      sendControl(Yamux.header(Yamux.WINDOW_UPDATE, Yamux.RST, id, 0));
      return null;
    }
    inboundStreams.incrementAndGet();
    YamuxStream stream = new YamuxStream(this, id, false);
    streams.put(id, stream);
    lastStreamNanos = System.nanoTime();
    acceptor.accept(stream);
    return stream;
  }

  private void data(@Nullable YamuxStream stream, int length, byte[] scratch)
      throws IOException, InterruptedException {
    if (length < 0 || length > Yamux.INITIAL_WINDOW_BYTES) {
      throw new Libp2pException("yamux: a frame of more data than any window");
    }
    if (stream != null) {
      stream.expect(length);
    }
    for (int left = length; left > 0; ) {
      if (!channel.fill()) {
        throw new Libp2pException("yamux: the connection ended within a frame");
      }
      int piece = Math.min(left, channel.available());
      if (stream != null) {
        stream.receive(channel, piece, scratch);
      } else {
        // The stream ended here while the frame was on its way.
        piece = Math.min(piece, scratch.length);
        channel.read(scratch, 0, piece);
      }
      left -= piece;
      // At each piece: a frame may be as long as a window, of which each stream has one.
      if (!budget.awaitRoom(MAX_STALL_MILLIS) && budget.heldBytes() > Yamux.INITIAL_WINDOW_BYTES) {
        throw new Libp2pException("yamux: nobody read what the peer sent");
      }
    }
  }

  private void ping(int flags, int value) throws Libp2pException {
    if ((flags & Yamux.ACK) != 0) {
      pongMissing = false;
    } else if (pings.incrementAndGet() > MAX_PINGS) {
      throw new Libp2pException("yamux: too many pings");
    } else {
      sendControl(Yamux.header(Yamux.PING, Yamux.ACK, 0, value));
    }
  }

  /** Writes a frame on the calling thread. */
  void send(byte[] frame) throws IOException {
    send(frame, frame, 0, 0);
  }

  /** Writes a frame with data on the calling thread. */
  void send(byte[] header, byte[] from, int offset, int length) throws IOException {
    writeLock.lock();
    try {
      if (closed.get()) {
        throw new Libp2pException("yamux: the connection is closed: " + closeReason);
      }
      channel.write(header, from, offset, length);
    } catch (IOException e) {
      close("the connection failed: " + e.getMessage());
      throw e;
    } finally {
      writeLock.unlock();
    }
  }

  /** Has a frame written by another thread; a peer that lets them pile up is cut off. */
  void sendControl(byte[] frame) {
    if (!answers.offer(frame)) {
      close("the peer reads no answers");
    }
  }

  private void answer() {
    try {
      long nextKeepAlive = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KEEP_ALIVE_MILLIS);
      while (!closed.get()) {
        byte[] frame = answers.poll(nextKeepAlive - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (frame == null) {
          nextKeepAlive = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KEEP_ALIVE_MILLIS);
          frame = keepAlive();
        }
        // A write that hangs holds the lock: the peer reads nothing, and closing the socket frees
        // everyone.
        if (!writeLock.tryLock(MAX_WRITE_MILLIS, TimeUnit.MILLISECONDS)) {
          close("the peer reads nothing");
          return;
        }
        try {
          channel.write(frame);
        } finally {
          writeLock.unlock();
        }
      }
    } catch (IOException e) {
      close("the connection failed: " + e.getMessage());
    } catch (InterruptedException e) {
      // The session has ended; this thread with it.
    }
  }

  private byte[] keepAlive() {
    if (pongMissing) {
      close("the peer answered no keep-alive");
    }
    pongMissing = true;
    pings.set(0);
    for (YamuxStream stream : streams.values()) {
      if (stream.lingers()) {
        stream.reset();
      }
    }
    return Yamux.header(Yamux.PING, Yamux.SYN, 0, 0);
  }

  /** The stream is over on both sides. */
  void ended(YamuxStream stream) {
    if (streams.remove(stream.id(), stream)) {
      lastStreamNanos = System.nanoTime();
      boolean inbound = ((stream.id() & 1) == 0) == dialer;
      if (inbound) {
        inboundStreams.decrementAndGet();
      }
    }
  }

  /** Ends the session and all its streams; the peer is told when it can be told without waiting. */
  @Override
  public void close() {
    close("it was closed here");
  }

  private void close(String reason) {
    close(reason, Yamux.GO_AWAY_NORMAL);
  }

  private void close(String reason, int goAwayCode) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    closeReason = reason;
    Thread farewell = Thread.ofVirtual().name("yamux-farewell").start(() -> goAway(goAwayCode));
    try {
      farewell.join(MAX_FAREWELL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closeTransport.run();
    failAll();
  }

  private void goAway(int code) {
    if (writeLock.tryLock()) {
      try {
        byte[] frame = Yamux.header(Yamux.GO_AWAY, 0, 0, code);
        channel.write(frame);
      } catch (IOException e) {
        // It is gone already, which is what closing is to bring about.
      } finally {
        writeLock.unlock();
      }
    }
  }

  private void failAll() {
    Libp2pException cause = new Libp2pException("yamux: the connection ended: " + closeReason);
    for (YamuxStream stream : List.copyOf(streams.values())) {
      stream.fail(cause);
      ended(stream);
    }
  }

  @Override
  public String toString() {
    return "yamux session with " + channel.peer();
  }
}
