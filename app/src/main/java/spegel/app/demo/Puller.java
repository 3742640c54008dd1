package spegel.app.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.MediaTypes;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;

/**
 * Pulls as containerd does: each thing from the node's mirror, and what that has not from the
 * registry; the tag first, then manifests, then configuration and layers, three at a time; all of
 * it verified. Unlike containerd it does not go on where a transfer broke off: the pull has failed.
 */
final class Puller {
  private static final int CONCURRENT_BLOBS = 3;

  private final Reference name;
  private final Digest wanted;
  private final RegistryClient mirror;
  private final RegistryClient upstream;
  private final TokenBucket link;
  private final Layout layout;
  private final PullProgress progress;

  /**
   * @param image its name, and which of its manifests this node's platform wants; its content is
   *     found out
   * @param link the way to the registry
   * @param layout takes what is pulled
   */
  Puller(
      DemoImage image,
      RegistryClient mirror,
      RegistryClient upstream,
      TokenBucket link,
      Layout layout,
      PullProgress progress) {
    this.name = image.name();
    this.wanted = image.manifest();
    this.mirror = mirror;
    this.upstream = upstream;
    this.link = link;
    this.layout = layout;
    this.progress = progress;
  }

  private interface Request {
    Optional<InputStream> to(RegistryClient registry) throws IOException;
  }

  /**
   * Pulls all of the image.
   *
   * @throws IOException when something could not be had, or was not what it should be
   */
  void pull() throws IOException, InterruptedException {
    Digest digest = resolve();
    byte[] bytes = manifest(digest);
    Descriptor root = new Descriptor(parse(bytes).mediaType(), digest, bytes.length);
    Manifest manifest = parse(bytes);
    if (manifest instanceof Manifest.Index) {
      manifest = parse(manifest(wanted));
    }
    if (!(manifest instanceof Manifest.Image image)) {
      throw new IOException(digest + " is no image");
    }
    blobs(image.children().stream().distinct().toList());
    layout.list(name, root);
  }

  private Digest resolve() throws IOException {
    Optional<Digest> ofMirror = mirror.resolve(name);
    Optional<Digest> found = ofMirror.isPresent() ? ofMirror : upstream.resolve(name);
    return found.orElseThrow(() -> new IOException("the registry has no " + name));
  }

  private byte[] manifest(Digest digest) throws IOException {
    byte[] bytes;
    try (InputStream in = fetch(digest, registry -> registry.manifest(name, digest))) {
      bytes = in.readNBytes(Manifest.MAX_BYTES + 1);
    }
    Descriptor descriptor = new Descriptor(MediaTypes.OCI_MANIFEST, digest, bytes.length);
    layout.add(descriptor, new ByteArrayInputStream(bytes));
    return bytes;
  }

  private static Manifest parse(byte[] bytes) throws IOException {
    try {
      return Manifest.parse(bytes);
    } catch (OciFormatException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void blobs(List<Descriptor> blobs) throws IOException, InterruptedException {
    ExecutorService workers =
        Executors.newFixedThreadPool(CONCURRENT_BLOBS, Thread.ofVirtual().name("pull").factory());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Descriptor blob : blobs) {
        running.add(
            workers.submit(
                () -> {
                  blob(blob);
                  return null;
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      // Interrupts what still runs, which closes its connection, and waits for it.
      workers.shutdownNow();
      workers.close();
    }
  }

  private void blob(Descriptor blob) throws IOException {
    try (InputStream in = fetch(blob.digest(), registry -> registry.blob(name, blob.digest()))) {
      layout.add(blob, in);
    }
  }

  private InputStream fetch(Digest digest, Request request) throws IOException {
    Optional<InputStream> ofMirror = request.to(mirror);
    if (ofMirror.isPresent()) {
      return progress.ofMirror(ofMirror.get());
    }
    try {
      InputStream ofUpstream =
          request.to(upstream).orElseThrow(() -> new IOException("the registry does not have it"));
      return progress.ofUpstream(link.limit(ofUpstream));
    } catch (IOException e) {
      throw new IOException(digest + ": no peer has it, and upstream: " + e.getMessage(), e);
    }
  }
}
