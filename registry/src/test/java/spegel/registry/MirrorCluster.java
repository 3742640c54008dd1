package spegel.registry;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import spegel.auth.BasicCredentials;
import spegel.http.ListenAddress;
import spegel.http.RawClient;
import spegel.mirror.Deliveries;
import spegel.mirror.Mirror;
import spegel.mirror.MirrorObserver;
import spegel.mirror.MirrorOptions;
import spegel.mirror.PeerOutcome;
import spegel.mirror.Transfer;
import spegel.mirror.VerifyBlobs;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.routing.MemoryNetwork;
import spegel.routing.MemoryRouter;
import spegel.routing.Provider;
import spegel.store.ManifestCache;
import spegel.store.MemoryStore;

/**
 * Nodes of one process that serve at one port of 127.0.0.x each, and peers that follow a script.
 */
final class MirrorCluster implements Closeable {
  final MemoryNetwork network = new MemoryNetwork();
  private final int port;
  private final AtomicInteger hosts = new AtomicInteger(1);
  private final List<Closeable> parts = new ArrayList<>();

  MirrorCluster() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
  }

  private static InetAddress address(int host) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) host});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  MirrorNode node() throws IOException {
    return node(VerifyBlobs.SUSPICION, Optional.empty());
  }

  MirrorNode node(VerifyBlobs verify, Optional<BasicCredentials> credentials) throws IOException {
    MirrorNode node = new MirrorNode(address(hosts.incrementAndGet()), verify, credentials);
    parts.add(node);
    return node;
  }

  ScriptedPeer peer(Script script) throws IOException {
    ScriptedPeer peer = new ScriptedPeer(address(hosts.incrementAndGet()), script);
    parts.add(peer);
    return peer;
  }

  /** A provider at which nobody listens. */
  String deadPeer(String key) {
    InetAddress address = address(hosts.incrementAndGet());
    String id = "peer-" + address.getHostAddress();
    new MemoryRouter(network, new Provider(id, List.of(address))).advertise(List.of(key));
    return id;
  }

  @Override
  public void close() throws IOException {
    for (Closeable part : parts.reversed()) {
      part.close();
    }
  }

  /** A node with a store, a mirror and a server. */
  final class MirrorNode implements Closeable {
    final MemoryStore store = new MemoryStore(name -> true);
    final MemoryRouter router;
    final Mirror mirror;
    final RegistryServer server;
    final Node.Observations observations = new Node.Observations();
    final Counts counts = new Counts();
    final InetAddress address;

    MirrorNode(InetAddress address, VerifyBlobs verify, Optional<BasicCredentials> credentials)
        throws IOException {
      this.address = address;
      this.router =
          new MemoryRouter(
              network, new Provider("node-" + address.getHostAddress(), List.of(address)));
      Deliveries deliveries = new Deliveries();
      store.start(deliveries);
      mirror =
          Mirror.start(
              new MirrorOptions(Duration.ofMillis(20), 3, port, credentials, verify),
              router,
              deliveries,
              counts);
      server =
          RegistryServer.start(
              RegistryOptions.of(new ListenAddress(address.getHostAddress(), port), credentials),
              store,
              new ManifestCache(store, ManifestCache.DEFAULT_MAX_BYTES),
              Optional.of(
                  new Mirroring(mirror, name -> !name.repository().path().contains("secret"))),
              () -> true,
              observations);
    }

    /** Has an image of one layer, and tells the others. */
    Digest putImage(Reference name, byte[] layer) {
      byte[] config = "{}".getBytes(StandardCharsets.US_ASCII);
      byte[] manifest = Node.manifest(config, layer);
      Digest digest = store.putBlob(manifest);
      Digest configDigest = store.putBlob(config);
      Digest layerDigest = store.putBlob(layer);
      store.putImage(name, new Descriptor(Node.MEDIA_TYPE, digest, manifest.length));
      router.advertise(
          List.of(
              name.taggedName(),
              digest.toString(),
              configDigest.toString(),
              layerDigest.toString()));
      return digest;
    }

    RawClient connect() throws IOException {
      return new RawClient(new InetSocketAddress(address, port));
    }

    @Override
    public void close() {
      server.close();
      mirror.close();
      router.close();
    }
  }

  /** What a mirror's observer heard. */
  static final class Counts implements MirrorObserver {
    final List<PeerOutcome> outcomes = new CopyOnWriteArrayList<>();
    final List<Transfer> ended = new CopyOnWriteArrayList<>();
    final List<Boolean> switched = new CopyOnWriteArrayList<>();
    final List<String> wrong = new CopyOnWriteArrayList<>();
    final AtomicInteger tagConflicts = new AtomicInteger();
    final Map<String, Integer> began = new ConcurrentHashMap<>();

    @Override
    public void asked(PeerOutcome outcome) {
      outcomes.add(outcome);
    }

    @Override
    public void began(Transfer transfer) {
      began.merge(transfer.peerId(), 1, Integer::sum);
    }

    @Override
    public void ended(Transfer transfer) {
      ended.add(transfer);
    }

    @Override
    public void switched(boolean found) {
      switched.add(found);
    }

    @Override
    public void wrongContent(String peerId, String key) {
      wrong.add(peerId);
    }

    @Override
    public void tagConflict() {
      tagConflicts.incrementAndGet();
    }
  }

  /** What a scripted peer does with a request. */
  @FunctionalInterface
  interface Script {

    /**
     * Answers one request; returning ends the connection.
     *
     * @param head the request's head as it came
     */
    void answer(String head, OutputStream out) throws IOException, InterruptedException;
  }

  /** A peer that says what a test likes. */
  final class ScriptedPeer implements Closeable {
    private static final int MAX_HEAD_BYTES = 16 * 1024;

    final String id;
    final List<String> heads = new CopyOnWriteArrayList<>();
    private final MemoryRouter router;
    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Script script;

    ScriptedPeer(InetAddress address, Script script) throws IOException {
      this.id = "peer-" + address.getHostAddress();
      this.router = new MemoryRouter(network, new Provider(id, List.of(address)));
      this.script = script;
      this.server = new ServerSocket(port, 64, address);
      Thread.ofVirtual().start(this::accept);
    }

    void advertise(Object... keys) {
      for (Object key : keys) {
        router.advertise(List.of(key.toString()));
      }
    }

    private void accept() {
      try {
        while (true) {
          Socket socket = server.accept();
          sockets.add(socket);
          Thread.ofVirtual().start(() -> serve(socket));
        }
      } catch (IOException e) {
        // Closed.
      }
    }

    private void serve(Socket socket) {
      try (socket) {
        String head = readHead(socket.getInputStream());
        heads.add(head);
        script.answer(head, socket.getOutputStream());
        socket.shutdownOutput();
        var _ = socket.getInputStream().readAllBytes();
      } catch (IOException e) {
        // The client has gone.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static String readHead(InputStream in) throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.length() < MAX_HEAD_BYTES && head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("no request");
        }
        head.append((char) next);
      }
      return head.toString();
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  /** The head of an answer. */
  static byte[] head(int status, long length, String... fields) {
    StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
    text.append("Content-Length: ").append(length).append("\r\n");
    for (String field : fields) {
      text.append(field).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }
}
