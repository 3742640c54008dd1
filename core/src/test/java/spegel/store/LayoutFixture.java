package spegel.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;

/** An image layout as a careful tool writes it: blobs first, then the index, each by a rename. */
final class LayoutFixture implements StoreFixture {
  final Path directory;
  private final Predicate<Reference> filter;
  private final Duration relistingPeriod;
  private final Map<String, Descriptor> images = new LinkedHashMap<>();
  private @Nullable ContentStore store;

  LayoutFixture(Path directory, Predicate<Reference> filter, Duration relistingPeriod)
      throws IOException {
    this.directory = directory;
    this.filter = filter;
    this.relistingPeriod = relistingPeriod;
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    writeIndex();
  }

  @Override
  public ContentStore store() {
    if (store == null) {
      store = new OciLayoutStore(directory, filter, relistingPeriod);
    }
    return store;
  }

  @Override
  public void putImage(Reference reference, Descriptor target, List<byte[]> blobs)
      throws IOException {
    putImage(reference.toString(), target, blobs);
  }

  void putImage(String name, Descriptor target, List<byte[]> blobs) throws IOException {
    for (byte[] blob : blobs) {
      replace(blob(Digest.sha256(blob)), blob);
    }
    images.put(name, target);
    writeIndex();
  }

  @Override
  public void removeImage(Reference reference) throws IOException {
    images.remove(reference.toString());
    writeIndex();
  }

  @Override
  public void removeBlob(Digest digest) throws IOException {
    Files.delete(blob(digest));
  }

  @Override
  public void relist() throws IOException {
    writeIndex();
  }

  Path blob(Digest digest) {
    return directory.resolve("blobs").resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  Path index() {
    return directory.resolve("index.json");
  }

  String indexJson() {
    return images.entrySet().stream()
        .map(
            image ->
                "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,%s}"
                    .formatted(
                        image.getValue().mediaType(),
                        image.getValue().digest(),
                        image.getValue().size(),
                        "\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}"
                            .formatted(image.getKey())))
        .collect(Collectors.joining(",", "{\"schemaVersion\":2,\"manifests\":[", "]}"));
  }

  void writeIndex() throws IOException {
    replace(index(), indexJson().getBytes(UTF_8));
  }

  static void replace(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.write(temporary, content);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() {
    Optional.ofNullable(store).ifPresent(ContentStore::close);
  }
}
