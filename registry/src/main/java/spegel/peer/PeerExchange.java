package spegel.peer;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request, until the head of its answer is there. Lives on the lane's loop, where it is also
 * decided whether the answer or the end of the wait came first.
 */
final class PeerExchange implements ConnectRace.Listener {
  /** A SYN that is lost on a full link is sent again after a second (RFC 6298). */
  private static final Duration CONNECT_AT_WORK = Duration.ofMillis(1_500);

  private static final int READ_BYTES = 4 * 1024;
  private static final int SWITCHING_PROTOCOLS = 101;

  private final Lane lane;
  private final PeerRequest request;
  private final CompletableFuture<PeerResponse> result = new CompletableFuture<>();
  private final Runnable start = this::start;
  private ByteBuffer unsent = ByteBuffer.allocate(0);
  private byte[] received = new byte[READ_BYTES];
  private int receivedBytes;
  private int headStart;
  private int searchedBytes;
  private @Nullable ConnectRace race;

  /** Whether the race is there to tell whether the peer still is. */
  private boolean doubting;

  private @Nullable PeerConnection connection;
  private boolean reused;
  private volatile String stage = "was not asked";

  PeerExchange(Lane lane, PeerRequest request) {
    this.lane = lane;
    this.request = request;
  }

  CompletableFuture<PeerResponse> result() {
    return result;
  }

  /** For a message: what the peer has not done yet. */
  String stage() {
    return stage;
  }

  void start() {
    if (result.isDone()) {
      // It was told of room that it does not need any more.
      lane.connections().wakeNext();
      return;
    }
    Optional<PeerConnection> idle = lane.connections().take(request.addresses());
    if (idle.isPresent()) {
      reused = true;
      use(idle.get());
    } else if (lane.connections().hasRoom()) {
      connect();
    } else {
      await();
    }
  }

  private void await() {
    stage = "found no free connection";
    try {
      lane.connections().whenRoom(start);
    } catch (IOException e) {
      result.completeExceptionally(e);
    }
  }

  private void connect() {
    stage = "did not connect";
    reused = false;
    endRace();
    startRace(this);
  }

  private void endRace() {
    ConnectRace current = race;
    race = null;
    if (current != null) {
      current.cancel();
    }
    if (doubting) {
      doubting = false;
      lane.endDoubt();
    }
  }

  private void startRace(ConnectRace.Listener listener) {
    ConnectRace next =
        new ConnectRace(
            lane.loop(),
            lane.connections(),
            request.atWork() ? CONNECT_AT_WORK : lane.options().connectTimeout(),
            request.addresses(),
            listener);
    race = next;
    next.start();
  }

  /**
   * The peer has been silent for a while. On a connection of before that may mean that its node is
   * gone, and nobody would say so: whether it takes a new connection tells. Of one that is sending
   * us something there is no doubt.
   */
  void doubt() {
    PeerConnection silent = connection;
    if (silent == null || !reused || receivedBytes > 0 || request.atWork()) {
      return;
    }
    if (lane.connections().hasRoom() && lane.beginDoubt()) {
      doubting = true;
      startRace(new Doubt(silent));
    }
  }

  private final class Doubt implements ConnectRace.Listener {
    private final PeerConnection silent;

    Doubt(PeerConnection silent) {
      this.silent = silent;
    }

    @Override
    public void connected(PeerConnection winner) {
      endRace();
      winner.giveBack();
    }

    @Override
    public void failed(IOException cause) {
      endRace();
      if (connection == silent && receivedBytes == 0) {
        closeConnection();
        result.completeExceptionally(cause);
      }
    }
  }

  @Override
  public void connected(PeerConnection winner) {
    race = null;
    use(winner);
  }

  @Override
  public void failed(IOException cause) {
    race = null;
    result.completeExceptionally(cause);
  }

