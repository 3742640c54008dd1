package spegel.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;

/** What every store keeps to. */
public abstract class ContentStoreContract {
  private static final long DEADLINE_SECONDS = 20;

  private static final Reference APP_1 = Reference.parse("docker.io/library/app:1");
  private static final Reference APP_2 = Reference.parse("docker.io/library/app:2");
  private static final Reference SECRET = Reference.parse("reg.local:5000/secret:1");

  private final SampleImage one = SampleImage.of("one", "base", "one");
  private final SampleImage two = SampleImage.of("two", "base", "two");

  /** What the listener heard. */
  private final List<StoreEvent> events = new CopyOnWriteArrayList<>();

  private final AtomicInteger callsUnderWay = new AtomicInteger();
  private final List<String> overlaps = new CopyOnWriteArrayList<>();

  private StoreFixture fixture;
  private ContentStore store;

  /**
   * A fresh fixture without images.
   *
   * @param filter what its store serves
   */
  protected abstract StoreFixture fixture(Predicate<Reference> filter) throws Exception;

  @BeforeEach
  final void begin() throws Exception {
    fixture = fixture(reference -> !reference.repository().path().equals("secret"));
    store = fixture.store();
  }

  @AfterEach
  final void end() throws Exception {
    fixture.close();
    assertEquals(List.of(), overlaps);
    assertEquals(announced(), announcedOneByOne());
  }

  @Test
  final void start_listsWhatIsThere() throws Exception {
    put(APP_1, one);
    assertFalse(store.connected());

    start();

    awaitAnnounced(APP_1.taggedName(), one);
    await("connected", store::connected);
    assertEquals(Optional.of(one.target().digest()), store.resolve(APP_1));
    for (byte[] blob : one.blobs()) {
      assertEquals(Optional.of((long) blob.length), find(blob).map(Descriptor::size));
      assertArrayEquals(blob, open(Digest.sha256(blob)));
    }
    assertEquals(
        new StoreStatistics.Counts(1, 1, one.blobs().size()),
        store.statistics().registries().get("docker.io"));
    long bytes = one.blobs().stream().mapToLong(blob -> blob.length).sum();
    assertEquals(
        new Inventory(
            List.of(new Inventory.Image(APP_1, one.target().digest(), one.blobs().size(), bytes)),
            1,
            one.blobs().size(),
            bytes),
        store.inventory(10));
  }

  @Test
  final void find_isEmpty_whenContentIsUnknown() throws Exception {
    put(APP_1, one);
    startConnected();

    assertEquals(Optional.empty(), store.find(Digest.sha256(SampleImage.layer("none"))));
    assertEquals(Optional.empty(), store.open(Digest.sha256(SampleImage.layer("none"))));
    assertEquals(Optional.empty(), store.resolve(APP_2));
  }

  @Test
  final void putImage_isAnnounced_whenStarted() throws Exception {
    startConnected();
    assertEquals(Set.of(), announced());

    put(APP_1, one);

    awaitAnnounced(APP_1.taggedName(), one);
    assertEquals(Optional.of(one.target().digest()), store.resolve(APP_1));
    assertArrayEquals(SampleImage.layer("base"), open(SampleImage.layerDigest("base")));
  }

  @Test
  final void index_isAnnounced_asFarAsItIsThere() throws Exception {
    SampleImage index = SampleImage.indexOf(one, two);
    put(APP_1, index);

    startConnected();

    awaitAnnounced(APP_1.taggedName(), index);
    assertEquals(Optional.of(index.target().digest()), store.resolve(APP_1));
    assertEquals(Optional.empty(), store.find(two.target().digest()));
    assertEquals(Optional.empty(), store.open(two.target().digest()));
  }

  @Test
  final void tag_isAnnouncedAnew_whenItMoves() throws Exception {
    put(APP_1, one);
    startConnected();
    int before = events.size();

    put(APP_1, two);

    await("moved", () -> store.resolve(APP_1).equals(Optional.of(two.target().digest())));
    await("announced", () -> since(before).contains(created(APP_1.taggedName())));
    assertTrue(since(before).contains(created(two.target().digest().toString())));
    assertArrayEquals(two.blobs().getFirst(), open(two.target().digest()));
  }

  @Test
  final void sharedDigest_survives_whenOneImageIsDeleted() throws Exception {
    put(APP_1, one);
    put(APP_2, two);
    startConnected();

    fixture.removeImage(APP_1);

    await("withdrawn", () -> !announced().contains(APP_1.taggedName()));
    await("withdrawn", () -> store.find(SampleImage.layerDigest("one")).isEmpty());
    assertEquals(Optional.empty(), store.resolve(APP_1));
    assertArrayEquals(SampleImage.layer("base"), open(SampleImage.layerDigest("base")));
    awaitAnnounced(APP_2.taggedName(), two);
  }

  @Test
  final void target_survives_whenItHasAnotherName() throws Exception {
    put(APP_1, one);
    put(APP_2, one);
    startConnected();

    fixture.removeImage(APP_1);

    awaitAnnounced(APP_2.taggedName(), one);
    assertEquals(Optional.of(one.target().digest()), store.resolve(APP_2));
  }

