package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.assertMissing;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;
import static spegel.e2e.harness.RegistryClient.header;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.BasicAuthSecret;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.Spegel;
import spegel.e2e.harness.SpegelNode;

/** Who may have what: basic auth and the filters of references. */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
  private static final ImageBuilder BASE = ImageBuilder.oci(50).gzipLayer(1_000);
  private static final OciImage OPEN =
      ImageBuilder.oci(51).sameLayers(BASE).gzipLayer(1_000).build();
  private static final OciImage SECRET =
      ImageBuilder.oci(52).sameLayers(BASE).gzipLayer(2_000).build();
  private static final OciImage OTHER = ImageBuilder.oci(53).gzipLayer(1_000).build();

  private DockerRegistry upstream;
  private Containerd containerd;

  @BeforeAll
  void start() {
    upstream = DockerRegistry.start();
    containerd = Containerd.start(ContainerdVersion.V2);
    containerd.reach("upstream.test", upstream.url());
    containerd.reach("other.test", upstream.url());
    upstream.push(OPEN, "team/open", "1");
    upstream.push(SECRET, "secret/app", "1");
    upstream.push(OTHER, "team/other", "1");
    containerd.pull("upstream.test/team/open:1").orFail();
    containerd.pull("upstream.test/secret/app:1").orFail();
    containerd.pull("other.test/team/other:1").orFail();
  }

  @AfterAll
  void stop() {
    containerd.close();
    upstream.close();
  }

  @Test
  void filteredImage_isNeitherServedNorAdvertised_exceptWhatAnotherImageShares() {
    try (SpegelNode node =
        SpegelNode.beside(containerd).flags("--registry-filters", "/secret/").start()) {
      node.awaitEvents("CREATE", Set.of("upstream.test/team/open:1"));
      assertServed(node.registry(), tagged("team/open", "1"), OPEN.root());
      assertMissing(node.registry(), tagged("secret/app", "1"), "MANIFEST_UNKNOWN");
      for (Content content : SECRET.contents()) {
        boolean shared =
            OPEN.contents().stream().anyMatch(c -> c.digest().equals(content.digest()));
        if (shared) {
          assertServed(node.registry(), path("secret/app", content), content);
        } else {
          String code = content.manifest() ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN";
          // Neither under its own name nor under one that passes.
          assertMissing(node.registry(), path("secret/app", content), code);
          assertMissing(node.registry(), path("team/open", content), code);
          assertTrue(!node.events("CREATE").contains(content.digest().toString()));
        }
      }
    }
  }

  @Test
  void registryThatIsNotMirrored_isNeitherServedNorAdvertised() {
    try (SpegelNode node =
        SpegelNode.beside(containerd)
            .flags("--mirrored-registries", "https://upstream.test")
            .start()) {
      node.awaitEvents("CREATE", Set.of("upstream.test/team/open:1"));
      assertServed(node.registry(), tagged("team/open", "1"), OPEN.root());
      assertMissing(
          node.registry(), "/v2/team/other/manifests/1?ns=other.test", "MANIFEST_UNKNOWN");
      assertMissing(
          node.registry(),
          OTHER.largestBlob().path("team/other") + "?ns=other.test",
          "BLOB_UNKNOWN");
      assertTrue(node.events("CREATE").stream().noneMatch(key -> key.startsWith("other.test/")));
    }
  }

  @Test
  void request_needsTheCredentials_whenTheyAreMounted(@TempDir Path folder) throws IOException {
    BasicAuthSecret secret = BasicAuthSecret.write(folder, "mirror", "correct horse");
    String address = NetworkNamespace.outsideAddress();
    try (SpegelNode node =
            SpegelNode.beside(containerd).listen(address).wrapped(secret::mountedFor).start();
        NetworkNamespace network = NetworkNamespace.create();
        Containerd client = Containerd.start(ContainerdVersion.V2, network)) {
      node.awaitEvents("CREATE", Set.of("upstream.test/team/open:1"));
      RegistryClient registry = node.registry();
      for (List<String> headers :
          List.of(
              List.<String>of(),
              List.of("Authorization", BasicAuthSecret.authorization(":")),
              List.of("Authorization", BasicAuthSecret.authorization("mirror:wrong")),
              List.of("Authorization", "Bearer x"))) {
        HttpResponse<byte[]> refused =
            registry.get(tagged("team/open", "1"), headers.toArray(String[]::new));
        assertEquals(401, refused.statusCode(), headers.toString());
        assertEquals("", header(refused, "WWW-Authenticate"));
        assertTrue(new String(refused.body(), StandardCharsets.UTF_8).contains("\"UNAUTHORIZED\""));
      }
      assertEquals(
          200,
          registry
              .get(tagged("team/open", "1"), "Authorization", secret.authorization())
              .statusCode());
      // Probes carry none.
      assertEquals(200, registry.get("/readyz").statusCode());
      // containerd sends those of the configuration that our own command writes.
      List<String> configuration =
          secret.mountedFor(
              Spegel.command(
                  List.of(
                      "configuration",
                      "--containerd-registry-config-path",
                      client.hostsFolder().toString(),
                      "--mirror-targets",
                      registry.base().toString())));
      Command.run(configuration).orFail();
      client.pull("upstream.test/team/open:1").orFail();
      // Nothing but the program's log may hold the password, and it may not.
      assertTrue(!Files.readString(node.process().log()).contains("correct horse"));
    }
  }
}
