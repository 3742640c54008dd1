package spegel.e2e.interop;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import spegel.libp2p.Stream;
import spegel.libp2p.host.Host;

/**
 * The protocols of the tests as our host serves them; {@code interop/README.md} says what each
 * does.
 */
final class ServedProtocols {
  static final String ECHO = "/interop/echo/1.0.0";
  static final String SINK = "/interop/sink/1.0.0";
  static final String SOURCE = "/interop/source/1.0.0";
  static final String HOLD = "/interop/hold/1.0.0";
  static final String RESET = "/interop/reset/1.0.0";

  static final int CHUNK_BYTES = 64 << 10;
  static final int DIGEST_BYTES = 32;

  private static final Duration STREAM_WITHIN = Duration.ofSeconds(60);
  private static final long MAX_SOURCE_BYTES = 1L << 30;

  private final Gate gate = new Gate();
  private final AtomicLong sinkPauseNanos = new AtomicLong();
  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicLong receivedBytes = new AtomicLong();
  private final List<String> endings = new CopyOnWriteArrayList<>();

  private ServedProtocols() {}

  /** Serves them on the host from now on. */
  static ServedProtocols on(Host host) {
    ServedProtocols served = new ServedProtocols();
    host.handle(ECHO, stream -> inTime(stream).input().transferTo(stream.output()));
    host.handle(SINK, stream -> served.sink(inTime(stream)));
    host.handle(SOURCE, stream -> served.source(inTime(stream)));
    host.handle(HOLD, stream -> served.hold(inTime(stream)));
    host.handle(RESET, stream -> reset(inTime(stream)));
    return served;
  }

  private static Stream inTime(Stream stream) {
    stream.deadline(STREAM_WITHIN);
    return stream;
  }

  /** Lets sinks read, or holds them back. */
  Gate gate() {
    return gate;
  }

  /** From now on sinks wait so long after each read. */
  void sinkPause(Duration pause) {
    sinkPauseNanos.set(pause.toNanos());
  }

  /** Bytes that sources have written. */
  long sentBytes() {
    return sentBytes.get();
  }

  /** Bytes that sinks have read. */
  long receivedBytes() {
    return receivedBytes.get();
  }

  /** How streams of the protocol hold have ended, in order. */
  List<String> endings() {
    return List.copyOf(endings);
  }

  private void sink(Stream stream) throws IOException {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    while (true) {
      gate.pass();
      LockSupport.parkNanos(sinkPauseNanos.get());
      int count = stream.input().read(chunk);
      if (count < 0) {
        stream.output().write(digest.digest());
        return;
      }
      receivedBytes.addAndGet(count);
      digest.update(chunk, 0, count);
    }
  }

  private void source(Stream stream) throws IOException {
    long bytes = new DataInputStream(stream.input()).readLong();
    if (bytes < 0 || bytes > MAX_SOURCE_BYTES) {
      throw new IOException(bytes + " bytes asked for");
    }
    stream.output().write(writeRandom(stream.output(), bytes, sentBytes));
  }

  private void hold(Stream stream) throws IOException {
    stream.output().write('+');
    try {
      stream.input().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      endings.add(isReset(e) ? "reset" : "error: " + e.getMessage());
      throw e;
    }
    endings.add("end");
    stream.output().write('.');
  }

  private static void reset(Stream stream) throws IOException {
    stream.input().read();
    throw new IOException("to be reset");
  }

  /** Whether the peer has ended the stream by a reset. */
  static boolean isReset(IOException failure) {
    return String.valueOf(failure.getMessage()).contains("the peer reset the stream");
  }

  /** Sends so many random bytes, counting them as they go, and gives their SHA-256. */
  static byte[] writeRandom(OutputStream to, long bytes, AtomicLong counter) throws IOException {
    Random random = new Random(bytes);
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    for (long left = bytes; left > 0; ) {
      int count = (int) Math.min(left, CHUNK_BYTES);
      random.nextBytes(chunk);
      digest.update(chunk, 0, count);
      to.write(chunk, 0, count);
      counter.addAndGet(count);
      left -= count;
    }
    return digest.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
