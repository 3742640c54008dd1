package spegel.e2e.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.LargeImage;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.ProcessMemory;
import spegel.e2e.harness.Report;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SpegelContainer;
import spegel.e2e.harness.SpegelImage;
import spegel.e2e.harness.SpegelNode;

/** The image at work: imported into a containerd, run beside it with the chart's limits. */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageTest {
  private static final int LARGE_LAYERS = 20;
  private static final Duration ENDED_WITHIN = Duration.ofSeconds(20);
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(20);

  /** As deploy/image/launcher.c has them. */
  private static final int MIN_REGISTRY_MIB = 96;

  private static final int MIN_COMMAND_MIB = 32;

  private NetworkNamespace network;
  private Containerd containerd;
  private Path root;

  @BeforeAll
  @Timeout(600)
  void importImage() {
    network = NetworkNamespace.create();
    containerd = Containerd.start(ContainerdVersion.V2);
    root = SpegelImage.shared().mountedBy(containerd);
  }

  @AfterAll
  void stop() {
    if (containerd != null) {
      containerd.close();
    }
    network.close();
  }

  private SpegelContainer container() {
    return new SpegelContainer(root, network).mount(containerd);
  }

  private SpegelNode.Builder nodeIn(SpegelContainer container) {
    return SpegelNode.beside(containerd).listen(network.address()).wrapped(container::command);
  }

  @Test
  void registry_servesWhatContainerdHas_withItsCacheAndNativeLibrary() throws IOException {
    try (SpegelContainer container = container();
        SpegelNode node = nodeIn(container).start()) {
      String manifest =
          "/v2/spegel-jvm/spegel/manifests/%s?ns=ghcr.io".formatted(SpegelImage.shared().digest());
      Await.until(
          "its own manifest is served",
          FOUND_WITHIN,
          () -> node.registry().get(manifest).statusCode() == 200);

      Path process = Path.of("/proc", Long.toString(container.pid()));
      // Where it does not fit, the JVM goes on without, and nobody would know but by the time that
      // a start takes.
      String maps = Files.readString(process.resolve("maps"));
      assertTrue(maps.contains("/usr/lib/spegel/spegel.aot"), maps);
      assertTrue(maps.contains("/usr/lib/spegel/native/libnetty"), maps);
      assertEquals(List.of(), node.unstructuredLog());
    }
  }

  @Test
  void registry_endsInGoodOrder() {
    try (SpegelContainer container = container();
        SpegelNode node = nodeIn(container).start()) {
      node.process().terminate();
      assertEquals(0, node.process().awaitExit(ENDED_WITHIN));
    }
  }

  @Test
  void registry_keepsItsIdentity_whenItsContainerIsStartedAnew() {
    try (SpegelContainer container = container()) {
      String first;
      try (SpegelNode node = nodeIn(container).start()) {
        first = identity(node);
      }
      try (SpegelNode node = nodeIn(container).start()) {
        assertEquals(first, identity(node));
      }
    }
  }

  private static String identity(SpegelNode node) {
    return node.log().stream()
        .filter(line -> line.message().equals("router is running"))
        .map(line -> line.text("id"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(node.process().tail(4 << 10)));
  }

  @Test
  void registry_serves_withTheLeastMemory() {
    try (SpegelContainer container = container().limitMib(MIN_REGISTRY_MIB);
        SpegelNode node = nodeIn(container).start()) {
      assertEquals(200, node.registry().get("/v2/").statusCode());
      assertEquals(0, container.memoryKills());
    }
  }

  @Test
  void registry_isRefused_belowTheLeastMemory() {
    try (SpegelContainer container = container().limitMib(MIN_REGISTRY_MIB - 1);
        SpegelNode node = nodeIn(container).launch()) {
      assertEquals(1, node.process().awaitExit(ENDED_WITHIN));
      assertTrue(
          node.process()
              .tail(4 << 10)
              .contains(
                  "error: the container's memory limit is 95 MiB, and this command needs 96 MiB at least."),
          node.process().tail(4 << 10));
    }
  }

  @Test
  void configuration_isWritten_withTheLeastMemory() {
    Path hosts = RunFolder.current().newFolder("certs.d");
    try (SpegelContainer container =
        new SpegelContainer(root, network).limitMib(MIN_COMMAND_MIB).mountWritable(hosts)) {
      Command.run(
              container.command(
                  List.of(
                      "spegel",
                      "configuration",
                      "--containerd-registry-config-path=" + hosts,
                      "--mirror-targets=http://127.0.0.1:30020")))
          .orFail();
      assertTrue(Files.exists(hosts.resolve("_default/hosts.toml")));
    }
  }

  @Test
  @Timeout(180)
  void registry_isNotKilled_whileOthersPullTwentyLargeLayers_andCommandsRunBesideIt() {
    LargeImage image = LargeImage.write(RunFolder.current().newFolder("large"), LARGE_LAYERS);
    try (SpegelNode peer = Neighbour.start(image);
        SpegelContainer container = container();
        SpegelNode node = Neighbour.joined(nodeIn(container)).start()) {
      Neighbour.awaitFound(node, image);
      Load load = new Load(container, node, image);
      long began = System.nanoTime();
      load.run();
      assertEquals(0, container.memoryKills());
      ProcessMemory memory = ProcessMemory.of(container.pid());
      new Report("20 layers of 1 GiB through a mirror in the image")
          .with("seconds", (System.nanoTime() - began) / 1_000_000_000)
          .with("manifests", load.manifests())
          .with("misses", load.misses())
          .with("commands", load.commands())
          .with("resident", memory.residentKib())
          .with("peak", memory.peakKib())
          .write();
      assertTrue(load.commands() > 0 && load.manifests() > load.misses());
      assertTrue(node.ready() && peer.ready());
    }
  }
}
