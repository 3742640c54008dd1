package spegel.mirror;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import spegel.mirror.MeasurementReport.Part;
import spegel.mirror.MeasurementReport.PeerSamples;
import spegel.mirror.MeasurementReport.Sample;
import spegel.mirror.MeasurementReport.State;
import spegel.oci.Descriptor;
import spegel.oci.Manifest;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;
import spegel.routing.Lookup;
import spegel.routing.Provider;
import spegel.routing.Router;

/**
 * Measures how well an image can be had from the nodes that have it: how long it takes to find
 * them, and how fast each gives the manifest and every layer. One request at a time, of peers only,
 * within bounds of time and bytes; what is read is forgotten. Nothing of it counts for which peer
 * is preferred. Run once, by one thread.
 */
public final class Measurement {
  /** Manifests of an index that are tried: a peer mostly has those of one platform. */
  private static final int MAX_CHILDREN = 16;

  private static final int MAX_FAILURE_CHARS = 200;

  /**
   * How much is measured.
   *
   * @param time from begin to end
   * @param lookupTime until the last provider is known
   * @param peers providers
   * @param blobs of an image
   * @param bytesOfBlob that are read of each
   * @param bytes that are read of all
   */
  public record Limits(
      Duration time, Duration lookupTime, int peers, int blobs, long bytesOfBlob, long bytes) {
    public static final Limits DEFAULT =
        new Limits(Duration.ofSeconds(30), Duration.ofSeconds(3), 8, 64, 8L << 20, 512L << 20);
  }

  private final Reference image;
  private final Router router;
  private final PeerSampler sampler;
  private final Limits limits;

  // Guarded by this.
  private final List<Subject> subjects = new ArrayList<>();
  private State state = State.RUNNING;
  private @Nullable Duration lookup;
  private long beganNanos = System.nanoTime();
  private long endedNanos;

  /** A peer, with what is known of it. */
  private static final class Subject {
    final Provider provider;
    final List<Sample> samples = new ArrayList<>();
    List<Blob> blobs = List.of();

    Subject(Provider provider) {
      this.provider = provider;
    }
  }

  private record Blob(Part part, Descriptor descriptor) {}

  Measurement(Reference image, Router router, PeerSampler sampler, Limits limits) {
    this.image = image;
    this.router = router;
    this.sampler = sampler;
    this.limits = limits;
  }

  /** What is known so far; from any thread. */
  public synchronized MeasurementReport report() {
    long untilNanos = state == State.RUNNING ? System.nanoTime() : endedNanos;
    return new MeasurementReport(
        image,
        state,
        Duration.ofNanos(untilNanos - beganNanos),
        lookup,
        subjects.stream()
            .map(
                subject ->
                    new PeerSamples(subject.provider.peerId(), address(subject), subject.samples))
            .toList());
  }

  private static InetAddress address(Subject subject) {
    return subject.provider.addresses().getFirst();
  }

