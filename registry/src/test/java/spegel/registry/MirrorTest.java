package spegel.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.registry.MirrorCluster.head;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import spegel.auth.BasicCredentials;
import spegel.http.RawClient;
import spegel.http.RawClient.Reply;
import spegel.mirror.PeerOutcome;
import spegel.mirror.PeerReport;
import spegel.mirror.VerifyBlobs;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;
import spegel.registry.MirrorCluster.MirrorNode;
import spegel.registry.MirrorCluster.ScriptedPeer;

/** Nodes that have what others of them ask for, over real sockets. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MirrorTest {
  private static final byte[] LAYER = random(3_000_000);
  private static final Digest LAYER_DIGEST = Digest.sha256(LAYER);
  private static final String BLOB = "/v2/library/nginx/blobs/" + LAYER_DIGEST + "?ns=docker.io";
  private static final String TAG = "/v2/library/nginx/manifests/latest?ns=docker.io";

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

  private MirrorCluster cluster;

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return content;
  }

  @BeforeEach
  void begin() throws Exception {
    cluster = new MirrorCluster();
  }

  @AfterEach
  void end() throws Exception {
    cluster.close();
  }

  /** Answers any request for the layer, in ranges too, with these bytes; waits before the end. */
  private static MirrorCluster.Script serving(byte[] content) {
    return (request, out) -> {
      if (!request.contains("/blobs/")) {
        out.write(head(404, 0));
        return;
      }
      Matcher range = RANGE.matcher(request);
      if (!range.find()) {
        out.write(head(200, content.length));
        out.write(content);
        return;
      }
      int first = Integer.parseInt(range.group(1));
      int last = Integer.parseInt(range.group(2));
      String field = "Content-Range: bytes %d-%d/%d".formatted(first, last, content.length);
      out.write(head(206, last - first + 1, field));
      out.write(content, first, last - first + 1);
    };
  }

  @Test
  void manifest_comesFromThePeer_byTagAndDigest() throws Exception {
    MirrorNode has = cluster.node();
    Digest digest = has.putImage(Node.LATEST, LAYER);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      for (String target : List.of(TAG, TAG.replace("latest", digest.toString()))) {
        Reply reply = client.get(target);
        assertEquals(200, reply.status());
        assertEquals(digest, Digest.sha256(reply.body()));
        assertEquals(digest.toString(), reply.field("docker-content-digest"));
        assertEquals(Node.MEDIA_TYPE, reply.field("content-type"));
        Reply headOnly = client.head(target);
        assertEquals(200, headOnly.status());
        assertEquals(reply.field("content-length"), headOnly.field("content-length"));
        assertEquals(digest.toString(), headOnly.field("docker-content-digest"));
      }
    }
    assertEquals(
        List.of("docker.io hit", "docker.io hit", "docker.io hit", "docker.io hit"),
        asks.observations.mirrorRequests);
  }

  @Test
  void blob_comesFromThePeer_wholeAndInRanges_onOneConnection() throws Exception {
    cluster.node().putImage(Node.LATEST, LAYER);
    MirrorNode asks = cluster.node(VerifyBlobs.NEVER, Optional.empty());
    try (RawClient client = asks.connect()) {
      for (int round = 0; round < 3; round++) {
        Reply whole = client.get(BLOB);
        assertEquals(200, whole.status());
        assertArrayEquals(LAYER, whole.body());
        assertEquals("bytes", whole.field("accept-ranges"));
        Reply part = client.get(BLOB, "Range: bytes=1000-1999999");
        assertEquals(206, part.status());
        assertEquals("bytes 1000-1999999/3000000", part.field("content-range"));
        assertArrayEquals(Arrays.copyOfRange(LAYER, 1000, 2_000_000), part.body());
        Reply suffix = client.get(BLOB, "Range: bytes=-10");
        assertArrayEquals(
            Arrays.copyOfRange(LAYER, LAYER.length - 10, LAYER.length), suffix.body());
        Reply open = client.get(BLOB, "Range: bytes=2999999-");
        assertArrayEquals(Arrays.copyOfRange(LAYER, 2_999_999, LAYER.length), open.body());
        Reply beyond = client.get(BLOB, "Range: bytes=3000000-");
        assertEquals(416, beyond.status());
        assertEquals("bytes */3000000", beyond.field("content-range"));
        Reply headOnly = client.head(BLOB);
        assertEquals("3000000", headOnly.field("content-length"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/library/nginx/manifests/latest?ns=docker.io, MANIFEST_UNKNOWN",
    "/v2/library/nginx/blobs/sha256:0123456789012345678901234567890123456789012345678901234567890123,"
        + " BLOB_UNKNOWN"
  })
  void miss_is404InTheOciForm(String target, String code) throws Exception {
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      Reply reply = client.get(target);
      assertEquals(404, reply.status());
      assertTrue(reply.text().contains(code), reply::text);
      assertTrue(reply.text().contains("\"attempts\":0"), reply::text);
    }
  }

  @Test
  void peersRequest_isNeverPassedOn() throws Exception {
    ScriptedPeer peer = cluster.peer(serving(LAYER));
    peer.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(BLOB, "X-Spegel-Mirrored: true").status());
    }
    assertEquals(List.of(), peer.heads);
  }

  @Test
  void request_carriesTheMirroredHeader_andTheTargetAsItCame() throws Exception {
    ScriptedPeer peer = cluster.peer(serving(LAYER));
    peer.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      assertEquals(200, client.get(BLOB).status());
    }
    String request = peer.heads.getFirst();
    assertTrue(request.startsWith("GET " + BLOB + " HTTP/1.1\r\n"), request);
    assertTrue(request.contains("\r\nX-Spegel-Mirrored: true\r\n"), request);
    assertFalse(request.contains("Authorization"), request);
  }

  @Test
  void deadPeers_areSkipped_andLeftAlone() throws Exception {
    String dead = cluster.deadPeer(LAYER_DIGEST.toString());
    MirrorNode asks = cluster.node(VerifyBlobs.NEVER, Optional.empty());
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(BLOB).status());
      assertEquals(List.of(PeerOutcome.FAILED), asks.counts.outcomes);
      assertTrue(report(asks, dead).avoided());
      cluster.node().putImage(Node.LATEST, LAYER);
      for (int i = 0; i < 5; i++) {
        assertEquals(200, client.get(BLOB).status());
      }
    }
    assertEquals(1, report(asks, dead).failures());
  }

  private static PeerReport report(MirrorNode node, String peerId) {
    return node.mirror.peers().stream()
        .filter(peer -> peer.peerId().equals(peerId))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void filteredName_isNotAskedFor() throws Exception {
    Reference secret = new Reference(new Repository("docker.io", "library/secret"), "1", null);
    Digest digest = cluster.node().putImage(secret, LAYER);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      String target = "/v2/library/secret/manifests/%s?ns=docker.io";
      assertEquals(404, client.get(target.formatted("1")).status());
      assertEquals(404, client.get(target.formatted(digest)).status());
    }
    assertEquals(List.of(), asks.counts.outcomes);
  }

  @Test
  void credentials_areSentToPeers() throws Exception {
    Optional<BasicCredentials> credentials = Optional.of(BasicCredentials.of("user", "pass"));
    MirrorNode has = cluster.node(VerifyBlobs.SUSPICION, credentials);
    has.putImage(Node.LATEST, LAYER);
    MirrorNode asks = cluster.node(VerifyBlobs.SUSPICION, credentials);
    String authorization = "Authorization: " + credentials.get().headerValue();
    try (RawClient client = asks.connect()) {
      assertEquals(401, client.get(BLOB).status());
      assertArrayEquals(LAYER, client.get(BLOB, authorization).body());
    }
  }

  @Test
  void wrongManifest_isNotPassedOn_andItsPeerIsShutOut() throws Exception {
    MirrorNode has = cluster.node();
    Digest digest = has.putImage(Node.LATEST, LAYER);
    ScriptedPeer liar =
        cluster.peer(
            (request, out) -> {
              out.write(head(200, 2, "Content-Type: " + Node.MEDIA_TYPE));
              out.write("{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            });
    liar.advertise(digest);
    MirrorNode asks = cluster.node();
    has.router.withdraw(List.of(digest.toString()));
    try (RawClient client = asks.connect()) {
      String target = TAG.replace("latest", digest.toString());
      assertEquals(404, client.get(target).status());
      has.router.advertise(List.of(digest.toString()));
      assertEquals(200, client.get(target).status());
    }
    assertEquals(List.of(liar.id), asks.counts.wrong);
    assertEquals(1, liar.heads.size());
  }

  @Test
  void hugeManifest_isRefused_unread() throws Exception {
    ScriptedPeer liar =
        cluster.peer(
            (request, out) ->
                out.write(
                    head(
                        200,
                        1L << 40,
                        "Content-Type: " + Node.MEDIA_TYPE,
                        "Docker-Content-Digest: " + LAYER_DIGEST)));
    liar.advertise(Node.LATEST.taggedName());
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(TAG).status());
    }
    assertEquals(List.of(PeerOutcome.FAILED), asks.counts.outcomes);
  }

  @Test
  void tag_isCountedAsInConflict_whenProvidersDisagree() throws Exception {
    MirrorNode first = cluster.node();
    Digest before = first.putImage(Node.LATEST, LAYER);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      assertEquals(before, Digest.sha256(client.get(TAG).body()));
      Digest after = first.putImage(Node.LATEST, random(100));
      assertEquals(after, Digest.sha256(client.get(TAG).body()));
    }
    assertEquals(1, asks.counts.tagConflicts.get());
  }

  @Test
  void blob_goesOnWithAnotherPeer_whenOneEndsInTheMiddle() throws Exception {
    int cut = 1_234_567;
    CountDownLatch otherIsKnown = new CountDownLatch(1);
    ScriptedPeer breaks =
        cluster.peer(
            (request, out) -> {
              out.write(head(200, LAYER.length));
              out.write(LAYER, 0, cut);
              otherIsKnown.await();
            });
    breaks.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    ScriptedPeer whole = cluster.peer(serving(LAYER));
    try (RawClient client = asks.connect()) {
      client.request("GET", BLOB);
      Reply reply = client.replyHead();
      assertEquals(200, reply.status());
      whole.advertise(LAYER_DIGEST);
      otherIsKnown.countDown();
      assertArrayEquals(LAYER, client.in().readNBytes(LAYER.length));
      // The connection is fit for the next request.
      assertEquals(200, client.get("/readyz").status());
    }
    assertTrue(
        whole.heads.getFirst().contains("Range: bytes=" + cut + "-2999999"), whole.heads::toString);
    assertEquals(List.of(true), asks.counts.switched);
  }

  @Test
  void blob_isCutCleanly_andThen404_whenNoPeerIsLeft() throws Exception {
    int cut = 100_000;
    ScriptedPeer breaks =
        cluster.peer(
            (request, out) -> {
              out.write(head(200, LAYER.length));
              out.write(LAYER, 0, cut);
            });
    breaks.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      client.request("GET", BLOB);
      assertEquals(200, client.replyHead().status());
      // A reset would be an exception here.
      assertArrayEquals(Arrays.copyOf(LAYER, cut), client.readToEnd());
    }
    cluster.node().putImage(Node.LATEST, LAYER);
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(BLOB, "Range: bytes=" + cut + "-").status());
    }
    assertEquals(List.of(false), asks.counts.switched);
  }

  @Test
  void blob_isHandedBack_whenEightPeersHaveFailedInTheMiddle() throws Exception {
    int piece = 100_000;
    for (int i = 0; i < 9; i++) {
      cluster
          .peer(
              (request, out) -> {
                Matcher range = RANGE.matcher(request);
                int first = range.find() ? Integer.parseInt(range.group(1)) : 0;
                String field =
                    "Content-Range: bytes %d-%d/%d"
                        .formatted(first, LAYER.length - 1, LAYER.length);
                out.write(
                    first == 0 ? head(200, LAYER.length) : head(206, LAYER.length - first, field));
                out.write(LAYER, first, piece);
              })
          .advertise(LAYER_DIGEST);
    }
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      client.request("GET", BLOB);
      assertEquals(200, client.replyHead().status());
      assertArrayEquals(Arrays.copyOf(LAYER, 8 * piece), client.readToEnd());
    }
    cluster.node().putImage(Node.LATEST, LAYER);
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(BLOB, "Range: bytes=" + 8 * piece + "-").status());
    }
  }

  @Test
  void blob_goesOnWithAnotherPeer_whenOneStalls() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    ScriptedPeer stalls =
        cluster.peer(
            (request, out) -> {
              out.write(head(200, LAYER.length));
              out.write(LAYER, 0, 500_000);
              end.await();
            });
    stalls.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      client.request("GET", BLOB);
      assertEquals(200, client.replyHead().status());
      cluster.peer(serving(LAYER)).advertise(LAYER_DIGEST);
      assertArrayEquals(LAYER, client.in().readNBytes(LAYER.length));
    } finally {
      end.countDown();
    }
  }

  @Test
  void wrongBlob_isSuspectedOnTheSecondRequest_andItsPeerShutOut() throws Exception {
    byte[] wrong = LAYER.clone();
    wrong[1_000_000] ^= 1;
    ScriptedPeer liar = cluster.peer(serving(wrong));
    liar.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      assertArrayEquals(wrong, client.get(BLOB).body());
      cluster.peer(serving(LAYER)).advertise(LAYER_DIGEST);
      assertArrayEquals(LAYER, client.get(BLOB).body());
    }
    // Who gave it is examined beside the request, which another peer may have answered.
    while (asks.counts.wrong.isEmpty()) {
      Thread.onSpinWait();
    }
    assertEquals(List.of(liar.id), asks.counts.wrong);
  }

  @Test
  void blob_isNotSuspected_whenTheStoreHasHadItSince() throws Exception {
    ScriptedPeer peer = cluster.peer(serving(LAYER));
    peer.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      assertEquals(200, client.get(BLOB).status());
      asks.putImage(Node.LATEST, LAYER);
      asks.store.removeImage(Node.LATEST);
      assertEquals(200, client.get(BLOB).status());
    }
    // No audit: one request for each of the client's.
    assertEquals(2, peer.heads.size());
  }

  @Test
  void wrongBlob_isNeverPassedOn_whenAllAreVerified() throws Exception {
    byte[] wrong = LAYER.clone();
    wrong[1_000_000] ^= 1;
    ScriptedPeer liar = cluster.peer(serving(wrong));
    liar.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node(VerifyBlobs.ALWAYS, Optional.empty());
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(BLOB).status());
      cluster.peer(serving(LAYER)).advertise(LAYER_DIGEST);
      assertArrayEquals(LAYER, client.get(BLOB).body());
      Reply part = client.get(BLOB, "Range: bytes=5-9");
      assertArrayEquals(Arrays.copyOfRange(LAYER, 5, 10), part.body());
    }
    assertEquals(List.of(liar.id), asks.counts.wrong);
  }

  @ParameterizedTest
  @CsvSource({
    "200, 2999999, ''",
    "206, 3000000, Content-Range: bytes 0-2999999/3000000",
    "206, 10, Content-Range: bytes 5-14/3000000",
    "206, 10, Content-Range: bytes 0-8/3000000",
    "206, 10, Content-Range: bytes 0-9/99999999999999999999999",
    "206, 10, ''",
    "416, 0, Content-Range: bytes */3000000",
    "500, 0, ''",
    "302, 0, Location: http://127.0.0.1/"
  })
  void answerBesideThePoint_isNotPassedOn(int status, long length, String field) throws Exception {
    ScriptedPeer odd =
        cluster.peer(
            (request, out) -> {
              out.write(field.isEmpty() ? head(status, length) : head(status, length, field));
              out.write(new byte[10]);
            });
    odd.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      Reply reply = client.get(BLOB, "Range: bytes=0-9");
      assertEquals(404, reply.status());
    }
    assertEquals(List.of(PeerOutcome.FAILED), asks.counts.outcomes);
  }

  @Test
  void busyPeer_isAskedAfterAllOthers() throws Exception {
    ScriptedPeer busy = cluster.peer((request, out) -> out.write(head(503, 0, "Retry-After: 1")));
    busy.advertise(LAYER_DIGEST);
    MirrorNode asks = cluster.node(VerifyBlobs.NEVER, Optional.empty());
    try (RawClient client = asks.connect()) {
      assertEquals(404, client.get(BLOB).status());
      assertEquals(404, client.get(BLOB).status());
      assertEquals(2, busy.heads.size(), "the only one is asked all the same");
      cluster.node().putImage(Node.LATEST, LAYER);
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(LAYER, client.get(BLOB).body());
      }
    }
    assertEquals(2, busy.heads.size(), "others are asked before it");
  }

  @Test
  void peerBeyondItsPlaces_isToldToAskAnother_andTheNodeItselfIsServed() throws Exception {
    MirrorNode node = cluster.node();
    node.putImage(Node.LATEST, LAYER);
    String mirrored = "X-Spegel-Mirrored: true";
    List<RawClient> slow = new ArrayList<>();
    try (RawClient client = node.connect()) {
      for (int i = 0; i < PeerPlaces.MAX_PLACES_PER_PEER; i++) {
        slow.add(node.connect());
        slow.getLast().request("GET", BLOB, mirrored);
        assertEquals(200, slow.getLast().replyHead().status());
      }
      Reply refused = client.get(BLOB, mirrored);
      assertEquals(503, refused.status());
      assertEquals("1", refused.field("retry-after"));
      assertArrayEquals(LAYER, client.get(BLOB).body());
      assertEquals(200, client.get(TAG, mirrored).status());
      assertArrayEquals(LAYER, slow.removeLast().in().readNBytes(LAYER.length));
      while (client.get(BLOB, mirrored).status() != 200) {
        Thread.onSpinWait();
      }
    } finally {
      for (RawClient client : slow) {
        client.close();
      }
    }
  }

  @Test
  void latePeer_isAskedAgain_whileBlobsComeFromIt() throws Exception {
    byte[] manifest = Node.manifest("{}".getBytes(StandardCharsets.US_ASCII), LAYER);
    AtomicInteger manifests = new AtomicInteger();
    ScriptedPeer peer =
        cluster.peer(
            (request, out) -> {
              if (request.contains("/blobs/")) {
                out.write(head(200, LAYER.length));
                for (int sent = 0; sent < LAYER.length; sent += 50_000) {
                  out.write(LAYER, sent, 50_000);
                  Thread.sleep(55);
                }
                return;
              }
              Thread.sleep(manifests.incrementAndGet() == 1 ? 2_000 : 1_150);
              out.write(
                  head(
                      200,
                      manifest.length,
                      "Content-Type: " + Node.MEDIA_TYPE,
                      "Docker-Content-Digest: " + Digest.sha256(manifest)));
              out.write(manifest);
            });
    peer.advertise(LAYER_DIGEST, Node.LATEST.taggedName());
    MirrorNode asks = cluster.node(VerifyBlobs.NEVER, Optional.empty());
    try (RawClient blobs = asks.connect();
        RawClient client = asks.connect()) {
      blobs.request("GET", BLOB);
      assertEquals(200, blobs.replyHead().status());
      assertEquals(404, client.get(TAG).status());
      assertArrayEquals(manifest, client.get(TAG).body());
      assertArrayEquals(LAYER, blobs.in().readNBytes(LAYER.length));
    }
    assertEquals(
        List.of(PeerOutcome.FOUND, PeerOutcome.LATE, PeerOutcome.FOUND), asks.counts.outcomes);
  }

  @Test
  void manifestsOnTheirWayToSlowClients_areBounded() throws Exception {
    byte[] manifest = random(4 * 1024 * 1024);
    cluster
        .peer(
            (request, out) -> {
              out.write(
                  head(
                      200,
                      manifest.length,
                      "Content-Type: " + Node.MEDIA_TYPE,
                      "Docker-Content-Digest: " + Digest.sha256(manifest)));
              out.write(manifest);
            })
        .advertise(Node.LATEST.taggedName());
    MirrorNode asks = cluster.node();
    List<RawClient> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        slow.add(asks.connect());
        slow.getLast().request("GET", TAG);
        assertEquals(200, slow.getLast().replyHead().status());
      }
      try (RawClient client = asks.connect()) {
        assertEquals(404, client.get(TAG).status());
        slow.removeLast().close();
        assertArrayEquals(manifest, client.get(TAG).body());
      }
    } finally {
      for (RawClient client : slow) {
        client.close();
      }
    }
  }

  @Test
  void emptyBlob_isAnswered() throws Exception {
    Digest empty = Digest.sha256(new byte[0]);
    ScriptedPeer peer = cluster.peer((request, out) -> out.write(head(200, 0)));
    peer.advertise(empty);
    MirrorNode asks = cluster.node();
    try (RawClient client = asks.connect()) {
      Reply reply = client.get("/v2/library/nginx/blobs/" + empty);
      assertEquals(200, reply.status());
      assertEquals(0, reply.body().length);
    }
  }

  @Test
  void manyBlobs_atOnce_areAllRight() throws Exception {
    cluster.node().putImage(Node.LATEST, LAYER);
    cluster.node().putImage(Node.LATEST, LAYER);
    MirrorNode asks = cluster.node(VerifyBlobs.NEVER, Optional.empty());
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 24)
            .mapToObj(
                i ->
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              try (RawClient client = asks.connect()) {
                                int first = i * 10_000;
                                Reply reply =
                                    client.get(BLOB, "Range: bytes=" + first + "-2999999");
                                sum(first, reply.body());
                              } catch (java.io.IOException e) {
                                failures.add(e.toString());
                              }
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
  }

  private final List<String> failures = new java.util.concurrent.CopyOnWriteArrayList<>();

  private void sum(int first, byte[] body) {
    if (!Arrays.equals(body, Arrays.copyOfRange(LAYER, first, LAYER.length))) {
      failures.add("wrong from " + first + ", " + body.length + " bytes");
    }
  }
}
