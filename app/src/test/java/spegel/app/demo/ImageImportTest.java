package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.app.command.CommandFailedException;
import spegel.oci.Descriptor;
import spegel.oci.MediaTypes;

class ImageImportTest {
  @TempDir Path temporary;
  private Path folder;
  private DemoImage image;
  private Layout target;

  @BeforeEach
  void makeImage() throws IOException {
    folder = temporary.resolve("image");
    image = ImageMaker.make(Layout.create(folder), 100_000, new SplittableRandom(1));
    target = Layout.create(temporary.resolve("target"));
  }

  private TarWriter archiveOfFolder() throws IOException {
    TarWriter tar = new TarWriter();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        tar.file("./" + folder.relativize(file), Files.readAllBytes(file));
      }
    }
    return tar;
  }

  private Path write(byte[] archive) throws IOException {
    return Files.write(temporary.resolve("image.tar"), archive);
  }

  private void assertComplete(DemoImage read) throws IOException {
    for (Descriptor content : read.content()) {
      assertTrue(target.has(content), content::toString);
    }
    assertEquals(read.root(), target.index().entries().getFirst().descriptor());
    assertEquals(read.name().toString(), target.index().entries().getFirst().name());
  }

  private String refusal(Path path) {
    CommandFailedException refused =
        assertThrows(CommandFailedException.class, () -> ImageImport.read(path, target));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(path.toString()) && message.contains("--image"), message);
    return message;
  }

  @Test
  void read_givesTheSameImage_ofFolderArchiveAndCompressedArchive() throws IOException {
    assertEquals(image, ImageImport.read(folder, target));
    assertComplete(image);
    byte[] tar = archiveOfFolder().bytes();
    assertEquals(image, ImageImport.read(write(tar), Layout.create(temporary.resolve("second"))));
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(tar);
    }
    assertEquals(
        image,
        ImageImport.read(
            write(compressed.toByteArray()), Layout.create(temporary.resolve("third"))));
  }

  @Test
  void read_makesAManifest_ofAnArchiveOfDocker() throws IOException {
    Path archive =
        write(
            new TarWriter()
                .file("abc/layer.tar", "first layer")
                .file("def.json", "{\"os\":\"linux\"}")
                .link("ghi/layer.tar", "../abc/layer.tar")
                .file(
                    "manifest.json",
                    """
                    [{"Config":"def.json","RepoTags":["app:2"],
                      "Layers":["abc/layer.tar","ghi/layer.tar"]}]""")
                .bytes());
    DemoImage read = ImageImport.read(archive, target);
    assertComplete(read);
    assertEquals("docker.io/library/app:2", read.name().toString());
    assertEquals(MediaTypes.DOCKER_MANIFEST, read.root().mediaType());
    assertEquals(3, read.content().size(), "the layer that is there twice counts once");
  }

  @Test
  void read_takesTheFirstPlatformThatIsComplete_ofAnIndex() throws IOException {
    Layout layout = Layout.at(folder);
    String missing =
        "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":5}"
            .formatted(MediaTypes.OCI_MANIFEST, "0".repeat(64));
    String present =
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
            .formatted(image.root().mediaType(), image.root().digest(), image.root().size());
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s,%s]}"
            .formatted(MediaTypes.OCI_INDEX, missing, present)
            .getBytes(StandardCharsets.UTF_8);
    Descriptor root = layout.add(MediaTypes.OCI_INDEX, new ByteArrayInputStream(index));
    layout.list(image.name(), root);
    DemoImage read = ImageImport.read(folder, target);
    assertEquals(root, read.root());
    assertEquals(image.root().digest(), read.manifest());
    assertComplete(read);
  }

  @Test
  void read_namesWhatHasNoName() throws IOException {
    Path index = folder.resolve("index.json");
    String text = Files.readString(index);
    Files.writeString(index, text.replace(image.name().toString(), "v3"));
    assertEquals("demo.example/image:v3", ImageImport.read(folder, target).name().toString());
    Files.writeString(index, text.replaceFirst(",\"annotations\":\\{[^}]*}", ""));
    assertEquals("demo.example/image:latest", ImageImport.read(folder, target).name().toString());
  }

  @Test
  void read_makesNoPathOfAName() throws IOException {
    Path archive =
        write(
            archiveOfFolder()
                .file("../escaped", "evil")
                .file("/" + temporary.resolve("absolute"), "evil")
                .link("blobs/link", "../../../../etc/passwd")
                .bytes());
    assertEquals(image, ImageImport.read(archive, target));
    assertFalse(Files.exists(temporary.resolve("escaped")));
    assertFalse(Files.exists(temporary.resolve("absolute")));
  }

  @Test
  void read_saysWhatIsWrong() throws IOException {
    assertTrue(refusal(temporary.resolve("none")).contains("no such file"));
    assertTrue(refusal(Files.createDirectory(temporary.resolve("empty"))).contains("index.json"));
    assertTrue(
        refusal(write("hello".repeat(200).getBytes(StandardCharsets.UTF_8))).contains("tar"));
    assertTrue(refusal(write(new TarWriter().file("a", "b").bytes())).contains("manifest.json"));
    assertTrue(
        refusal(write(new TarWriter().file("manifest.json", "{}").bytes())).contains("docker"));
    assertTrue(
        refusal(
                write(
                    new TarWriter()
                        .file("manifest.json", "[{\"Config\":\"x\",\"Layers\":[\"y\"]}]")
                        .bytes()))
            .contains("\"x\""));
    Files.delete(blob(image.content().getLast()));
    assertTrue(refusal(folder).contains("no image of which all content is there"));
  }

  @Test
  void read_refusesContentThatIsNotOfItsDigest() throws IOException {
    Path blob = blob(image.content().getLast());
    byte[] bytes = Files.readAllBytes(blob);
    bytes[0]++;
    Files.write(blob, bytes);
    assertTrue(refusal(folder).contains(image.content().getLast().digest().toString()));
    assertTrue(refusal(write(archiveOfFolder().bytes())).contains("all content"));
  }

  private Path blob(Descriptor content) {
    return folder.resolve("blobs/sha256").resolve(content.digest().hex());
  }
}
