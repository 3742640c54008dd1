package spegel.app.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import spegel.app.command.CommandFailedException;
import spegel.http.HttpExchange;
import spegel.http.HttpOutcome;
import spegel.http.ListenAddress;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.registry.RegistryObserver;
import spegel.registry.RegistryOptions;
import spegel.registry.RegistryServer;
import spegel.store.ManifestCache;
import spegel.store.OciLayoutStore;

/** The registry that the image comes from: ours, without a mirror behind it. */
final class Upstream implements Server, AutoCloseable {
  private static final Duration LISTED_WITHIN = Duration.ofSeconds(30);

  private final OciLayoutStore store;
  private final Count count;
  private final RegistryServer server;

  private Upstream(OciLayoutStore store, Count count, RegistryServer server) {
    this.store = store;
    this.count = count;
    this.server = server;
  }

  /** Serves the layout at 127.0.0.1, when this returns with the image of this name. */
  static Upstream start(Layout layout, Reference name) throws IOException, InterruptedException {
    OciLayoutStore store = new OciLayoutStore(layout.root(), _ -> true);
    store.start(_ -> {});
    Count count = new Count();
    RegistryServer server;
    try {
      server =
          RegistryServer.start(
              RegistryOptions.of(new ListenAddress("127.0.0.1", 0), Optional.empty()),
              store,
              new ManifestCache(store, ManifestCache.DEFAULT_MAX_BYTES),
              Optional.empty(),
              () -> true,
              count);
    } catch (IOException e) {
      store.close();
      throw e;
    }
    Upstream upstream = new Upstream(store, count, server);
    if (!Patience.await(LISTED_WITHIN, () -> store.resolve(name).isPresent())) {
      upstream.close();
      throw new CommandFailedException("the registry does not list " + name + "; its log says why");
    }
    return upstream;
  }

  InetSocketAddress address() {
    return server.address();
  }

  @Override
  public String name() {
    return "registry";
  }

  @Override
  public Sent sent() {
    return new Sent(count.bytes.sum(), count.running.get());
  }

  @Override
  public void close() {
    server.close();
    store.close();
  }

  private static final class Count implements RegistryObserver {
    private final LongAdder bytes = new LongAdder();
    private final AtomicInteger running = new AtomicInteger();

    @Override
    public void requestStarted(String route) {
      running.incrementAndGet();
    }

    @Override
    public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
      bytes.add(outcome.bodyBytes());
      running.decrementAndGet();
    }

    @Override
    public void mirrorRequest(String registry, boolean hit) {
      // It has no mirror.
    }

    @Override
    public void blobForPeer(HttpExchange exchange, Digest digest, long lengthBytes) {
      // Counted when it is sent; and none of the nodes takes it for a peer.
    }
  }
}
