package spegel.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's answer: its head, and its body still with the connection. Closed by whoever holds it,
 * unless a {@link Relay} took it over; one whose body has been read to its end gives its connection
 * back.
 */
public final class PeerResponse implements AutoCloseable {
  /** A rest that is as short as this is read at the end, when it is there. */
  private static final int SHORT_BYTES = 16 * 1024;

  private static final Logger log = LoggerFactory.getLogger(PeerResponse.class);

  private final Lane lane;
  private final InetSocketAddress address;
  private final ResponseHead head;
  private final PeerBody body;

  /** Set by the one who closes it or takes it over. */
  private final AtomicBoolean released = new AtomicBoolean();

  PeerResponse(Lane lane, InetSocketAddress address, ResponseHead head, PeerBody body) {
    this.lane = lane;
    this.address = address;
    this.head = head;
    this.body = body;
  }

  /** Which of the request's addresses answered. */
  public InetSocketAddress address() {
    return address;
  }

  /** 200 to 599. */
  public int status() {
    return head.status();
  }

  /** The first value of the field of this name, which is compared without case. */
  public Optional<String> header(String name) {
    return head.field(name);
  }

  /**
   * Bytes of the body, or for HEAD of the body that GET would have. An answer without a length, or
   * with a transfer coding, is refused before it becomes a PeerResponse; but for HEAD, a failure
   * without a length has 0.
   */
  public long contentLength() {
    return head.contentLength();
  }

  /**
   * Reads more of the body into the buffer; waits until there is some.
   *
   * @return bytes read; -1 at the end of the body
   * @throws IOException when the peer ends it early, or no byte comes in time
   */
  public int read(ByteBuffer into, Duration timeout) throws IOException, InterruptedException {
    if (released.get()) {
      throw new IOException("the answer is closed");
    }
    if (!into.hasRemaining()) {
      return 0;
    }
    ByteBuffer ahead = body.ahead();
    if (ahead.hasRemaining()) {
      int bytes = Math.min(ahead.remaining(), into.remaining());
      into.put(ahead.slice(ahead.position(), bytes));
      ahead.position(ahead.position() + bytes);
      return bytes;
    }
    if (!body.isConnected()) {
      return -1;
    }
    String peer = PeerAddresses.text(address);
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    int maxBytes = into.remaining();
    lane.execute(peer, () -> receive(result, maxBytes));
    // Copied by the reader: the loop never sees a buffer that its owner may have taken back.
    byte[] piece =
        lane.await(peer, result, timeout, () -> "no byte" + Lane.within(timeout), this::abandon);
    into.put(piece);
    return piece.length;
  }

  private void abandon() {
    released.set(true);
    body.close();
  }

  private void receive(CompletableFuture<byte[]> piece, int maxBytes) {
    try {
      LoopSocket socket = body.socket();
      ByteBuffer scratch = lane.scratch();
      scratch.limit(Math.min(maxBytes, scratch.capacity()));
      // What hints at the socket from now on is the pool's concern, when this read is the last.
      socket.onReady(() -> receive(piece, maxBytes));
      int bytes = body.read(scratch);
      if (bytes > 0) {
        if (body.isConnected()) {
          socket.onReady(() -> {});
        }
        byte[] copy = new byte[bytes];
        scratch.flip().get(copy);
        piece.complete(copy);
      }
    } catch (IOException e) {
      body.close();
      piece.completeExceptionally(e);
    }
  }

  /**
   * The body, for a relay, which closes it.
   *
   * @throws IllegalStateException when the answer is closed already
   */
  PeerBody takeBody() {
    if (!released.compareAndSet(false, true)) {
      throw new IllegalStateException("the answer is closed");
    }
    return body;
  }

  /** Gives the connection back when the body is at its end or short, else closes it. */
  @Override
  public void close() {
    if (released.compareAndSet(false, true) && body.isConnected()) {
      lane.executeUnlessClosed(this::finish);
    }
  }

  private void finish() {
    try {
      while (body.isConnected() && body.connectionBytes() <= SHORT_BYTES) {
        if (body.read(lane.scratch()) == 0) {
          break;
        }
      }
    } catch (IOException e) {
      log.atDebug().setCause(e).log("a rest that nobody wants has an early end");
    } finally {
      body.close();
    }
  }
}