  @Test
  final void collectedContent_isAMiss_andIsWithdrawn() throws Exception {
    put(APP_1, one);
    startConnected();
    Digest layer = SampleImage.layerDigest("one");

    fixture.removeBlob(layer);

    // Nobody may have noticed yet, but this one does.
    assertEquals(Optional.empty(), store.open(layer));
    assertEquals(Optional.empty(), store.find(layer));
    await("withdrawn", () -> !announced().contains(layer.toString()));
    assertEquals(Optional.of(one.target().digest()), store.resolve(APP_1));
  }

  @Test
  final void collectedTarget_takesItsTagAlong() throws Exception {
    put(APP_1, one);
    startConnected();

    fixture.removeBlob(one.target().digest());

    assertEquals(Optional.empty(), store.open(one.target().digest()));
    assertEquals(Optional.empty(), store.resolve(APP_1));
    await("withdrawn", () -> !announced().contains(APP_1.taggedName()));
  }

  @Test
  final void relisting_withdrawsCollectedContent_thatNobodyAskedFor() throws Exception {
    put(APP_1, one);
    startConnected();
    Digest layer = SampleImage.layerDigest("one");

    fixture.removeBlob(layer);
    fixture.relist();

    await("withdrawn", () -> !announced().contains(layer.toString()));
    assertEquals(Optional.empty(), store.find(layer));
    assertTrue(announced().contains(SampleImage.layerDigest("base").toString()));
  }

  @Test
  final void filter_hidesNameAndContent() throws Exception {
    put(SECRET, one);
    put(APP_1, two);
    startConnected();

    awaitAnnounced(APP_1.taggedName(), two);
    assertEquals(Optional.empty(), store.resolve(SECRET));
    assertEquals(Optional.empty(), store.find(one.target().digest()));
    assertEquals(Optional.empty(), store.open(one.target().digest()));
    assertEquals(Set.of("docker.io"), store.statistics().registries().keySet());
    // The layer that it shares with an image that may be served may be, too.
    assertArrayEquals(SampleImage.layer("base"), open(SampleImage.layerDigest("base")));
  }

  @Test
  final void openedContent_staysReadable_whenItIsCollected() throws Exception {
    put(APP_1, one);
    startConnected();
    Digest layer = SampleImage.layerDigest("one");

    try (Blob blob = store.open(layer).orElseThrow()) {
      fixture.removeBlob(layer);
      assertArrayEquals(SampleImage.layer("one"), read(blob));
    }
  }

  @Test
  final void close_disconnects_andLeavesOpenWhatIsOpen() throws Exception {
    put(APP_1, one);
    startConnected();

    try (Blob blob = store.open(SampleImage.layerDigest("one")).orElseThrow()) {
      store.close();
      assertFalse(store.connected());
      assertArrayEquals(SampleImage.layer("one"), read(blob));
    }
  }

  private void put(Reference reference, SampleImage image) throws Exception {
    fixture.putImage(reference, image.target(), image.blobs());
  }

  private void start() {
    store.start(
        event -> {
          if (callsUnderWay.incrementAndGet() > 1) {
            overlaps.add(event + " while another was being heard");
          }
          events.add(event);
          callsUnderWay.decrementAndGet();
        });
  }

  private void startConnected() {
    start();
    await("connected", store::connected);
  }

  /** What others could now ask for. */
  private Set<String> announced() {
    Set<String> keys = new TreeSet<>();
    for (StoreEvent event : events) {
      if (event.type() == StoreEvent.Type.CREATE) {
        keys.add(event.key());
      } else {
        keys.remove(event.key());
      }
    }
    return keys;
  }

  /** The same, but a digest that is created twice or deleted without having been fails. */
  private Set<String> announcedOneByOne() {
    Set<String> keys = new TreeSet<>();
    for (StoreEvent event : List.copyOf(events)) {
      boolean tag = !event.key().startsWith("sha256:");
      boolean changed =
          event.type() == StoreEvent.Type.CREATE ? keys.add(event.key()) : keys.remove(event.key());
      if (!changed && !(tag && event.type() == StoreEvent.Type.CREATE)) {
        fail("out of order: " + event + " in " + events);
      }
    }
    return keys;
  }

  private void awaitAnnounced(String tag, SampleImage image) {
    Set<String> expected = new TreeSet<>(Set.of(tag));
    image.digests().forEach(digest -> expected.add(digest.toString()));
    await("exactly " + expected, () -> announced().equals(expected));
  }

  private List<StoreEvent> since(int count) {
    return List.copyOf(events.subList(count, events.size()));
  }

  private static StoreEvent created(String key) {
    return new StoreEvent(StoreEvent.Type.CREATE, key);
  }

  private Optional<Descriptor> find(byte[] content) {
    return store.find(Digest.sha256(content));
  }

  private byte[] open(Digest digest) throws IOException {
    try (Blob blob = store.open(digest).orElseThrow()) {
      return read(blob);
    }
  }

  private static byte[] read(Blob blob) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) blob.size());
    switch (blob) {
      case Blob.InMemory memory -> bytes.put(memory.bytes().duplicate());
      case Blob.InFile file -> {
        while (bytes.hasRemaining() && file.channel().read(bytes, bytes.position()) >= 0) {}
      }
    }
    return bytes.array();
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        List<StoreEvent> heard = new ArrayList<>(events);
        fail("not in time: " + what + "; heard " + heard);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }
}
