package spegel.e2e.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.Json;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SpegelImage;
import spegel.oci.Digest;

/** What is in the image, and that a second build makes the same of the same. */
@Timeout(600)
class ContentsTest {
  private static final long MAX_COMPRESSED_BYTES = 120_000_000;
  private static final String AOT_CACHE = "usr/lib/spegel/spegel.aot";
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final int EXECUTABLE_BITS = 0111;
  private static final int WRITABLE_BY_OTHERS = 022;
  private static final int SET_ID_BITS = 06000;

  private final SpegelImage image = SpegelImage.shared();

  @Test
  void image_isSmall() {
    long compressed = layers().stream().mapToLong(layer -> Json.number(layer, "size")).sum();
    assertTrue(compressed <= MAX_COMPRESSED_BYTES, compressed + " bytes");
  }

  @Test
  void configuration_startsTheProgram_andSaysWhatItIs() {
    Map<?, ?> configuration = blob(Json.object(manifest().get("config")));
    assertEquals(ImageBuilder.hostArchitecture(), Json.text(configuration, "architecture"));
    Map<?, ?> run = Json.object(configuration.get("config"));
    assertEquals(List.of("/usr/bin/spegel"), Json.texts(run.get("Entrypoint")));
    Map<?, ?> labels = Json.object(run.get("Labels"));
    for (String label :
        List.of("title", "description", "version", "revision", "created", "licenses")) {
      assertTrue(!Json.text(labels, "org.opencontainers.image." + label).isBlank(), label);
    }
  }

  @Test
  void programs_areTheLauncherAndTheRuntimeAlone() throws IOException {
    Set<String> programs = new TreeSet<>();
    forEachFile(
        (entry, content) -> {
          boolean library = entry.getName().matches(".*/[^/]+\\.so(\\.[0-9]+)*");
          if (!library && (entry.getMode() & EXECUTABLE_BITS) != 0) {
            programs.add(entry.getName());
          }
        });
    assertEquals(Set.of("./usr/bin/spegel", "./usr/lib/spegel/runtime/bin/java"), programs);
  }

  @Test
  void files_belongToRoot_andNobodyElseMayWriteThem() throws IOException {
    List<String> wrong = new ArrayList<>();
    forEachEntry(
        (entry, content) -> {
          boolean writable =
              !entry.isSymbolicLink()
                  && (entry.getMode() & WRITABLE_BY_OTHERS) != 0
                  && !entry.getName().equals("./tmp/");
          boolean owned = entry.getLongUserId() == 0 && entry.getLongGroupId() == 0;
          if (writable || !owned || (entry.getMode() & SET_ID_BITS) != 0) {
            wrong.add(entry.getName());
          }
        });
    assertEquals(List.of(), wrong);
  }

  @Test
  void billOfMaterials_namesEveryLibrary_byItsHash() throws IOException {
    Map<?, ?> bill = Json.parse(Files.readString(image.billOfMaterials()));
    assertEquals("CycloneDX", Json.text(bill, "bomFormat"));
    Set<String> hashes = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Map<?, ?> component : Json.objects(bill.get("components"))) {
      names.add(Json.text(component, "name"));
      for (Map<?, ?> hash : Json.objects(component.get("hashes"))) {
        hashes.add(Json.text(hash, "content"));
      }
    }
    assertTrue(
        names.containsAll(Set.of("OpenJDK runtime", "libc6", "base-files")), names::toString);
    Map<String, String> libraries = new TreeMap<>();
    forEachFile(
        (entry, content) -> {
          if (entry.getName().matches("\\./usr/lib/spegel/(lib|native)/.*")) {
            libraries.put(entry.getName(), Digest.sha256(content.readAllBytes()).hex());
          }
        });
    assertTrue(libraries.size() > 10, libraries::toString);
    libraries.entrySet().removeIf(library -> hashes.contains(library.getValue()));
    libraries.keySet().removeIf(name -> name.matches("\\./usr/lib/spegel/lib/spegel-.*"));
    assertEquals(Map.of(), libraries);
  }

  @Test
  void secondBuild_hasTheSameDigest_withTheSameAotCache() throws IOException {
    Path cache = RunFolder.current().newFolder("cache").resolve("spegel.aot");
    forEachFile(
        (entry, content) -> {
          if (entry.getName().equals("./" + AOT_CACHE)) {
            Files.copy(content, cache);
          }
        });
    SpegelImage second = SpegelImage.build("--aot-cache", cache.toString());
    assertEquals(image.digest(), second.digest());
    assertEquals(-1, Files.mismatch(image.archive(), second.archive()));
    assertEquals(-1, Files.mismatch(image.billOfMaterials(), second.billOfMaterials()));
  }

  @Test
  void archive_isReadByOthers() {
    String name = "oci-archive:" + image.archive();
    String inspected = Command.run("skopeo", "inspect", name).orFail().output();
    assertEquals(image.digest().toString(), Json.text(Json.parse(inspected), "Digest"));
  }

  private Map<?, ?> manifest() {
    return Json.parse(text(image.digest()));
  }

  private List<Map<?, ?>> layers() {
    return Json.objects(manifest().get("layers"));
  }

  private Map<?, ?> blob(Map<?, ?> descriptor) {
    return Json.parse(text(Digest.parse(Json.text(descriptor, "digest"))));
  }

  private String text(Digest digest) {
    try (InputStream in = Files.newInputStream(file(digest))) {
      return new String(in.readNBytes(MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("no " + digest, e);
    }
  }

  private Path file(Digest digest) {
    return image.layout().resolve("blobs/sha256").resolve(digest.hex());
  }

  private void forEachFile(EntryAction action) throws IOException {
    forEachEntry(
        (entry, content) -> {
          if (entry.isFile() && !entry.isSymbolicLink()) {
            action.accept(entry, content);
          }
        });
  }

  private void forEachEntry(EntryAction action) throws IOException {
    for (Map<?, ?> layer : layers()) {
      Path file = file(Digest.parse(Json.text(layer, "digest")));
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(
              new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file))))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          action.accept(entry, tar);
        }
      }
    }
  }

  /** Does something with an entry of a layer and what follows it. */
  private interface EntryAction {
    void accept(TarArchiveEntry entry, InputStream content) throws IOException;
  }
}
