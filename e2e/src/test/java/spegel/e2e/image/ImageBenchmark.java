package spegel.e2e.image;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.LargeImage;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.ProcessMemory;
import spegel.e2e.harness.Report;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SpegelContainer;
import spegel.e2e.harness.SpegelImage;
import spegel.e2e.harness.SpegelNode;

/**
 * What {@code bench/run image} reports: how soon the program in its image is ready, what memory it
 * holds, and what it does with little of it. It holds nothing against a bound, and no run of the
 * tests includes it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageBenchmark {
  /** Where the image has the program. */
  private static final String HOME = "/usr/lib/spegel/";

  /** As the launcher sets it. */
  private static final String ARENAS = "MALLOC_ARENA_MAX=1";

  private static final int STARTS = 9;
  private static final int IDLE_ROUNDS = 3;

  /** Longer than the interval at which the JVM trims its native heap. */
  private static final Duration SETTLING = Duration.ofSeconds(12);

  private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(20);
  private static final long POLL_NANOS = 1_000_000;
  private static final int LARGE_LAYERS = 20;

  /** From the most that is tried to the least, in MiB. */
  private static final int[] REGISTRY_LIMITS = {112, 104, 96, 88, 80, 72};

  private static final int[] COMMAND_LIMITS = {48, 40, 32, 28, 24, 20};

  private NetworkNamespace network;
  private Containerd containerd;
  private Path root;
  private LargeImage image;
  private SpegelNode peer;

  @BeforeAll
  void start() {
    network = NetworkNamespace.create();
    containerd = Containerd.start(ContainerdVersion.V2);
    root = SpegelImage.shared().mountedBy(containerd);
    image = LargeImage.write(RunFolder.current().newFolder("large"), LARGE_LAYERS);
    peer = Neighbour.start(image);
  }

  @AfterAll
  void stop() {
    peer.close();
    containerd.close();
    network.close();
  }

  @Test
  @Timeout(900)
  void image() {
    for (int i = 0; i <= STARTS; i++) {
      double ready = secondsToReady();
      if (i > 0) { // The first reads from the disk.
        new Report("ready").with("ready", ready).write();
      }
    }
    for (int i = 0; i < IDLE_ROUNDS; i++) {
      measureIdle();
    }
    measureLoad("mirrored", SpegelNode.beside(containerd), container());
    measureLoad("served", SpegelNode.overLayout(image.layout()), container().mount(image.layout()));
    measureLimits();
  }

  private SpegelContainer container() {
    return new SpegelContainer(root, network).mount(containerd);
  }

  private SpegelNode.Builder in(SpegelContainer container, SpegelNode.Builder node) {
    return Neighbour.joined(node.listen(network.address()).wrapped(container::command));
  }

  /** From the start of runc until the node answers that it is ready, which it is with a peer. */
  private double secondsToReady() {
    try (SpegelContainer container = container()) {
      long began = System.nanoTime();
      try (SpegelNode node = in(container, SpegelNode.beside(containerd)).launch()) {
        while (!node.ready()) {
          LockSupport.parkNanos(POLL_NANOS);
        }
        return (System.nanoTime() - began) / 1e9;
      }
    }
  }

  private void measureIdle() {
    try (SpegelContainer container = container();
        SpegelNode node = in(container, SpegelNode.beside(containerd)).start()) {
      LockSupport.parkNanos(SETTLING.toNanos());
      ProcessMemory memory = ProcessMemory.of(container.pid());
      new Report("idle")
          .with("idle-resident", memory.residentKib())
          .with("idle-anonymous", memory.anonymousKib())
          .write();
      for (int i = 0; i < STARTS; i++) {
        long began = System.nanoTime();
        container.exec("version").orFail();
        new Report("command").with("command", (System.nanoTime() - began) / 1e6).write();
      }
      if (!node.ready()) {
        throw new AssertionError("not ready any more");
      }
    }
  }

  private void measureLoad(String how, SpegelNode.Builder builder, SpegelContainer in) {
    try (SpegelContainer container = in;
        SpegelNode node = in(container, builder).start()) {
      Neighbour.awaitFound(node, image);
      Load load = new Load(container, node, image);
      long began = System.nanoTime();
      load.run();
      double seconds = (System.nanoTime() - began) / 1e9;
      new Report(how)
          .with(how + "-seconds", seconds)
          .with(how + "-manifests", load.manifests())
          .with(how + "-misses", load.misses())
          .with(how + "-commands", load.commands())
          .with(how + "-peak", ProcessMemory.of(container.pid()).peakKib())
          .write();
    }
  }

  /** Tries less and less memory, until it does not do. */
  private void measureLimits() {
    for (int limit : REGISTRY_LIMITS) {
      if (!servesWithin(limit)) {
        break;
      }
      new Report("registry").with("registry-limit", limit).write();
    }
    for (int limit : COMMAND_LIMITS) {
      if (!configuresWithin(limit)) {
        break;
      }
      new Report("configuration").with("command-limit", limit).write();
    }
  }

  /** Whether a registry of such a limit, whatever the launcher says of it, outlives the load. */
  private boolean servesWithin(int limitMib) {
    try (SpegelContainer container = container().limitMib(limitMib).environment(ARENAS);
        SpegelNode node =
            Neighbour.joined(
                    SpegelNode.beside(containerd)
                        .listen(network.address())
                        .wrapped(
                            command ->
                                container.commandOf(
                                    java(
                                        command,
                                        "@" + HOME + "registry.options",
                                        "-Xmx" + limitMib * 3 / 8 + "m",
                                        "-XX:AOTCache=" + HOME + "spegel.aot"))))
                .start()) {
      Neighbour.awaitFound(node, image);
      new Load(container, node, image).run();
      return node.process().alive() && container.memoryKills() == 0;
    } catch (AssertionError | UncheckedIOException e) {
      System.out.println(limitMib + " MiB: " + e);
      return false;
    }
  }

  private boolean configuresWithin(int limitMib) {
    Path hosts = RunFolder.current().newFolder("certs.d");
    try (SpegelContainer container =
        new SpegelContainer(root, network)
            .limitMib(limitMib)
            .environment(ARENAS)
            .mountWritable(hosts)) {
      List<String> command =
          List.of(
              "spegel",
              "configuration",
              "--containerd-registry-config-path=" + hosts,
              "--mirror-targets=http://127.0.0.1:30020");
      return Command.run(
                  GIVEN_UP_AFTER,
                  container.commandOf(java(command, "@" + HOME + "command.options")))
              .exitCode()
          == 0;
    } catch (AssertionError e) {
      System.out.println(limitMib + " MiB: " + e);
      return false;
    }
  }

  /** What the launcher becomes, with the options of one command. */
  private static List<String> java(List<String> command, String... options) {
    List<String> java =
        new ArrayList<>(List.of(HOME + "runtime/bin/java", "@" + HOME + "common.options"));
    java.addAll(List.of(options));
    java.addAll(List.of("@" + HOME + "image.options", "-jar", HOME + "spegel.jar"));
    java.addAll(command.subList(1, command.size()));
    return java;
  }
}
