package spegel.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import spegel.kad.KadOptions;

/**
 * The heap that a node needs for 100 peers that are connected and idle: the node alone in this
 * process, with the options that it ships with; the peers in another.
 */
final class IdlePeers {
  private static final int PEERS = 100;
  private static final int COLLECTIONS = 5;

  /** Long enough for streams that nobody uses to be closed, on both sides. */
  private static final Duration SETTLING = Duration.ofSeconds(75);

  private static final double MIB = 1024 * 1024;

  private IdlePeers() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      connect(Integer.parseInt(args[0]));
    } else {
      measure();
    }
  }

  private static void measure() throws IOException, InterruptedException {
    Result result = new Result();
    try (LocalNetwork network = new LocalNetwork(KadOptions.DEFAULT)) {
      network.join(1);
      LocalNetwork.Node node = network.nodes().getFirst();
      double[] before = heap();
      String port = String.valueOf(node.host().listenAddress().getPort());
      Process peers = Child.start(List.of(), List.of("-Xmx2g", "-Xmn512m"), IdlePeers.class, port);
      try (BufferedReader said = Child.output(peers)) {
        said.readLine();
        LocalNetwork.await("all are connected", () -> node.host().peers().size() == PEERS);
        double[] busy = heap();
        Thread.sleep(SETTLING);
        double[] after = heap();
        if (node.host().peers().size() != PEERS) {
          throw new IllegalStateException(node.host().peers().size() + " peers are left");
        }
        result.atMost(12, "peers: heap of 100 idle peers", "MiB", difference(after, before));
        result.report("peers: just after they came", "MiB", difference(busy, before));
        result.report("peers: heap of a node without peers", "MiB", before);
      } finally {
        peers.destroy();
        peers.waitFor();
      }
    }
    result.remark(
        "Heap after a collection; peers that form a network of their own with the node, connected"
            + " for "
            + SETTLING.toSeconds()
            + " s.");
    result.print();
  }

  private static double[] heap() {
    double[] mebibytes = new double[COLLECTIONS];
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      mebibytes[i] = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB;
    }
    return mebibytes;
  }

  private static double[] difference(double[] after, double[] before) {
    double[] differences = new double[after.length];
    for (int i = 0; i < after.length; i++) {
      differences[i] = after[i] - before[i];
    }
    return differences;
  }

  /** Has so many peers connect to the node at the port, and holds them there. */
  private static void connect(int port) throws IOException, InterruptedException {
    InetSocketAddress node =
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 1, 1}), port);
    try (LocalNetwork network = new LocalNetwork(KadOptions.DEFAULT)) {
      for (int i = 0; i < PEERS; i++) {
        network.join().host().connect(node);
      }
      System.out.println("connected");
      Thread.sleep(Duration.ofMinutes(3)); // A bound, should the other process die.
    }
  }
}
