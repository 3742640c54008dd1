package spegel.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import spegel.auth.BasicCredentials;
import spegel.http.HttpExchange;
import spegel.http.HttpOutcome;
import spegel.http.ListenAddress;
import spegel.http.RawClient;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;
import spegel.store.ManifestCache;
import spegel.store.MemoryStore;

/** A registry server over a store with one image of a configuration and a layer. */
final class Node implements AutoCloseable {
  static final String MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";
  static final Repository NGINX = new Repository("docker.io", "library/nginx");
  static final Reference LATEST = new Reference(NGINX, "latest", null);

  final byte[] layer = random(100_000);
  final Digest layerDigest = Digest.sha256(layer);
  final byte[] manifest;
  final Digest manifestDigest;
  final MemoryStore memory =
      new MemoryStore(image -> !image.repository().path().contains("secret"));
  final FaultyStore store = new FaultyStore(memory);
  final Observations observations = new Observations();
  final RegistryServer server;
  volatile boolean ready = true;

  /** What the observer heard. */
  static final class Observations implements RegistryObserver {
    final List<String> mirrorRequests = new CopyOnWriteArrayList<>();
    final List<String> blobsForPeers = new CopyOnWriteArrayList<>();
    final List<String> started = new CopyOnWriteArrayList<>();
    final List<HttpOutcome> ended = new CopyOnWriteArrayList<>();

    @Override
    public void mirrorRequest(String registry, boolean hit) {
      mirrorRequests.add(registry + (hit ? " hit" : " miss"));
    }

    @Override
    public void blobForPeer(HttpExchange exchange, Digest digest, long lengthBytes) {
      blobsForPeers.add(digest + " " + lengthBytes);
    }

    @Override
    public void requestStarted(String route) {
      started.add(route);
    }

    @Override
    public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
      ended.add(outcome);
    }
  }

  Node() throws IOException {
    this(Optional.empty(), 64);
  }

  Node(Optional<BasicCredentials> credentials, int maxConnections) throws IOException {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    memory.start(event -> {});
    memory.putBlob(config);
    memory.putBlob(layer);
    manifest = manifest(config, layer);
    manifestDigest = memory.putBlob(manifest);
    memory.putImage(LATEST, new Descriptor(MEDIA_TYPE, manifestDigest, manifest.length));
    ListenAddress address = new ListenAddress("127.0.0.1", 0);
    server =
        RegistryServer.start(
            RegistryOptions.of(address, credentials).withConnections(maxConnections, 2),
            store,
            new ManifestCache(store, ManifestCache.DEFAULT_MAX_BYTES),
            Optional.empty(),
            () -> ready,
            observations);
  }

  static byte[] manifest(byte[] config, byte[] layer) {
    String text =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}
        """
            .formatted(
                MEDIA_TYPE,
                Digest.sha256(config),
                config.length,
                Digest.sha256(layer),
                layer.length);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(3).nextBytes(content);
    return content;
  }

  RawClient connect() throws IOException {
    return new RawClient(server.address().getPort());
  }

  String blob(Digest digest) {
    return "/v2/library/nginx/blobs/" + digest + "?ns=docker.io";
  }

  String manifest(Object reference) {
    return "/v2/library/nginx/manifests/" + reference + "?ns=docker.io";
  }

  @Override
  public void close() {
    server.close();
  }
}
