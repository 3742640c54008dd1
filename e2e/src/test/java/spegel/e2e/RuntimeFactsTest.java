package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.tagged;

import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.SpegelNode;

/** What keeps a mirror from working is said at the start, with what to change. */
@ExtendWith(FailureLogs.class)
class RuntimeFactsTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @ParameterizedTest
  @EnumSource
  void contentPath_isNamedBesideTheRightOne_whenItIsAnotherContainerds(ContainerdVersion version) {
    OciImage image = ImageBuilder.oci(91).gzipLayer(1_000).build();
    try (DockerRegistry upstream = DockerRegistry.start();
        Containerd other = Containerd.start(version);
        Containerd containerd = Containerd.start(version)) {
      upstream.push(image, "team/app", "1");
      containerd.reach("upstream.test", upstream.url());
      containerd.pull("upstream.test/team/app:1").orFail();
      try (SpegelNode node =
          SpegelNode.beside(containerd)
              .flags("--containerd-content-path", other.contentPath().toString())
              .launch()) {
        Await.until(
            "an error that names both paths",
            SOON,
            () ->
                node.log().stream()
                    .anyMatch(
                        line ->
                            line.level().equals("ERROR")
                                && line.toString().contains(other.contentPath().toString())
                                && line.toString().contains(containerd.contentPath().toString())));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void contentPath_isAskedOfContainerd_whenItIsEmpty(ContainerdVersion version) {
    OciImage image = ImageBuilder.oci(90).gzipLayer(1_000).build();
    try (DockerRegistry upstream = DockerRegistry.start();
        Containerd containerd = Containerd.start(version)) {
      upstream.push(image, "team/app", "1");
      containerd.reach("upstream.test", upstream.url());
      containerd.pull("upstream.test/team/app:1").orFail();
      try (SpegelNode node =
          SpegelNode.beside(containerd).flags("--containerd-content-path=").start()) {
        Await.until(
            "the tag is served",
            SOON,
            () -> node.registry().head(tagged("team/app", "1")).statusCode() == 200);
        assertServed(node.registry(), image.root().path("team/app"), image.root());
        assertServed(node.registry(), image.largestBlob().path("team/app"), image.largestBlob());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void discardedLayers_areWarnedOf_whenContainerdIsConfiguredSo(ContainerdVersion version) {
    try (Containerd containerd =
            Containerd.of(version).runtimeInterface().discardUnpackedLayers().start();
        SpegelNode node = SpegelNode.beside(containerd).start()) {
      Await.until(
          "warnings that say what to change",
          SOON,
          () -> warns(node, "discard_unpacked_layers") && warns(node, "config_path"));
      assertEquals(200, node.registry().get("/readyz").statusCode());
    }
  }

  private static boolean warns(SpegelNode node, String setting) {
    return node.log().stream()
        .anyMatch(line -> line.level().equals("WARN") && line.toString().contains(setting));
  }
}