  /** Ends it; an answer that nobody waits for any more is closed. */
  void abandon() {
    if (!result.completeExceptionally(new IOException("nobody waits for the answer"))) {
      if (!result.isCompletedExceptionally()) {
        result.join().close();
      }
      return;
    }
    lane.connections().forget(start);
    endRace();
    closeConnection();
  }

  private void closeConnection() {
    PeerConnection current = connection;
    connection = null;
    if (current != null) {
      current.close();
    }
  }

  private void use(PeerConnection chosen) {
    stage = "did not answer";
    connection = chosen;
    receivedBytes = 0;
    headStart = 0;
    searchedBytes = 0;
    unsent = ByteBuffer.wrap(head(chosen));
    chosen.socket().onReady(() -> goOn(chosen));
    goOn(chosen);
  }

  private byte[] head(PeerConnection chosen) {
    String text =
        "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
            .formatted(
                request.method(),
                request.target(),
                PeerAddresses.text(chosen.address()),
                request.fields());
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void goOn(PeerConnection current) {
    if (current != connection) {
      return;
    }
    try {
      if (send(current)) {
        receive(current);
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(IOException cause) {
    boolean again = reused && receivedBytes == 0;
    closeConnection();
    if (again) {
      connect();
    } else {
      result.completeExceptionally(cause);
    }
  }

  /** Returns whether the whole request is with the network. */
  private boolean send(PeerConnection current) throws IOException {
    while (unsent.hasRemaining()) {
      ByteBuffer scratch = lane.scratch();
      int bytes = Math.min(unsent.remaining(), scratch.remaining());
      scratch.put(unsent.slice(unsent.position(), bytes)).flip();
      int sent = current.socket().write(scratch);
      if (sent == 0) {
        return false;
      }
      unsent.position(unsent.position() + sent);
    }
    return true;
  }

  private void receive(PeerConnection current) throws IOException {
    while (true) {
      // Little more than the head is read here: the body is moved by other means.
      ByteBuffer scratch = lane.scratch().limit(READ_BYTES);
      int bytes = current.socket().read(scratch);
      if (bytes == 0) {
        return;
      }
      if (bytes < 0) {
        throw new EOFException("the peer ended the connection before it answered");
      }
      received =
          receivedBytes + bytes > received.length
              ? Arrays.copyOf(received, receivedBytes + READ_BYTES)
              : received;
      scratch.flip().get(received, receivedBytes, bytes);
      receivedBytes += bytes;
      if (parse(current)) {
        return;
      }
      if (receivedBytes > ResponseHead.MAX_BYTES) {
        throw new IOException(
            "an answer whose head is longer than " + ResponseHead.MAX_BYTES + " bytes");
      }
    }
  }

  /** Returns whether the answer's head was complete; there may be interim ones before. */
  private boolean parse(PeerConnection current) throws IOException {
    while (true) {
      int end = ResponseHead.end(received, Math.max(headStart, searchedBytes - 3), receivedBytes);
      searchedBytes = receivedBytes;
      if (end < 0) {
        return false;
      }
      ResponseHead head = ResponseHead.parse(received, headStart, end, isHead());
      if (head.status() == SWITCHING_PROTOCOLS) {
        throw new IOException("a peer that speaks another protocol unasked");
      }
      if (!head.isInterim()) {
        answered(current, head, end);
        return true;
      }
      headStart = end;
      searchedBytes = end;
    }
  }

  private boolean isHead() {
    return request.method().equals("HEAD");
  }

  private void answered(PeerConnection current, ResponseHead head, int end) {
    long length = head.bodyLength(isHead());
    int ahead = receivedBytes - end;
    int ofBody = (int) Math.min(ahead, length);
    connection = null;
    current.socket().onReady(() -> {});
    PeerBody body =
        new PeerBody(
            current,
            ByteBuffer.wrap(received, end, ofBody).slice(),
            length - ofBody,
            head.keepAlive() && ofBody == ahead);
    result.complete(new PeerResponse(lane, current.address(), head, body));
  }
}
