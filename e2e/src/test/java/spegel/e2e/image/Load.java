package spegel.e2e.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import spegel.e2e.harness.LargeImage;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.SpegelContainer;
import spegel.e2e.harness.SpegelNode;
import spegel.e2e.harness.Together;

/**
 * Connections at the same time, one for each layer of the image and others that ask for its
 * manifest; meanwhile a second command in the container, again and again.
 */
final class Load {
  private static final int CONNECTIONS = 200;
  private static final long BETWEEN_MANIFESTS_NANOS = 500_000_000;
  private static final int READ_TIMEOUT_MILLIS = 60_000;

  private final SpegelContainer container;
  private final RegistryClient registry;
  private final LargeImage image;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger manifests = new AtomicInteger();
  private final AtomicInteger misses = new AtomicInteger();
  private final AtomicInteger commands = new AtomicInteger();

  /** One on the node in the container. */
  Load(SpegelContainer container, SpegelNode node, LargeImage image) {
    this.container = container;
    this.registry = node.registry();
    this.image = image;
  }

  /** Fetches all layers, once; whoever is missing a byte fails, and so does a command. */
  void run() {
    int layers = image.layers().size();
    AtomicInteger left = new AtomicInteger(layers);
    Together.times(
        CONNECTIONS + 1,
        i -> {
          if (i < layers) {
            try {
              fetch(i);
            } finally {
              over.compareAndSet(false, left.decrementAndGet() == 0);
            }
          } else if (i < CONNECTIONS) {
            askAgainAndAgain();
          } else {
            runCommands();
          }
        });
  }

  /** How many manifests came. */
  int manifests() {
    return manifests.get();
  }

  /** How often a manifest was said not to be there, which a busy node may say. */
  int misses() {
    return misses.get();
  }

  /** How many commands ran. */
  int commands() {
    return commands.get();
  }

  private void runCommands() {
    while (!over.get()) {
      container.exec("version").orFail();
      commands.incrementAndGet();
    }
  }

  private void fetch(int layer) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              registry.base().resolve(image.layerPath(layer)).toURL().openConnection();
      connection.setReadTimeout(READ_TIMEOUT_MILLIS);
      byte[] piece = new byte[256 << 10];
      long bytes = 0;
      // Ends with an exception when there is less than the head says.
      try (InputStream body = connection.getInputStream()) {
        for (int read = 0; read >= 0; read = body.read(piece)) {
          bytes += read;
        }
      }
      if (bytes != LargeImage.LAYER_BYTES) {
        throw new AssertionError("%d bytes of layer %d".formatted(bytes, layer));
      }
    } catch (IOException e) {
      throw new AssertionError("layer " + layer, e);
    }
  }

  private void askAgainAndAgain() {
    while (!over.get()) {
      int status = registry.get(image.manifestPath()).statusCode();
      switch (status) {
        case 200 -> manifests.incrementAndGet();
        case 404 -> misses.incrementAndGet();
        default -> throw new AssertionError(status + " for the manifest");
      }
      LockSupport.parkNanos(BETWEEN_MANIFESTS_NANOS);
    }
  }
}
