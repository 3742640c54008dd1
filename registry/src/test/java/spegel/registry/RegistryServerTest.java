package spegel.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.auth.BasicCredentials;
import spegel.http.LogCapture;
import spegel.http.RawClient;
import spegel.http.RawClient.Reply;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RegistryServerTest {
  private static final String PEER = "X-Spegel-Mirrored: true";
  private static final Digest UNKNOWN = Digest.sha256(new byte[] {1});

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/"})
  void versionCheck_is200(String path) throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      assertEquals(200, client.get(path).status());
      assertEquals(200, client.head(path).status());
    }
  }

  @Test
  void probes_sayWhatIsSo() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      assertEquals(200, client.get("/readyz").status());
      assertEquals(200, client.get("/livez").status());
      node.ready = false;
      assertEquals(500, client.get("/readyz").status());
      assertEquals(200, client.get("/livez").status());
      assertEquals(404, client.get("/other").status());
      assertEquals(405, client.request("POST", "/readyz").reply().status());
    }
  }

  @Test
  void manifest_isServedWithItsHeaders_byTagAndDigestAndHead() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Map<String, String> fields =
          Map.of(
              "content-type",
              Node.MEDIA_TYPE,
              "content-length",
              Integer.toString(node.manifest.length),
              "docker-content-digest",
              node.manifestDigest.toString(),
              "etag",
              "\"" + node.manifestDigest + "\"");
      for (Object reference : new Object[] {"latest", node.manifestDigest, "latest"}) {
        Reply reply = client.get(node.manifest(reference));
        assertEquals(200, reply.status());
        assertEquals(new TreeMap<>(fields), new TreeMap<>(reply.fields()));
        assertArrayEquals(node.manifest, reply.body());
        Reply head = client.head(node.manifest(reference));
        assertEquals(200, head.status());
        assertEquals(reply.fields(), head.fields());
      }
      String digestOnly = "/v2/x/manifests/" + node.manifestDigest;
      assertEquals(200, client.get(digestOnly).status());
      assertEquals(404, client.get("/v2/library/nginx/manifests/latest").status());
    }
  }

  @Test
  void manifest_followsItsTag_fromTheNextRequestOn() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      assertEquals(200, client.get(node.manifest("latest")).status());
      byte[] moved = Node.manifest(new byte[] {1}, new byte[] {2});
      Digest digest = node.memory.putBlob(moved);
      node.memory.putImage(Node.LATEST, new Descriptor(Node.MEDIA_TYPE, digest, moved.length));
      assertArrayEquals(moved, client.get(node.manifest("latest")).body());
      node.memory.removeImage(Node.LATEST);
      assertEquals(404, client.get(node.manifest("latest")).status());
      assertEquals(404, client.get(node.manifest(digest)).status());
    }
  }

  @Test
  void manifest_isOctets_whenItIsNone() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Reply reply = client.get(node.manifest(node.layerDigest));
      assertEquals(200, reply.status());
      assertEquals("application/octet-stream", reply.field("content-type"));
      assertArrayEquals(node.layer, reply.body());
    }
  }

  @Test
  void blob_isServedWithItsHeaders_andHeadAgrees() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Reply reply = client.get(node.blob(node.layerDigest));
      assertEquals(200, reply.status());
      assertArrayEquals(node.layer, reply.body());
      Map<String, String> fields =
          Map.of(
              "content-type",
              "application/octet-stream",
              "content-length",
              "100000",
              "accept-ranges",
              "bytes",
              "docker-content-digest",
              node.layerDigest.toString(),
              "etag",
              "\"" + node.layerDigest + "\"");
      assertEquals(new TreeMap<>(fields), new TreeMap<>(reply.fields()));
      assertEquals(reply.fields(), client.head(node.blob(node.layerDigest)).fields());
      assertArrayEquals(node.manifest, client.get(node.blob(node.manifestDigest)).body());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-3, 0, 4",
    "bytes=99990-, 99990, 100000",
    "bytes=-5, 99995, 100000",
    "bytes=5-999999, 5, 100000",
    "Bytes=1-1, 1, 2",
  })
  void blob_isServedInPart_byEachFormOfRange(String range, int from, int to) throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Reply reply = client.get(node.blob(node.layerDigest), "Range: " + range);
      assertEquals(206, reply.status());
      assertEquals("bytes %d-%d/100000".formatted(from, to - 1), reply.field("content-range"));
      assertEquals(node.layerDigest.toString(), reply.field("docker-content-digest"));
      assertArrayEquals(Arrays.copyOfRange(node.layer, from, to), reply.body());
      Reply head = client.head(node.blob(node.layerDigest), "Range: " + range);
      assertEquals(206, head.status());
      assertEquals(reply.fields(), head.fields());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=x-", "lines=1-2", "bytes=3-1", "bytes=0-1,3-4", "bytes=-", ""})
  void blob_isServedWhole_whenTheRangeIsMalformed(String range) throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Reply reply = client.get(node.blob(node.layerDigest), "Range: " + range);
      assertEquals(200, reply.status());
      assertEquals(100_000, reply.body().length);
    }
  }

  @Test
  void blob_is416_beyondItsEnd() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      for (String range : new String[] {"bytes=100000-", "bytes=-0"}) {
        Reply reply = client.get(node.blob(node.layerDigest), "Range: " + range);
        assertEquals(416, reply.status());
        assertEquals("bytes */100000", reply.field("content-range"));
        assertEquals("0", reply.field("content-length"));
      }
    }
  }

  @Test
  void conditions_areKept() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      String tag = "\"" + node.layerDigest + "\"";
      String path = node.blob(node.layerDigest);
      for (String condition : new String[] {tag, "*", "W/" + tag, "\"a\", " + tag}) {
        assertEquals(304, client.get(path, "If-None-Match: " + condition).status(), condition);
      }
      assertEquals(200, client.get(path, "If-None-Match: \"a\"").status());
      String manifestTag = "\"" + node.manifestDigest + "\"";
      String manifest = node.manifest("latest");
      assertEquals(304, client.get(manifest, "If-None-Match: " + manifestTag).status());
      String range = "Range: bytes=0-0";
      assertEquals(206, client.get(path, range, "If-Range: " + tag).status());
      assertEquals(200, client.get(path, range, "If-Range: \"a\"").status());
      String date = "If-Range: Sat, 29 Oct 1994 19:43:31 GMT";
      assertEquals(200, client.get(path, range, date).status());
    }
  }

  @Test
  void whatIsNotHere_is404InTheRegistrysForm_andCountsUnlessAPeerAsks() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Reply tag = client.get("/v2/library/x/manifests/1?ns=docker.io");
      assertEquals(404, tag.status());
      assertEquals("application/json", tag.field("content-type"));
      assertEquals(
          "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"detail\":{\"attempts\":0},"
              + "\"message\":\"could not find peer for docker.io/library/x:1\"}]}",
          tag.text());
      Reply blob = client.get(node.blob(UNKNOWN));
      assertEquals(404, blob.status());
      assertTrue(blob.text().contains("\"BLOB_UNKNOWN\""), blob.text());
      assertEquals(404, client.head("/v2/x/blobs/" + UNKNOWN).status());
      assertEquals(404, client.get(node.blob(UNKNOWN), PEER).status());
      assertEquals(200, client.get(node.manifest("latest")).status());
      assertEquals(
          List.of("docker.io miss", "docker.io miss", " miss"), node.observations.mirrorRequests);
    }
  }

  @Test
  void storeAway_isSaidToPeersOnly_andDigestsAreServed() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      node.memory.disconnect();
      Reply peer = client.get(node.manifest("latest"), PEER);
      assertEquals(503, peer.status());
      assertEquals("1", peer.field("retry-after"));
      Reply own = client.get(node.manifest("latest"));
      assertEquals(404, own.status());
      assertEquals("", own.field("retry-after"));
      assertEquals(200, client.get(node.manifest(node.manifestDigest), PEER).status());
      assertEquals(200, client.get(node.blob(node.layerDigest), PEER).status());
      node.memory.reconnect();
      assertEquals(200, client.get(node.manifest("latest"), PEER).status());
    }
  }

  @Test
  void vanishedContent_isACleanMiss() throws Exception {
    try (LogCapture log = new LogCapture();
        Node node = new Node();
        RawClient client = node.connect()) {
      node.memory.removeBlob(node.layerDigest);
      node.memory.removeBlob(node.manifestDigest);
      assertEquals(404, client.head(node.blob(node.layerDigest)).status());
      assertEquals(404, client.get(node.blob(node.layerDigest)).status());
      assertEquals(404, client.get(node.manifest("latest")).status());
      assertEquals(List.of(), log.stackTraces());
    }
  }

  @Test
  void failingDisk_is500_withAWordInTheLog() throws Exception {
    try (LogCapture log = new LogCapture();
        Node node = new Node();
        RawClient client = node.connect()) {
      node.store.fail();
      assertEquals(500, client.get(node.blob(node.layerDigest)).status());
      assertEquals(500, client.get(node.manifest("latest")).status());
      assertEquals(2, log.messages().size());
      assertEquals(List.of(), log.stackTraces());
    }
  }

  @Test
  void filteredContent_isNotServed_whateverTheRequestNames() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      byte[] secret = Node.manifest(new byte[] {8}, new byte[] {9});
      Digest digest = node.memory.putBlob(secret);
      Reference name = new Reference(new Repository("docker.io", "team/secret"), "1", null);
      node.memory.putImage(name, new Descriptor(Node.MEDIA_TYPE, digest, secret.length));
      assertEquals(404, client.get("/v2/team/secret/manifests/1?ns=docker.io").status());
      assertEquals(404, client.get(node.manifest(digest)).status());
      assertEquals(404, client.get(node.blob(digest)).status());
    }
  }

  @Test
  void credentials_areAskedForBelowV2Only_withoutAChallenge() throws Exception {
    try (Node node = new Node(Optional.of(BasicCredentials.of("user", "pass")), 64);
        RawClient client = node.connect()) {
      String right = "Authorization: Basic " + base64("user:pass");
      assertEquals(200, client.get("/readyz").status());
      assertEquals(200, client.get("/v2/", right).status());
      assertEquals(200, client.get(node.manifest("latest"), right).status());
      for (String wrong :
          new String[] {"X: y", "Authorization: Basic " + base64("user:no"), "Authorization: x"}) {
        for (String path : new String[] {"/v2/", "/v2", node.blob(node.layerDigest), "/v2/a/b"}) {
          Reply reply = client.get(path, wrong);
          assertEquals(401, reply.status());
          assertEquals("", reply.field("www-authenticate"));
          assertTrue(reply.text().contains("\"UNAUTHORIZED\""), reply.text());
        }
      }
    }
  }

  @Test
  void credentials_areIgnored_whenNoneAreSet() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      assertEquals(200, client.get("/v2/", "Authorization: Basic Og==").status());
      assertEquals(200, client.get("/v2/", "Authorization: nonsense").status());
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "MADEUP"})
  void otherMethods_are405(String method) throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      Reply reply = client.request(method, node.blob(node.layerDigest)).reply();
      assertEquals(405, reply.status());
      assertEquals("GET, HEAD", reply.field("allow"));
      assertTrue(reply.text().contains("\"UNSUPPORTED\""), reply.text());
      assertEquals("0", client.get("/v2/").field("content-length"));
      String label = node.observations.ended.getFirst().method();
      assertEquals(List.of("get", "MADEUP").contains(method) ? "other" : method, label);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/../../etc/passwd",
        "/v2/%2e%2e/%2e%2e/etc/passwd",
        "/v2/a/blobs/../../../etc/passwd",
        "/v2/a/blobs/..%2f..%2fetc%2fpasswd",
        "/v2/a/blobs/sha256:..%2f..%2fetc%2fpasswd",
        "/v2/a/blobs/sha256:../../../../../../../../../../../../../../../../../etc/passwd",
        "/v2/a/manifests/..?ns=docker.io",
        "/v2/a/manifests/x?ns=../..",
        "/v2/../manifests/x?ns=docker.io",
        "/v2/a/manifests/x%00?ns=docker.io",
        "/v2/a%0d%0aX-Injected:%20y/manifests/x?ns=docker.io",
        "/v2/a/manifests/x?ns=docker.io%0d%0aX-Injected:%20y",
        "/v2/a/blobs/sha256:x%0d%0aX-Injected:%20y",
        "/v2/%zz/manifests/x",
        "/v2//manifests/x?ns=docker.io",
        "/v2/a/manifests/x?ns=docker.io&ns=other.io",
        "//v2/",
        "/v2/a/b/c",
      })
  void hostilePaths_areRefused_andEchoNothingIntoTheHead(String path) throws Exception {
    try (LogCapture log = new LogCapture();
        Node node = new Node();
        RawClient client = node.connect()) {
      Reply reply = client.get(path);
      assertTrue(reply.status() == 400 || reply.status() == 404, path + ": " + reply.status());
      assertFalse(reply.fields().containsKey("x-injected"));
      assertFalse(reply.text().contains("root:"), reply.text());
      assertEquals(200, client.get("/v2/").status());
      assertEquals(List.of(), log.messages());
    }
  }

  @Test
  void drain_sendsPeersAway_andServesContainerd() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      node.server.drain();
      assertEquals(500, client.get("/readyz").status());
      assertEquals(200, client.get("/livez").status());
      Reply peer = client.get(node.blob(node.layerDigest), PEER);
      assertEquals(503, peer.status());
      assertEquals("1", peer.field("retry-after"));
      assertEquals(200, client.get(node.blob(node.layerDigest)).status());
      assertEquals(200, client.get(node.manifest("latest")).status());
    }
  }

  @Test
  void connectionsTooMany_areToldSo_eachInItsWay() throws Exception {
    try (Node node = new Node(Optional.empty(), 1);
        RawClient first = node.connect()) {
      assertEquals(200, first.get("/v2/").status());
      try (RawClient own = node.connect();
          RawClient peer = node.connect()) {
        Reply reply = own.get(node.blob(node.layerDigest));
        assertEquals(404, reply.status());
        assertTrue(reply.text().contains("\"BLOB_UNKNOWN\""), reply.text());
        assertEquals("close", reply.field("connection"));
        assertEquals(503, peer.get(node.blob(node.layerDigest), PEER).status());
      }
    }
  }

  @Test
  void observer_hearsOfEachRequestOnce() throws Exception {
    try (Node node = new Node();
        RawClient client = node.connect()) {
      client.get(node.blob(node.layerDigest));
      client.head(node.manifest("latest"));
      client.get("/readyz");
      client.get("/elsewhere");
      assertEquals(List.of("/v2/*", "/v2/*", "/readyz"), node.observations.started);
      assertEquals(
          List.of("GET 200 100000 true", "HEAD 200 0 true", "GET 200 0 true"),
          node.observations.ended.stream()
              .map(o -> o.method() + " " + o.status() + " " + o.bodyBytes() + " " + o.complete())
              .toList());
    }
  }

  @Test
  void malformedManifests_areServedAsTheyAre_withoutAStackTrace() throws Exception {
    long seed = 77;
    Random random = new Random(seed);
    try (LogCapture log = new LogCapture();
        Node node = new Node();
        RawClient client = node.connect()) {
      for (int i = 0; i < 1_000; i++) {
        byte[] content = node.manifest.clone();
        for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
          content[random.nextInt(content.length)] = (byte) random.nextInt(256);
        }
        Digest digest = node.memory.putBlob(content);
        node.memory.putImage(Node.LATEST, new Descriptor(Node.MEDIA_TYPE, digest, content.length));
        Reply reply = client.get(node.manifest("latest"));
        assertEquals(200, reply.status(), "seed " + seed);
        assertArrayEquals(content, reply.body(), "seed " + seed);
      }
      assertEquals(List.of(), log.stackTraces(), "seed " + seed);
    }
  }
}
