package spegel.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.HostOptions;

/**
 * How fast one stream of Noise and yamux is, and how soon a small request on a fresh stream is
 * answered: two processes, each held to a core of its own, with the options that this one was
 * started with.
 */
final class StreamThroughput {
  private static final String SINK = "/bench/sink/1";
  private static final String ECHO = "/bench/echo/1";
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int MESSAGE_BYTES = 100;
  private static final int SAMPLES = 7;
  private static final int MESSAGES = 5_000;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration SAMPLE = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final double MIB = 1024 * 1024;

  private StreamThroughput() {}

  public static void main(String[] args) throws Exception {
    switch (args.length == 0 ? "" : args[0]) {
      case "receive" -> receive();
      case "send" -> send(Integer.parseInt(args[1]), ProcessHandle.of(Long.parseLong(args[2])));
      default -> runBoth();
    }
  }

  private static void runBoth() throws IOException, InterruptedException {
    Process receiver = start(1, "receive");
    try (BufferedReader said = Child.output(receiver)) {
      String port = String.valueOf(said.readLine());
      Process sender = start(0, "send", port, String.valueOf(receiver.pid()));
      try (BufferedReader result = Child.output(sender)) {
        System.out.println(result.readLine());
      } finally {
        sender.destroy();
      }
    } finally {
      receiver.destroy();
      receiver.waitFor();
    }
  }

  private static Process start(int core, String... arguments) throws IOException {
    return Child.start(
        List.of("taskset", "-c", String.valueOf(core)),
        List.of(),
        StreamThroughput.class,
        arguments);
  }

  private static Host startHost() throws IOException {
    return Host.start(
        HostOptions.of(
            Identity.generate(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  /** Serves until it is stopped. */
  private static void receive() throws IOException, InterruptedException {
    Host host = startHost();
    host.handle(SINK, StreamThroughput::count);
    host.handle(ECHO, stream -> stream.input().transferTo(stream.output()));
    System.out.println(host.listenAddress().getPort());
    Thread.sleep(Duration.ofMinutes(5)); // A bound, should the sender die.
    host.close();
  }

  /** Reads to the end and answers how much it was. */
  private static void count(Stream stream) throws IOException {
    stream.deadline(DEADLINE);
    byte[] piece = new byte[PIECE_BYTES];
    long total = 0;
    for (int count; (count = stream.input().read(piece)) >= 0; ) {
      total += count;
    }
    stream.output().write(ByteBuffer.allocate(Long.BYTES).putLong(total).array());
  }

  private static void send(int port, Optional<ProcessHandle> receiver) throws IOException {
    Result result = new Result();
    try (Host host = startHost()) {
      PeerId peer = host.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      stream(host, peer, WARM_UP);
      double[] rates = new double[SAMPLES];
      double[] sending = new double[SAMPLES];
      double[] receiving = new double[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        double sentBefore = Child.cpuSeconds(ProcessHandle.current());
        double receivedBefore = Child.cpuSeconds(receiver.orElseThrow());
        long begin = System.nanoTime();
        double mebibytes = stream(host, peer, SAMPLE) / MIB;
        rates[i] = mebibytes / (System.nanoTime() - begin) * 1e9;
        double gibibytes = mebibytes / 1024;
        sending[i] = (Child.cpuSeconds(ProcessHandle.current()) - sentBefore) / gibibytes;
        receiving[i] = (Child.cpuSeconds(receiver.orElseThrow()) - receivedBefore) / gibibytes;
      }
      result.atLeast(150, "stream: one stream, a core for each side", "MiB/s", rates);
      result.report("stream: CPU of the sender", "s/GiB", sending);
      result.report("stream: CPU of the receiver", "s/GiB", receiving);
      messages(host, peer);
      double[] micros = messages(host, peer);
      result.report(
          "stream: 100 bytes and their echo on a fresh stream, p50",
          "µs",
          Result.quantile(micros, 0.5));
      result.report(
          "stream: 100 bytes and their echo on a fresh stream, p99",
          "µs",
          Result.quantile(micros, 0.99));
    }
    result.remark(
        "Two processes on loopback, each held to one core with all its threads, the compiler's and"
            + " the collector's too.");
    result.print();
  }

  /** Writes for so long; gives how many bytes the other side has read. */
  private static long stream(Host host, PeerId peer, Duration howLong) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    Arrays.fill(piece, (byte) 7);
    try (Stream stream = host.open(peer, SINK)) {
      stream.deadline(DEADLINE);
      long end = System.nanoTime() + howLong.toNanos();
      while (System.nanoTime() < end) {
        stream.output().write(piece);
      }
      stream.output().close();
      return ByteBuffer.wrap(stream.input().readNBytes(Long.BYTES)).getLong();
    }
  }

  private static double[] messages(Host host, PeerId peer) throws IOException {
    byte[] message = new byte[MESSAGE_BYTES];
    double[] micros = new double[MESSAGES];
    for (int i = 0; i < MESSAGES; i++) {
      long begin = System.nanoTime();
      try (Stream stream = host.open(peer, ECHO)) {
        stream.deadline(DEADLINE);
        stream.output().write(message);
        stream.output().close();
        if (stream.input().readNBytes(MESSAGE_BYTES + 1).length != MESSAGE_BYTES) {
          throw new IOException("the echo differs");
        }
      }
      micros[i] = (System.nanoTime() - begin) / 1e3;
    }
    return micros;
  }
}
