package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace of its own address, on a bridge that it shares with the tests and with the
 * other namespaces of the run. Nothing beyond the bridge can be reached from it: no default route,
 * so neither another network nor a name server.
 */
public final class NetworkNamespace implements AutoCloseable {
  /** 198.18.0.0/15 is set aside for tests of network equipment (RFC 2544). */
  private static final String SUBNET_PREFIX = "198.18.";

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final Object BRIDGE_LOCK = new Object();
  private static int subnet = -1;

  /** Of what waits for its turn on a link with a limit. */
  private static final int MIN_QUEUE_BYTES = 8 * 1514;

  private static final int MIN_BURST_BYTES = 1600;

  private final String name;
  private final String address;
  private final String link;

  private NetworkNamespace(String name, String address, String link) {
    this.name = name;
    this.address = address;
    this.link = link;
  }

  /** A new namespace; at most 250 in a run. */
  public static NetworkNamespace create() {
    int number = COUNTER.incrementAndGet();
    if (number > 250) {
      throw new AssertionError("too many network namespaces");
    }
    String subnet = subnetOfBridge();
    String address = subnet + (number + 1);
    String name = namespacePrefix(RunFolder.runId()) + number;
    String link = "spgv" + Long.toString(RunFolder.runId(), 36) + "n" + number;
    ip("netns", "add", name);
    ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("link", "set", link, "master", bridge(RunFolder.runId()), "up");
    ip("-n", name, "addr", "add", address + "/24", "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    ip("-n", name, "link", "set", "lo", "up");
    NetworkNamespace namespace = new NetworkNamespace(name, address, link);
    namespace.rememberNeighbours();
    return namespace;
  }

  /** The bridge's own address: where processes outside all namespaces are reached from within. */
  public static String outsideAddress() {
    return subnetOfBridge() + "1";
  }

  /** Its IPv4 address, reachable from the tests and from all other namespaces. */
  public String address() {
    return address;
  }

  /** The file that stands for it. */
  public Path file() {
    return Path.of("/run/netns", name);
  }

  /** The command, to be run within the namespace. The process id stays that of the command. */
  public List<String> wrap(List<String> command) {
    List<String> wrapped = new ArrayList<>(List.of("ip", "netns", "exec", name));
    wrapped.addAll(command);
    return wrapped;
  }

  /**
   * The command, to be run within the namespace and with all else as it is: {@link #wrap} mounts
   * another /sys, without control groups.
   */
  public List<String> enter(List<String> command) {
    List<String> wrapped = new ArrayList<>(List.of("nsenter", "--net=" + file()));
    wrapped.addAll(command);
    return wrapped;
  }

  /**
   * Lets what it sends pass at so many bytes a second and no faster; a tenth of a second's worth
   * waits for its turn, and more is dropped, as on a real link.
   */
  public void limit(long bytesPerSecond) {
    tc(
        "replace",
        "tbf",
        "rate",
        bytesPerSecond * 8 + "bit",
        "burst",
        Long.toString(Math.max(MIN_BURST_BYTES, bytesPerSecond / 100)),
        "limit",
        Long.toString(Math.max(MIN_QUEUE_BYTES, bytesPerSecond / 10)));
  }

  /** Ends {@link #limit}; nothing when there was none. */
  public void unlimited() {
    if (Command.run("ip", "-n", name, "link", "show", "eth0").orFail().output().contains("tbf")) {
      tc("del");
    }
  }

  /** Loses every packet to it and from it from now on, without a word to either side. */
  public void unplug() {
    ip("link", "set", link, "nomaster");
  }

  /** Ends {@link #unplug}. */
  public void plug() {
    ip("link", "set", link, "master", bridge(RunFolder.runId()));
  }

  /** Of all bytes that it has sent, whoever they were for. */
  public long sentBytes() {
    try {
      // What it has sent, the other end of its link has received.
      Path counter = Path.of("/sys/class/net", link, "statistics/rx_bytes");
      return Long.parseLong(Files.readString(counter).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void tc(String verb, String... kind) {
    List<String> command =
        new ArrayList<>(List.of("tc", "-n", name, "qdisc", verb, "dev", "eth0", "root"));
    command.addAll(List.of(kind));
    Command.run(command).orFail();
  }

  /**
   * A machine behind a router is lost without a word. On a bridge it would be missed after half a
   * minute, and whoever connects to it be told that there is no such host.
   */
  private void rememberNeighbours() {
    String file = "/proc/sys/net/ipv4/neigh/eth0/base_reachable_time_ms";
    Command.run(wrap(List.of("sh", "-c", "echo 3600000 > " + file))).orFail();
  }

  @Override
  public void close() {
    ip("netns", "del", name);
  }

  private static String subnetOfBridge() {
    synchronized (BRIDGE_LOCK) {
      if (subnet < 0) {
        subnet = createBridge();
      }
      return SUBNET_PREFIX + subnet + ".";
    }
  }

  private static int createBridge() {
    String bridge = bridge(RunFolder.runId());
    String taken = Command.run("ip", "-o", "-4", "addr").orFail().output();
    int candidate = (int) (RunFolder.runId() % 256);
    while (taken.contains(" " + SUBNET_PREFIX + candidate + ".")) {
      candidate = (candidate + 1) % 256;
    }
    ip("link", "add", bridge, "type", "bridge");
    ip("addr", "add", SUBNET_PREFIX + candidate + ".1/24", "dev", bridge);
    ip("link", "set", bridge, "up");
    return candidate;
  }

  /** Removes what a run has left. */
  static void removeAll(long runId) {
    for (String line : RunFolder.runQuietly("ip", "netns", "list")) {
      String name = line.split(" ", 2)[0];
      if (name.startsWith(namespacePrefix(runId))) {
        RunFolder.runQuietly("ip", "netns", "del", name);
      }
    }
    RunFolder.runQuietly("ip", "link", "del", bridge(runId));
  }

  private static String namespacePrefix(long runId) {
    return "spegel-e2e-" + runId + "-";
  }

  /** Names of links have at most 15 characters. */
  private static String bridge(long runId) {
    return "spgb" + Long.toString(runId, 36);
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Command.run(command).orFail();
  }
}
