package spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.testing.Property;

class ManifestTest {
  private static final String A = descriptor("a/a", 'a', 1);
  private static final String B = descriptor("b/b", 'b', 2);
  private static final String C = descriptor("c/c", 'c', 3);

  private static String descriptor(String mediaType, char hex, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, digest(hex), size);
  }

  private static Digest digest(char hex) {
    return new Digest(Digest.Algorithm.SHA256, String.valueOf(hex).repeat(64));
  }

  private static Manifest parse(String json) {
    return Manifest.parse(json.getBytes(UTF_8));
  }

  private static void assertRefused(String json) {
    assertThrows(OciFormatException.class, () -> parse(json), json);
  }

  private static List<Digest> childDigests(Manifest manifest) {
    return manifest.children().stream().map(Descriptor::digest).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST})
  void parse_givesConfigAndLayers_ofAnImage(String mediaType) {
    Manifest manifest =
        parse(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s,%s]}"
                .formatted(mediaType, A, B, C));

    assertInstanceOf(Manifest.Image.class, manifest);
    assertEquals(mediaType, manifest.mediaType());
    assertEquals(
        List.of(
            new Descriptor("a/a", digest('a'), 1),
            new Descriptor("b/b", digest('b'), 2),
            new Descriptor("c/c", digest('c'), 3)),
        manifest.children());
  }

  @ParameterizedTest
  @ValueSource(strings = {MediaTypes.OCI_INDEX, MediaTypes.DOCKER_LIST})
  void parse_givesManifests_ofAnIndex(String mediaType) {
    Manifest manifest =
        parse("{\"manifests\":[%s,%s],\"mediaType\":\"%s\"}".formatted(A, B, mediaType));

    assertInstanceOf(Manifest.Index.class, manifest);
    assertEquals(mediaType, manifest.mediaType());
    assertEquals(List.of(digest('a'), digest('b')), childDigests(manifest));
  }

  @Test
  void parse_tellsTheTypeByTheFields_whenItIsMissing() {
    String dockerConfig = descriptor(MediaTypes.DOCKER_CONFIG, 'a', 1);
    String dockerManifest = descriptor(MediaTypes.DOCKER_MANIFEST, 'a', 1);

    assertEquals(
        MediaTypes.OCI_MANIFEST,
        parse("{\"config\":%s,\"layers\":[%s]}".formatted(A, B)).mediaType());
    assertEquals(
        MediaTypes.DOCKER_MANIFEST,
        parse("{\"config\":%s,\"layers\":[%s]}".formatted(dockerConfig, B)).mediaType());
    assertEquals(
        MediaTypes.OCI_INDEX,
        parse("{\"manifests\":[%s,%s]}".formatted(dockerManifest, B)).mediaType());
    assertEquals(
        MediaTypes.DOCKER_LIST,
        parse("{\"manifests\":[%s]}".formatted(dockerManifest)).mediaType());
    assertEquals(MediaTypes.OCI_INDEX, parse("{\"manifests\":[]}").mediaType());
    assertEquals(
        MediaTypes.OCI_INDEX, parse("{\"mediaType\":\"\",\"manifests\":null}").mediaType());
  }

  @Test
  void parse_takesAnArtifact_withoutLayersAndWithASubject() {
    Manifest manifest =
        parse(
            "{\"mediaType\":\"%s\",\"artifactType\":\"x/y\",\"config\":%s,\"subject\":%s}"
                .formatted(MediaTypes.OCI_MANIFEST, A, B));

    Manifest.Image image = assertInstanceOf(Manifest.Image.class, manifest);
    assertEquals(List.of(digest('a')), childDigests(image));
    assertEquals(new Descriptor("b/b", digest('b'), 2), image.subject());
  }

  @Test
  void parse_takesNullForAnEmptyList() {
    Manifest manifest = parse("{\"config\":%s,\"layers\":null,\"subject\":null}".formatted(A));

    assertEquals(List.of(digest('a')), childDigests(manifest));
    assertNull(assertInstanceOf(Manifest.Image.class, manifest).subject());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | application/octet-stream",
        "{\"architecture\":\"amd64\",\"config\":{\"Env\":[]}} | application/octet-stream",
        "{\"config\":\"text\",\"subject\":5} | application/octet-stream",
        "{\"mediaType\":\"application/vnd.docker.distribution.manifest.v1+prettyjws\",\"fsLayers\":[]}"
            + " | application/vnd.docker.distribution.manifest.v1+prettyjws",
        "{\"layers\":[]} | application/octet-stream",
        "{\"mediaType\":\"text/html\"} | application/octet-stream",
      })
  void parse_givesOther_forAnotherObject(String json, String mediaType) {
    Manifest manifest = parse(json);

    assertInstanceOf(Manifest.Other.class, manifest);
    assertEquals(mediaType, manifest.mediaType());
    assertEquals(List.of(), manifest.children());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "1",
        "\"{}\"",
        "{",
        "{}{}",
        "{} x",
        "{}\0",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":abc}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":[1,]}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":/**/1}",
        "{\"mediaType\":1}",
        "{\"mediaType\":\"a\"}",
        "{\"mediaType\":\"a/b\\r\\nX-Evil: 1\"}",
        "{\"mediaType\":\"a/b;\\u0000\"}",
        "{\"mediaType\":\"a/b\",\"mediaType\":\"a/b\"}",
        "{\"layers\":[],\"layers\":[]}",
        "{\"layers\":{}}",
        "{\"manifests\":[1]}",
        "{\"manifests\":[{}]}",
        "{\"manifests\":[],\"layers\":[]}",
        "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}",
        "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]}",
        "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":[]}",
        "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"config\":null}",
      })
  void parse_refuses_whatIsNoObjectOrContradictsItself(String json) {
    assertRefused(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"digest\":\"sha256:aa\",\"size\":1",
        "\"digest\":null,\"size\":1",
        "\"digest\":5,\"size\":1",
        "\"size\":1",
        "\"digest\":\"DIGEST\"",
        "\"digest\":\"DIGEST\",\"size\":null",
        "\"digest\":\"DIGEST\",\"size\":-1",
        "\"digest\":\"DIGEST\",\"size\":1.5",
        "\"digest\":\"DIGEST\",\"size\":\"1\"",
        "\"digest\":\"DIGEST\",\"size\":9223372036854775808",
        "\"digest\":\"DIGEST\",\"size\":1,\"size\":1",
        "\"digest\":\"DIGEST\",\"size\":1,\"mediaType\":\"x\"",
      })
  void parse_refuses_aMalformedDescriptor(String fields) {
    assertRefused("{\"manifests\":[{" + fields.replace("DIGEST", digest('a').toString()) + "}]}");
  }

  @Test
  void parse_takesAnUnknownMediaType_whenADescriptorHasNone() {
    Manifest manifest =
        parse("{\"manifests\":[{\"digest\":\"%s\",\"size\":0}]}".formatted(digest('a')));

    assertEquals(Descriptor.UNKNOWN_MEDIA_TYPE, manifest.children().getFirst().mediaType());
  }

  @Test
  void parse_refuses_malformedUtf8() {
    for (byte[] octets :
        List.of(
            new byte[] {(byte) 0xc0, (byte) 0x80},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
            new byte[] {(byte) 0xe2, (byte) 0x82})) {
      byte[] json = "{\"a\":\"????\"}".getBytes(UTF_8);
      System.arraycopy(octets, 0, json, 6, octets.length);
      assertThrows(OciFormatException.class, () -> Manifest.parse(json));
    }
  }

  @Test
  void parse_refuses_whatIsTooLargeTooDeepOrTooMany() {
    String padding = " ".repeat(Manifest.MAX_BYTES - 2);
    assertInstanceOf(Manifest.Other.class, parse("{" + padding + "}"));
    assertRefused("{" + padding + " }");

    assertInstanceOf(Manifest.Other.class, parse(nested(StrictJson.MAX_DEPTH - 1)));
    assertRefused(nested(StrictJson.MAX_DEPTH));
    assertRefused("{\"a\":" + "[".repeat(Manifest.MAX_BYTES - 10));
    assertRefused("{\"a\":".repeat(Manifest.MAX_BYTES / 5));
    assertRefused("{\"config\":" + "{\"config\":".repeat(100_000));

    assertEquals(Manifest.MAX_CHILDREN, parse(indexOf(Manifest.MAX_CHILDREN)).children().size());
    assertRefused(indexOf(Manifest.MAX_CHILDREN + 1));
  }

  private static String nested(int arrays) {
    return "{\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";
  }

  private static String indexOf(int manifests) {
    return "{\"manifests\":[" + (A + ",").repeat(manifests - 1) + A + "]}";
  }

  @Test
  void layoutIndex_givesNames() {
    String named =
        "{\"digest\":\"%s\",\"size\":1,\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"%s}}";
    String json =
        "{\"schemaVersion\":2,\"manifests\":[%s,%s,%s]}"
            .formatted(
                named.formatted(digest('a'), ""),
                named.formatted(digest('b'), ",\"io.containerd.image.name\":\"h/x:v1\""),
                C);

    List<@Nullable String> names = new ArrayList<>();
    LayoutIndex.parse(json.getBytes(UTF_8)).entries().forEach(entry -> names.add(entry.name()));

    assertEquals(3, names.size());
    assertEquals("v1", names.get(0));
    assertEquals("h/x:v1", names.get(1));
    assertNull(names.get(2));
    assertThrows(OciFormatException.class, () -> LayoutIndex.parse("{}".getBytes(UTF_8)));
  }

  @Test
  void parse_takesEveryValidManifest() {
    Property.forAll(1_000, generator -> Manifest.parse(OciSamples.manifest(generator)));
  }

  @Test
  void parse_givesAServableValueOrOneError_whateverTheBytes() {
    AtomicInteger refused = new AtomicInteger();
    Property.forAll(
        20_000,
        generator -> {
          byte[] json =
              generator.oneIn(10)
                  ? generator.bytes(200)
                  : generator.mutate(OciSamples.manifest(generator));
          try {
            Manifest manifest = Manifest.parse(json);
            assertTrue(manifest.mediaType().chars().allMatch(c -> c >= 0x20 && c < 0x7f));
            manifest.children().forEach(child -> Digest.parse(child.digest().toString()));
          } catch (OciFormatException e) {
            refused.incrementAndGet();
            assertTrue(e.getMessage().length() < 400, e.getMessage());
          }
          assertValueOrOneError(json);
        });
    assertTrue(refused.get() > 10_000, () -> "too few malformed manifests: " + refused);
  }

  private static void assertValueOrOneError(byte[] layoutIndex) {
    try {
      LayoutIndex.parse(layoutIndex).entries().forEach(Objects::requireNonNull);
    } catch (OciFormatException e) {
      assertTrue(e.getMessage().length() < 400, e.getMessage());
    }
  }
}
