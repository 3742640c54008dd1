package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.containerd.ContainerdServer.MANIFEST;
import static spegel.containerd.StoreFixture.await;
import static spegel.store.StoreEvent.Type.CREATE;
import static spegel.store.StoreEvent.Type.DELETE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.oci.Digest;

/** A containerd that goes away, comes back, answers nonsense, or is not the one it should be. */
@Timeout(60)
class ContainerdOutageTest {
  private static final String NGINX = "docker.io/library/nginx:1";
  private static final String OTHER = "docker.io/library/other:1";

  @TempDir Path directory;

  @Test
  void start_connectsLater_whenContainerdIsNotThereYet() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      fixture.startStore();
      assertFalse(fixture.store.connected());
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));

      fixture.server.start();

      fixture.awaitEvent(CREATE, NGINX);
      await("connected", fixture.store::connected);
    }
  }

  @Test
  void stop_suspendsTagsAndKeepsContent_untilListedAgain() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest before = fixture.server.addImage("before");
      Digest kept = fixture.server.addImage("kept");
      fixture.server.tag(NGINX, MANIFEST, before);
      fixture.server.tag(OTHER, MANIFEST, kept);
      fixture.connect();

      fixture.server.stop();
      await("away", () -> !fixture.store.connected());
      assertFalse(fixture.resolves(NGINX));
      assertFalse(fixture.resolves(OTHER));
      assertTrue(fixture.store.find(before).isPresent());
      fixture.store.open(before).orElseThrow().close();

      Digest after = fixture.server.addImage("after");
      fixture.server.tag(NGINX, MANIFEST, after);
      fixture.events.clear();
      fixture.server.start();

      await("re-pointed", () -> fixture.resolvesTo(NGINX, after));
      assertTrue(fixture.resolvesTo(OTHER, kept));
      fixture.awaitEvent(CREATE, NGINX);
      fixture.awaitEvent(DELETE, before);
      assertFalse(fixture.events.contains("CREATE " + kept), "only the difference is told");
    }
  }

  @Test
  void lostStream_isListedAnew_whenContainerdItselfIsThere() throws IOException {
    try (var fixture = new StoreFixture(directory).connect()) {
      // No event will tell of this image.
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));

      fixture.server.loseStreams();

      fixture.awaitEvent(CREATE, NGINX);
      await("connected", fixture.store::connected);
    }
  }

  @Test
  void overflow_isListedAnew() throws Exception {
    try (var fixture = new StoreFixture(directory).connect()) {
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch answer = new CountDownLatch(1);
      fixture.server.onImageGet =
          name -> {
            asked.countDown();
            try {
              answer.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          };
      fixture.server.emitImage("create", OTHER);
      assertTrue(asked.await(20, TimeUnit.SECONDS));
      int listings = fixture.server.listings.get();
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));

      for (int i = 0; i <= ChangeStream.MAX_WAITING + 100; i++) {
        fixture.server.emitImage("create", "docker.io/library/flood:" + i);
      }
      answer.countDown();

      fixture.awaitEvent(CREATE, NGINX);
      assertTrue(fixture.server.listings.get() > listings);
    }
  }

  @Test
  void relist_findsWhatNoEventToldOf() throws IOException {
    Timings often = new Timings(30, 30, 5, 40, 5, 12);
    try (var fixture =
        new StoreFixture(directory, often, reference -> true, directory.resolve("content"))) {
      Digest gone = fixture.server.addImage("gone");
      fixture.server.tag(NGINX, MANIFEST, gone);
      fixture.connect();
      fixture.server.images.remove(NGINX);

      fixture.awaitEvent(DELETE, NGINX);
      fixture.awaitEvent(DELETE, gone);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "containerd.services.version.v1.Version/Version",
        "containerd.services.introspection.v1.Introspection/Plugins",
        "containerd.services.images.v1.Images/List",
        "containerd.services.content.v1.Content/List",
        "containerd.services.events.v1.Events/Subscribe"
      })
  void nonsense_keepsItTrying(String method) throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));
      fixture.server.garbage.add(method);
      fixture.server.start();
      fixture.startStore();

      await("calls", () -> !fixture.server.namespacesSeen.isEmpty());
      fixture.server.garbage.clear();

      fixture.awaitEvent(CREATE, NGINX);
      await("connected", () -> fixture.store.connected() && fixture.resolves(NGINX));
    }
  }

  @Test
  void listing_isRefused_whenItIsHuge() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest manifest = fixture.server.addImage("a");
      String longName = "docker.io/" + "x".repeat(200_000);
      for (int i = 0; i < 100; i++) {
        fixture.server.tag(longName + ":" + i, MANIFEST, manifest);
      }
      fixture.server.start();
      fixture.startStore();

      await("attempts", () -> fixture.server.listings.get() > 1);
      assertFalse(fixture.store.connected());
      fixture.server.images.clear();
      fixture.server.tag(NGINX, MANIFEST, manifest);

      fixture.awaitEvent(CREATE, NGINX);
    }
  }

  @Test
  void contentPath_isAskedOfContainerd_whenNoneIsGiven() throws IOException {
    try (var fixture = new StoreFixture(directory, StoreFixture.QUIET, reference -> true, null)) {
      Digest manifest = fixture.server.addImage("a");
      fixture.server.tag(NGINX, MANIFEST, manifest);

      fixture.connect();

      fixture.store.open(manifest).orElseThrow().close();
    }
  }

  @Test
  void contentPath_isAnErrorNamingBoth_whenItIsAnotherContainerds() throws IOException {
    Path wrong = Files.createDirectories(directory.resolve("wrong"));
    try (var fixture = new StoreFixture(directory, StoreFixture.QUIET, reference -> true, wrong)) {
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));
      fixture.server.start();
      fixture.startStore();

      await("finding", () -> !fixture.findings.isEmpty());
      await("attempts", () -> fixture.server.listings.get() > 2);

      assertEquals(1, fixture.findings.size(), "told once");
      Finding finding = fixture.findings.getFirst();
      assertEquals(Finding.Severity.ERROR, finding.severity());
      assertTrue(finding.problem().contains(wrong.toString()), finding.problem());
      assertTrue(
          finding.advice().contains(fixture.server.contentPath().toString()), finding.advice());
      assertFalse(fixture.store.connected());
    }
  }

  @Test
  void contentPath_isAnError_whenItIsAnotherContainerdsWithSomeOfTheSameContent()
      throws IOException {
    Path wrong = directory.resolve("wrong");
    try (var fixture = new StoreFixture(directory, StoreFixture.QUIET, reference -> true, wrong)) {
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));
      Digest shared = fixture.server.addBlob("shared".getBytes(StandardCharsets.UTF_8));
      Path copy = new ContentDirectory(wrong).file(shared);
      Files.createDirectories(copy.getParent());
      Files.writeString(copy, "shared");
      fixture.server.start();
      fixture.startStore();

      await("finding", () -> fixture.findings.stream().anyMatch(ContainerdOutageTest::isError));
      assertFalse(fixture.store.connected());
    }
  }

  @Test
  void contentPath_isAnError_whenContainerdHasNothingAndNamesAnother() throws IOException {
    Path wrong = Files.createDirectories(directory.resolve("wrong"));
    try (var fixture = new StoreFixture(directory, StoreFixture.QUIET, reference -> true, wrong)) {
      fixture.server.start();
      fixture.startStore();

      await("finding", () -> fixture.findings.stream().anyMatch(ContainerdOutageTest::isError));
      assertFalse(fixture.store.connected());
    }
  }

  @Test
  void contentPath_isAnError_whenContainerdsCannotBeSeenAndThisHoldsOtherThings()
      throws IOException {
    Path wrong = Files.createDirectories(directory.resolve("wrong/else")).getParent();
    try (var fixture = new StoreFixture(directory, StoreFixture.QUIET, reference -> true, wrong)) {
      fixture.server.exportedElsewhere = directory.resolve("on-the-host");
      fixture.server.start();
      fixture.startStore();

      await("finding", () -> fixture.findings.stream().anyMatch(ContainerdOutageTest::isError));
      assertFalse(fixture.store.connected());
    }
  }

  @Test
  void contentPath_isRight_whenContainerdHasNothingAndHasCreatedNothingInIt() throws IOException {
    try (var fixture = new StoreFixture(directory).connect()) {
      assertFalse(Files.exists(fixture.server.contentPath().resolve("blobs")));
      assertTrue(fixture.findings.stream().noneMatch(ContainerdOutageTest::isError));
    }
  }

  @Test
  void contentPath_isAnErrorLater_whenContainerdHadNothingAtFirst() throws IOException {
    Path wrong = Files.createDirectories(directory.resolve("wrong"));
    Timings timings = new Timings(600_000, 20, 5, 40, 5, 12);
    try (var fixture = new StoreFixture(directory, timings, reference -> true, wrong)) {
      fixture.server.exportedElsewhere = directory.resolve("on-the-host");
      fixture.connect();
      await("second listing", () -> fixture.server.listings.get() > 1);
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));

      fixture.server.emitImage("create", NGINX);

      await("finding", () -> fixture.findings.stream().anyMatch(ContainerdOutageTest::isError));
      await("not connected", () -> !fixture.store.connected());
    }
  }

  private static boolean isError(Finding finding) {
    return finding.severity() == Finding.Severity.ERROR;
  }

  @Test
  void unreadableContent_isLeftOut_andTheRestServed() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest manifest = fixture.server.addImage("a");
      fixture.server.tag(NGINX, MANIFEST, manifest);
      // Not even root can look into a file as if it were a directory.
      Files.writeString(fixture.server.contentPath().resolve("blobs/sha512"), "");
      Digest unreadable = Digest.of(Digest.Algorithm.SHA512, new byte[0]);
      fixture.server.label(unreadable, 0, SourceLabels.PREFIX + "docker.io=library/nginx");

      fixture.connect();

      assertTrue(fixture.resolvesTo(NGINX, manifest));
      assertTrue(fixture.store.find(unreadable).isEmpty());
    }
  }

  @Test
  void contentPath_isRight_whenItIsAMountOfContainerdsOwn() throws IOException {
    Path mount = directory.resolve("mount");
    Files.createDirectories(directory.resolve("content"));
    Files.createSymbolicLink(mount, directory.resolve("content"));
    try (var fixture = new StoreFixture(directory, StoreFixture.QUIET, reference -> true, mount)) {
      fixture.server.addBlob("x".getBytes(StandardCharsets.UTF_8));
      fixture.server.tag(NGINX, MANIFEST, fixture.server.addImage("a"));

      fixture.connect();

      assertTrue(fixture.resolves(NGINX));
    }
  }

  @Test
  void close_ends_whileContainerdIsAway() {
    var fixture = new StoreFixture(directory);
    fixture.startStore();

    fixture.close();

    assertFalse(fixture.store.connected());
  }
}
