package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.OciImage;

/** The parts that the other tests stand on do what they say, without our program. */
@ExtendWith(FailureLogs.class)
@ParameterizedClass
@EnumSource
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HarnessTest {
  @Parameter private ContainerdVersion version = ContainerdVersion.V2;
  private DockerRegistry upstream;
  private Containerd containerd;

  @BeforeParameterizedClassInvocation
  void start() {
    upstream = DockerRegistry.start();
    containerd = Containerd.start(version);
    containerd.reach("upstream.test", upstream.url());
  }

  @AfterParameterizedClassInvocation
  void stop() {
    containerd.close();
    upstream.close();
  }

  @Test
  void pull_unpacksEveryKindOfImage_whenTheUpstreamHasIt() throws IOException {
    OciImage oci = ImageBuilder.oci(1).gzipLayer(100_000).zstdLayer(50_000).plainLayer(10).build();
    OciImage docker = ImageBuilder.docker(2).gzipLayer(10_000).build();
    OciImage list =
        ImageBuilder.multiPlatform(docker, ImageBuilder.docker(3).architecture("s390x").build());
    for (OciImage image : List.of(oci, docker, list)) {
      upstream.push(image, "team/app", "1");
      containerd.pull("upstream.test/team/app:1").orFail();
      assertArrayEquals(image.root().bytes(), Files.readAllBytes(containerd.file(image.digest())));
    }
    assertTrue(containerd.contents().contains(list.digest()));
  }

  @Test
  void fetch_storesAnArtifact_whenItHasNoLayers() {
    OciImage artifact = ImageBuilder.artifact(4);
    upstream.push(artifact, "team/artifact", "1");
    containerd.fetch("upstream.test/team/artifact:1").orFail();
    assertTrue(
        containerd
            .contents()
            .containsAll(
                artifact.contents().stream().map(Content::digest).collect(Collectors.toSet())));
  }

  @Test
  void removeImage_collectsItsContent_always() {
    OciImage image = ImageBuilder.oci(5).gzipLayer(1_000).build();
    upstream.push(image, "team/removed", "1");
    containerd.pull("upstream.test/team/removed:1").orFail();
    containerd.removeImage("upstream.test/team/removed:1");
    assertFalse(Files.exists(containerd.file(image.digest())));
  }

  @Test
  void restart_keepsContent_whenItWasKilled() {
    OciImage image = ImageBuilder.oci(6).gzipLayer(1_000).build();
    upstream.push(image, "team/kept", "1");
    containerd.pull("upstream.test/team/kept:1").orFail();
    containerd.kill();
    containerd.restart();
    assertTrue(containerd.contents().contains(image.digest()));
  }

  @Test
  void namespace_reachesTheTestsButNoFurther_always() {
    try (NetworkNamespace first = NetworkNamespace.create();
        NetworkNamespace second = NetworkNamespace.create()) {
      assertEquals(1, Command.run(first.wrap(List.of("ip", "route"))).orFail().lines().size());
      List<String> curl = new ArrayList<>(List.of("curl", "-sS", "--connect-timeout", "2"));
      curl.add("http://" + second.address() + ":1/");
      // 7 is a refusal: the other one is reachable, and nothing listens there; 28 a time-out.
      assertEquals(7, Command.run(first.wrap(curl)).exitCode());
    }
  }

  @Test
  void version_isTheOneAskedFor_always() {
    String version = containerd.ctr("version").orFail().output();
    assertEquals(this.version == ContainerdVersion.V2, version.contains("2.4.2"), version);
  }
}
