package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
import spegel.e2e.harness.Spegel;
import spegel.e2e.harness.SpegelNode;

/**
 * A containerd in a network of its own, from which no registry can be reached, pulls whole images
 * from our server: the mirror configuration is the one that our own command writes.
 */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PullTest {
  private static final OciImage TAGGED =
      ImageBuilder.oci(20).gzipLayer(3_000_000).zstdLayer(200_000).plainLayer(1_000).build();
  private static final OciImage BY_DIGEST = ImageBuilder.docker(21).gzipLayer(50_000).build();
  private static final OciImage MULTI =
      ImageBuilder.multiPlatform(
          ImageBuilder.oci(22).gzipLayer(20_000).build(),
          ImageBuilder.oci(23).architecture("s390x").gzipLayer(20_000).build());

  private DockerRegistry upstream;

  @BeforeAll
  void start() {
    upstream = DockerRegistry.start();
    upstream.push(TAGGED, "team/app", "1");
    upstream.push(BY_DIGEST, "team/docker", "1");
    upstream.push(MULTI, "team/multi", "1");
  }

  @AfterAll
  void stop() {
    upstream.close();
  }

  @ParameterizedTest
  @CsvSource({"V2,V2", "V2,DISTRIBUTION", "DISTRIBUTION,V2", "DISTRIBUTION,DISTRIBUTION"})
  void pull_getsWholeImages_whenOurServerIsTheOnlyHost(
      ContainerdVersion serverVersion, ContainerdVersion clientVersion) throws IOException {
    try (Containerd source = Containerd.start(serverVersion)) {
      source.reach("upstream.test", upstream.url());
      source.pull("upstream.test/team/app:1").orFail();
      source.pull("upstream.test/team/docker:1").orFail();
      // An image for all platforms serves a client that asks for all metadata as well as one that
      // does not.
      source.fetch("upstream.test/team/multi:1", "--all-platforms").orFail();
      try (SpegelNode node =
              SpegelNode.beside(source).listen(NetworkNamespace.outsideAddress()).start();
          NetworkNamespace network = NetworkNamespace.create();
          Containerd client = Containerd.start(clientVersion, network)) {
        configure(client, node, "https://upstream.test");
        assertPulled(client, "upstream.test/team/app:1", TAGGED);
        if (clientVersion == ContainerdVersion.V2) {
          // It asks for a large layer in parallel ranges.
          String parts =
              "http_request_duration_seconds_count{code=\"206\",handler=\"/v2/*\",method=\"GET\"}";
          assertTrue(node.metrics().value(parts).orElse(0) > 1);
        }
        assertPulled(client, "upstream.test/team/docker@" + BY_DIGEST.digest(), BY_DIGEST);
        configure(client, node, "_default");
        client.pull("upstream.test/team/multi:1").orFail();
        assertArrayEquals(MULTI.root().bytes(), Files.readAllBytes(client.file(MULTI.digest())));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void pull_turnsToTheUpstream_whenNobodyHasTheImage(ContainerdVersion version) throws IOException {
    String address = NetworkNamespace.outsideAddress();
    try (DockerRegistry reachable = DockerRegistry.start(address);
        Containerd source = Containerd.start(version);
        SpegelNode node = SpegelNode.beside(source).listen(address).start();
        NetworkNamespace network = NetworkNamespace.create();
        Containerd client = Containerd.start(version, network)) {
      reachable.push(BY_DIGEST, "team/docker", "1");
      configure(client, node, reachable.url().toString());
      assertPulled(client, reachable.url().getAuthority() + "/team/docker:1", BY_DIGEST);
      String asked =
          "http_request_duration_seconds_count{code=\"404\",handler=\"/v2/*\",method=\"HEAD\"}";
      assertTrue(node.metrics().value(asked).orElse(0) > 0);
    }
  }

  private static void configure(Containerd client, SpegelNode node, String registry) {
    Command.Outcome outcome =
        Spegel.run(
            "configuration",
            "--containerd-registry-config-path",
            client.hostsFolder().toString(),
            "--mirrored-registries",
            registry,
            "--mirror-targets",
            node.registry().base().toString());
    assertEquals(0, outcome.orFail().exitCode());
  }

  private static void assertPulled(Containerd client, String reference, OciImage image)
      throws IOException {
    client.pull(reference).orFail();
    for (Content content : image.contents()) {
      assertArrayEquals(content.bytes(), Files.readAllBytes(client.file(content.digest())));
    }
    assertTrue(client.ctr("images", "ls", "-q").orFail().lines().contains(reference), reference);
  }
}
