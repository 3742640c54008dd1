package spegel.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.store.ContentStore;
import spegel.store.ContentStoreContract;

/** The store keeps to what every store keeps to, beside a server that behaves as containerd 2. */
class ContainerdStoreContractTest extends ContentStoreContract {
  private static final String SOURCE_LABEL = "containerd.io/distribution.source.";

  @TempDir private Path directory;

  @Override
  protected spegel.store.StoreFixture fixture(Predicate<Reference> filter) throws IOException {
    Fixture fixture =
        new Fixture(
            new StoreFixture(directory, StoreFixture.QUIET, filter, directory.resolve("content")));
    fixture.containerd.server.start();
    return fixture;
  }

  private record Fixture(StoreFixture containerd) implements spegel.store.StoreFixture {
    @Override
    public ContentStore store() {
      return containerd.store;
    }

    @Override
    public void putImage(Reference reference, Descriptor target, List<byte[]> blobs) {
      awaitSubscribed();
      for (byte[] blob : blobs) {
        Digest digest = containerd.server.addBlob(blob, labels(reference, Digest.sha256(blob)));
        containerd.server.emitContent("create", digest);
      }
      String name = reference.toString();
      boolean known = containerd.server.images.containsKey(name);
      containerd.server.tag(name, target.mediaType(), target.digest());
      containerd.server.emitImage(known ? "update" : "create", name);
    }

    /** Those that it has, and the one of this image: containerd adds up where content came from. */
    private String[] labels(Reference reference, Digest digest) {
      List<String> labels = new ArrayList<>();
      var known = containerd.server.contents.get(digest.toString());
      if (known != null) {
        known.getLabelsMap().forEach((key, value) -> labels.add(key + "=" + value));
      }
      labels.add(
          SOURCE_LABEL + reference.repository().registry() + "=" + reference.repository().path());
      return labels.toArray(String[]::new);
    }

    @Override
    public void removeImage(Reference reference) {
      awaitSubscribed();
      containerd.server.images.remove(reference.toString());
      containerd.server.emitImage("delete", reference.toString());
    }

    @Override
    public void removeBlob(Digest digest) throws IOException {
      containerd.server.contents.remove(digest.toString());
      Files.delete(new ContentDirectory(containerd.server.contentPath()).file(digest));
    }

    @Override
    public void relist() {
      awaitSubscribed();
      containerd.server.loseStreams();
    }

    /** A change that nobody is told of would be noticed by the next listing only. */
    private void awaitSubscribed() {
      if (containerd.store.connected()) {
        StoreFixture.await("subscribed", containerd.server::subscribed);
      }
    }

    @Override
    public void close() {
      containerd.close();
    }
  }
}
