package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.containerd.ContainerdServer.INDEX;
import static spegel.containerd.ContainerdServer.MANIFEST;
import static spegel.containerd.StoreFixture.await;
import static spegel.store.StoreEvent.Type.CREATE;
import static spegel.store.StoreEvent.Type.DELETE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.store.Blob;
import spegel.store.StoreStatistics;

class ContainerdStoreTest {
  private static final String NGINX = "docker.io/library/nginx:1";
  private static final String OTHER = "docker.io/library/other:1";
  private static final String SOURCE = SourceLabels.PREFIX + "docker.io=library/nginx";

  @TempDir Path directory;

  @Test
  void start_listsWhatIsReallyThere_whenOnePlatformOfAnIndexWasPulled() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest manifest = fixture.server.addImage("amd64");
      Digest absent = Digest.sha256(bytes("arm64, never pulled"));
      Digest index = fixture.server.addBlob(ContainerdServer.index(manifest, absent));
      fixture.server.tag(NGINX, INDEX, index);

      fixture.connect();

      assertTrue(fixture.resolvesTo(NGINX, index));
      assertEquals(MANIFEST, fixture.store.find(manifest).map(Descriptor::mediaType).orElseThrow());
      assertTrue(fixture.store.find(Digest.sha256(bytes("layer of amd64"))).isPresent());
      assertEquals(Optional.empty(), fixture.store.find(absent));
      assertEquals("CREATE " + NGINX, fixture.events.getLast());
      assertEquals(5, fixture.events.size());
      assertEquals(Set.of(ContainerdServer.NAMESPACE), fixture.server.namespacesSeen);
    }
  }

  @Test
  void start_listsLabelledContent_whenNoImageHoldsIt() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest labelled = fixture.server.addBlob(bytes("labelled"), SOURCE);
      Digest unlabelled = fixture.server.addBlob(bytes("unlabelled"));

      fixture.connect();

      assertTrue(fixture.store.find(labelled).isPresent());
      assertEquals(Optional.empty(), fixture.store.find(unlabelled));
      assertEquals(
          new StoreStatistics.Counts(0, 0, 1),
          fixture.store.statistics().registries().get("docker.io"));
    }
  }

  @Test
  void start_leavesOut_namesWithoutSlashAndNonsense() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest manifest = fixture.server.addImage("a");
      fixture.server.tag(NGINX, MANIFEST, manifest);
      fixture.server.tag(manifest.toString(), MANIFEST, manifest);
      fixture.server.tag("docker.io/../../etc/passwd:1", MANIFEST, manifest);
      fixture.server.tag("docker.io/x:" + "y".repeat(5_000), MANIFEST, manifest);
      fixture.server.tag("docker.io/library/odd:1", "no media type\r\nX: y", manifest);

      fixture.connect();

      assertTrue(fixture.resolvesTo(NGINX, manifest));
      assertEquals(
          List.of("CREATE " + NGINX),
          fixture.events.stream().filter(event -> !event.contains("sha256:")).toList());
    }
  }

  @Test
  void imageCreate_announcesTheWholeImage_whenNoContentEventsCome() throws IOException {
    try (var fixture = new StoreFixture(directory).connect()) {
      Digest manifest = fixture.server.addImage("new");
      fixture.server.tag(NGINX, MANIFEST, manifest);

      fixture.server.emitImage("create", NGINX);

      fixture.awaitEvent(CREATE, NGINX);
      fixture.awaitEvent(CREATE, manifest);
      fixture.awaitEvent(CREATE, Digest.sha256(bytes("layer of new")));
    }
  }

  @Test
  void imageUpdate_repointsTheTag() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest before = fixture.server.addImage("before");
      fixture.server.tag(NGINX, MANIFEST, before);
      fixture.connect();
      Digest after = fixture.server.addImage("after");
      fixture.server.tag(NGINX, MANIFEST, after);

      fixture.server.emitImage("update", NGINX);

      await("re-pointed", () -> fixture.resolvesTo(NGINX, after));
      fixture.awaitEvent(DELETE, before);
    }
  }

  @Test
  void imageDelete_keepsSharedContent_whenAnotherImageHoldsIt() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest manifest = fixture.server.addImage("shared");
      fixture.server.tag(NGINX, MANIFEST, manifest);
      fixture.server.tag(OTHER, MANIFEST, manifest);
      fixture.connect();
      fixture.server.images.remove(NGINX);

      fixture.server.emitImage("delete", NGINX);

      fixture.awaitEvent(DELETE, NGINX);
      assertTrue(fixture.store.find(manifest).isPresent());
      assertTrue(fixture.resolvesTo(OTHER, manifest));
      assertFalse(fixture.events.contains("DELETE " + manifest));
    }
  }

  @Test
  void imageDelete_isNotBelieved_whenTheImageIsThereAgain() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest manifest = fixture.server.addImage("a");
      fixture.server.tag(NGINX, MANIFEST, manifest);
      fixture.connect();

      fixture.server.emitImage("delete", NGINX);
      fixture.server.tag(OTHER, MANIFEST, manifest);
      fixture.server.emitImage("create", OTHER);

      fixture.awaitEvent(CREATE, OTHER);
      assertTrue(fixture.resolvesTo(NGINX, manifest));
    }
  }

  @Test
  void contentCreate_announcesContent_onceItsLabelIsThere() throws IOException {
    try (var fixture = new StoreFixture(directory).connect()) {
      Digest layer = fixture.server.addBlob(bytes("a layer"));
      Digest marker = fixture.server.addBlob(bytes("marker"), SOURCE);

      fixture.server.emitContent("create", layer);
      fixture.server.emitContent("create", marker);
      fixture.awaitEvent(CREATE, marker);
      assertFalse(fixture.events.contains("CREATE " + layer));
      fixture.server.label(layer, 7, SOURCE);

      fixture.awaitEvent(CREATE, layer);
    }
  }

  @Test
  void contentDelete_withdraws() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest layer = fixture.server.addBlob(bytes("a layer"), SOURCE);
      fixture.connect();
      fixture.server.contents.remove(layer.toString());

      fixture.server.emitContent("delete", layer);

      fixture.awaitEvent(DELETE, layer);
      assertEquals(Optional.empty(), fixture.store.find(layer));
    }
  }

  @Test
  void events_areIgnored_whenOfAnotherNamespaceOrMalformed() throws IOException {
    try (var fixture = new StoreFixture(directory).connect()) {
      Digest manifest = fixture.server.addImage("a");
      fixture.server.tag(NGINX, MANIFEST, manifest);
      fixture.server.tag(OTHER, MANIFEST, manifest);
      var payload = spegel.containerd.proto.ImageEventPayload.newBuilder().setName(NGINX).build();
      String type = "containerd.services.images.v1.ImageCreate";

      fixture.server.emit("moby", "/images/create", type, payload);
      fixture.server.emit(ContainerdServer.NAMESPACE, "/images/created", type, payload);
      fixture.server.emit(ContainerdServer.NAMESPACE, "/images/create", "x.ImageDelete", payload);
      fixture.server.emitImage("create", OTHER);

      fixture.awaitEvent(CREATE, OTHER);
      assertFalse(fixture.resolves(NGINX));
    }
  }

  @Test
  void open_yieldsTheFile() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest layer = fixture.server.addBlob(bytes("a layer"), SOURCE);
      fixture.connect();

      try (Blob blob = fixture.store.open(layer).orElseThrow()) {
        ByteBuffer content = ByteBuffer.allocate(100);
        ((Blob.InFile) blob).channel().read(content);
        assertEquals(7, blob.size());
        assertEquals("a layer", new String(content.array(), 0, 7, StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void open_isEmptyAndWithdraws_whenGarbageCollectionTookTheFile() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest layer = fixture.server.addBlob(bytes("a layer"), SOURCE);
      fixture.connect();
      Files.delete(new ContentDirectory(fixture.server.contentPath()).file(layer));

      assertEquals(Optional.empty(), fixture.store.open(layer));

      fixture.awaitEvent(DELETE, layer);
      assertEquals(Optional.empty(), fixture.store.find(layer));
    }
  }

  @Test
  void open_isEmpty_whenTheFileWasCutShort() throws IOException {
    try (var fixture = new StoreFixture(directory)) {
      Digest layer = fixture.server.addBlob(bytes("a layer"), SOURCE);
      fixture.connect();
      Files.write(new ContentDirectory(fixture.server.contentPath()).file(layer), bytes("a"));

      assertEquals(Optional.empty(), fixture.store.open(layer));

      fixture.awaitEvent(DELETE, layer);
    }
  }

  @Test
  void open_isEmpty_whenTheFilterRefusesTheImage() throws IOException {
    Path content = directory.resolve("content");
    try (var fixture =
        new StoreFixture(
            directory,
            StoreFixture.QUIET,
            reference -> !reference.repository().path().contains("nginx"),
            content)) {
      Digest layer = fixture.server.addBlob(bytes("a layer"), SOURCE);
      Digest manifest = fixture.server.addImage("secret", SOURCE);
      fixture.server.tag(NGINX, MANIFEST, manifest);

      fixture.connect();

      assertEquals(Optional.empty(), fixture.store.open(layer));
      assertEquals(Optional.empty(), fixture.store.open(manifest));
      assertEquals(List.of(), fixture.events);
    }
  }

  @Test
  void filter_seesTheRegistrysPort_whichLabelsLeaveOut() throws IOException {
    try (var fixture =
        new StoreFixture(
            directory,
            StoreFixture.QUIET,
            reference -> !reference.repository().toString().startsWith("reg.local:5000/secret"),
            directory.resolve("content"))) {
      String label = SourceLabels.PREFIX + "reg.local=secret/app";
      Digest manifest = fixture.server.addImage("secret", label);
      fixture.server.tag("reg.local:5000/secret/app:1", MANIFEST, manifest);
      Digest open = fixture.server.addBlob(bytes("open"), SourceLabels.PREFIX + "reg.local=open");

      fixture.connect();

      assertEquals(Optional.empty(), fixture.store.find(manifest));
      assertTrue(fixture.store.find(open).isPresent());
      assertEquals(Set.of("reg.local:5000"), fixture.store.statistics().registries().keySet());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