  /** Measures; blocks until it has ended. */
  public void run() {
    State end = State.INTERRUPTED;
    synchronized (this) {
      beganNanos = System.nanoTime();
    }
    try {
      end = measure();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        endedNanos = System.nanoTime();
        state = end;
      }
    }
  }

  private State measure() throws InterruptedException {
    List<Subject> found = find();
    if (found.isEmpty()) {
      return State.NO_PROVIDER;
    }
    for (Subject subject : found) {
      if (left(limits.time).isZero()) {
        return State.OUT_OF_TIME;
      }
      askManifests(subject);
    }
    long bytes = 0;
    // Layer by layer, so that every peer has its turn when the time is not enough for all.
    for (int i = 0; i < limits.blobs; i++) {
      for (Subject subject : found) {
        if (i >= subject.blobs.size()) {
          continue;
        }
        if (left(limits.time).isZero()) {
          return State.OUT_OF_TIME;
        }
        if (bytes >= limits.bytes) {
          return State.OUT_OF_BYTES;
        }
        Blob blob = subject.blobs.get(i);
        long most = Math.min(limits.bytesOfBlob, limits.bytes - bytes);
        Sample sample =
            sampler.blob(
                subject.provider, image, blob.part, blob.descriptor, most, left(limits.time));
        bytes += sample.readBytes();
        add(subject, sample);
      }
    }
    return State.COMPLETE;
  }

  private List<Subject> find() throws InterruptedException {
    try (Lookup search = router.lookup(key())) {
      for (int i = 0; i < limits.peers; i++) {
        Optional<Provider> next = search.next(left(limits.lookupTime));
        if (next.isEmpty()) {
          break;
        }
        synchronized (this) {
          if (lookup == null) {
            lookup = Duration.ofNanos(System.nanoTime() - beganNanos);
          }
          subjects.add(new Subject(next.get()));
        }
      }
    }
    synchronized (this) {
      return List.copyOf(subjects);
    }
  }

  private String key() {
    return image.digest() == null ? image.taggedName() : image.digest().toString();
  }

  private synchronized Duration left(Duration limit) {
    long nanos = limit.toNanos() - (System.nanoTime() - beganNanos);
    return Duration.ofNanos(Math.max(0, nanos));
  }

  private synchronized void add(Subject subject, Sample sample) {
    subject.samples.add(sample);
  }

  /** Asks for the manifest, and of an index for the first one of it that the peer has. */
  private void askManifests(Subject subject) throws InterruptedException {
    Optional<Manifest> top = askManifest(subject, image, false);
    if (top.isEmpty()) {
      return;
    }
    if (top.get() instanceof Manifest.Image whole) {
      subject.blobs = blobs(whole);
      return;
    }
    List<Descriptor> children = top.get().children();
    for (Descriptor child : children.subList(0, Math.min(MAX_CHILDREN, children.size()))) {
      if (left(limits.time).isZero()) {
        return;
      }
      Reference name = new Reference(image.repository(), null, child.digest());
      if (askManifest(subject, name, true).orElse(null) instanceof Manifest.Image whole) {
        subject.blobs = blobs(whole);
        return;
      }
    }
  }

  private Optional<Manifest> askManifest(Subject subject, Reference name, boolean optional)
      throws InterruptedException {
    long began = System.nanoTime();
    String asked = name.digest() == null ? name.taggedName() : name.digest().toString();
    try (MirrorResult.ManifestFound found =
        sampler.manifest(subject.provider, name, left(limits.time))) {
      Duration total = Duration.ofNanos(System.nanoTime() - began);
      Manifest manifest = Manifest.parse(bytes(found));
      Part part = manifest instanceof Manifest.Index ? Part.INDEX : Part.MANIFEST;
      add(subject, new Sample(part, asked, found.size(), found.size(), null, total, null));
      return Optional.of(manifest);
    } catch (IOException | OciFormatException e) {
      boolean missing =
          e instanceof PeerAnswerException answer && answer.outcome() == PeerOutcome.MISSING;
      if (!missing || !optional) {
        Duration total = Duration.ofNanos(System.nanoTime() - began);
        add(subject, new Sample(Part.MANIFEST, asked, 0, 0, null, total, failure(e)));
      }
      return Optional.empty();
    }
  }

  private static byte[] bytes(MirrorResult.ManifestFound found) {
    ByteBuffer content =
        found.content() == null ? ByteBuffer.allocate(0) : found.content().bytes().duplicate();
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }

  private static List<Blob> blobs(Manifest.Image manifest) {
    List<Blob> blobs = new ArrayList<>();
    blobs.add(new Blob(Part.CONFIG, manifest.config()));
    manifest.layers().forEach(layer -> blobs.add(new Blob(Part.LAYER, layer)));
    return List.copyOf(blobs);
  }

  /** A failure's text, which a peer may have chosen in part. */
  static String failure(Exception failure) {
    String text = String.valueOf(failure.getMessage());
    return text.length() <= MAX_FAILURE_CHARS ? text : text.substring(0, MAX_FAILURE_CHARS) + "…";
  }
}
