package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.SpegelNode;

/** A node without a containerd: it serves a folder in the form of the OCI's image layout. */
@ExtendWith(FailureLogs.class)
class LayoutTest {
  private static final OciImage IMAGE =
      ImageBuilder.oci(80).gzipLayer(300_000).zstdLayer(1_000).build();

  @Test
  void layout_isServedToSkopeoAndContainerd_asAnImage(@TempDir Path folder) throws IOException {
    Path layout = folder.resolve("layout");
    OciImage.writeLayout(layout, Map.of("upstream.test/team/app:1", IMAGE));
    try (SpegelNode node = SpegelNode.overLayout(layout).start();
        Containerd client = Containerd.start(ContainerdVersion.V2)) {
      node.awaitEvents("CREATE", Set.of("upstream.test/team/app:1", IMAGE.digest().toString()));
      assertServed(node.registry(), tagged("team/app", "1"), IMAGE.root());
      for (Content content : IMAGE.contents()) {
        assertServed(node.registry(), path("team/app", content), content);
      }

      Path copy = folder.resolve("copy");
      String source = "docker://%s/team/app@%s".formatted(node.authority(), IMAGE.digest());
      Command.run("skopeo", "copy", "--src-tls-verify=false", source, "dir:" + copy).orFail();
      assertArrayEquals(IMAGE.root().bytes(), Files.readAllBytes(copy.resolve("manifest.json")));

      client.reach("upstream.test", node.registry().base());
      client.pull("upstream.test/team/app:1").orFail();
      assertArrayEquals(IMAGE.root().bytes(), Files.readAllBytes(client.file(IMAGE.digest())));
    }
  }
}
