package spegel.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.containerd.ContainerdOptions;
import spegel.containerd.ContainerdStore;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.FailureLogs;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.store.ContentStore;
import spegel.store.ContentStoreContract;
import spegel.store.StoreFixture;

/** What every store keeps to, kept by the one of containerd over real containerds. */
@ExtendWith(FailureLogs.class)
@ParameterizedClass
@EnumSource
class ContainerdStoreTest extends ContentStoreContract {
  private final ContainerdVersion version;

  ContainerdStoreTest(ContainerdVersion version) {
    this.version = version;
  }

  @Override
  protected StoreFixture fixture(Predicate<Reference> filter) {
    return new Fixture(Containerd.start(version), filter);
  }

  private static final class Fixture implements StoreFixture {
    private final Containerd containerd;
    private final ContentStore store;

    Fixture(Containerd containerd, Predicate<Reference> filter) {
      this.containerd = containerd;
      this.store =
          new ContainerdStore(
              new ContainerdOptions(
                  containerd.socket(),
                  Containerd.NAMESPACE,
                  null,
                  ContainerdOptions.DEFAULT_REGISTRY_CONFIG_PATH,
                  ContainerdOptions.DEFAULT_CONFIG_FILE),
              filter,
              _ -> {},
              () -> {});
    }

    @Override
    public ContentStore store() {
      return store;
    }

    @Override
    public void putImage(Reference reference, Descriptor target, List<byte[]> blobs) {
      containerd.putImage(reference.toString(), target, blobs);
    }

    @Override
    public void removeImage(Reference reference) {
      containerd.removeImage(reference.toString());
    }

    /** Collection takes a file and tells nobody. */
    @Override
    public void removeBlob(Digest digest) throws IOException {
      Files.delete(containerd.file(digest));
    }

    /** It lists everything when it has found containerd again. */
    @Override
    public void relist() {
      containerd.kill();
      containerd.restart();
    }

    @Override
    public void close() {
      store.close();
      containerd.close();
    }
  }
}
