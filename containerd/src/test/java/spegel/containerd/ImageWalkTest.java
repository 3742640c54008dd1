package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.containerd.ContainerdServer.INDEX;
import static spegel.containerd.ContainerdServer.MANIFEST;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;

class ImageWalkTest {
  @TempDir Path directory;
  private ContainerdServer server;
  private ContentDirectory content;

  @BeforeEach
  void createDirectory() {
    server = new ContainerdServer(directory);
    content = new ContentDirectory(server.contentPath());
  }

  @Test
  void from_yieldsFilesSizes_whateverDescriptorsClaim() {
    Digest manifest = server.addImage("a");

    List<Descriptor> found = ImageWalk.from(content, MANIFEST, manifest);

    assertEquals(3, found.size());
    assertEquals(manifest, found.getFirst().digest());
    assertEquals("layer of a".length(), found.getLast().size());
  }

  @Test
  void from_isEmpty_whenTheTargetIsNotHere() {
    assertEquals(
        List.of(), ImageWalk.from(content, MANIFEST, Digest.sha256(bytes("never pulled"))));
  }

  @Test
  void from_readsTheTarget_whenItsTypeIsUnknown() {
    Digest manifest = server.addImage("a");

    assertEquals(3, ImageWalk.from(content, Descriptor.UNKNOWN_MEDIA_TYPE, manifest).size());
  }

  @Test
  void from_yieldsTheTargetAlone_whenItIsNoManifest() {
    Digest text = server.addBlob(bytes("not JSON"));
    Digest huge = server.addBlob(new byte[Manifest.MAX_BYTES + 1]);

    assertEquals(1, ImageWalk.from(content, MANIFEST, text).size());
    assertEquals(1, ImageWalk.from(content, INDEX, huge).size());
  }

  @Test
  void from_isBoundedInDepth() {
    Digest target = server.addImage("deep");
    for (int i = 0; i < 50; i++) {
      target = server.addBlob(ContainerdServer.index(target));
    }

    assertEquals(ImageWalk.MAX_DEPTH + 1, ImageWalk.from(content, INDEX, target).size());
  }

  @Test
  void from_isBoundedInBlobs() {
    Digest manifest = server.addImage("a");
    Digest[] many = new Digest[5_000];
    java.util.Arrays.fill(many, manifest);
    for (int i = 1; i < many.length; i++) {
      many[i] = server.addBlob(bytes("x" + i));
    }
    Digest[] indexes = new Digest[4];
    for (int i = 0; i < indexes.length; i++) {
      many[0] = server.addBlob(bytes("index " + i));
      indexes[i] = server.addBlob(ContainerdServer.index(many));
    }

    List<Descriptor> found =
        ImageWalk.from(content, INDEX, server.addBlob(ContainerdServer.index(indexes)));

    assertTrue(found.size() <= ImageWalk.MAX_BLOBS, () -> "reached " + found.size());
  }

  @Test
  void from_followsNoLink() throws IOException {
    Digest digest = Digest.sha256(bytes("elsewhere"));
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "elsewhere");
    server.addBlob(bytes("makes the directory"));
    Files.createSymbolicLink(content.file(digest), elsewhere);

    assertEquals(List.of(), ImageWalk.from(content, MANIFEST, digest));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
