package spegel.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.testing.Property;

class ReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String DIGEST = "sha256:" + HEX;

  @ParameterizedTest
  @CsvSource({
    "nginx, docker.io/library/nginx:latest",
    "nginx:1, docker.io/library/nginx:1",
    "a/b, docker.io/a/b:latest",
    "docker.io/nginx, docker.io/library/nginx:latest",
    "docker.io/library/nginx, docker.io/library/nginx:latest",
    "index.docker.io/nginx, docker.io/library/nginx:latest",
    "index.docker.io/a/b:1, docker.io/a/b:1",
    "localhost, docker.io/library/localhost:latest",
    "localhost/x, localhost/x:latest",
    "localhost:5000/x:1, localhost:5000/x:1",
    "host:5000/x, host:5000/x:latest",
    "host.example/x/y/z, host.example/x/y/z:latest",
    "HOST/x, host/x:latest",
    "Ghcr.IO/a/b, ghcr.io/a/b:latest",
    "host/x, docker.io/host/x:latest",
    "[::1]/x, [::1]/x:latest",
    "[2001:DB8::1]:5000/x:1, [2001:db8::1]:5000/x:1",
    "a__b, docker.io/library/a__b:latest",
    "e/a---b.c_d, docker.io/e/a---b.c_d:latest",
    "x:Tag_1.2-3, docker.io/library/x:Tag_1.2-3",
  })
  void parseFamiliar_addsWhatIsLeftOut(String text, String expected) {
    assertEquals(expected, Reference.parseFamiliar(text).toString());
  }

  @Test
  void parseFamiliar_addsNoTag_whenThereIsADigest() {
    assertEquals(
        "docker.io/library/nginx@" + DIGEST, Reference.parseFamiliar("nginx@" + DIGEST).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "/",
        "@",
        "x:",
        "x@",
        ":tag",
        "/x",
        "x/",
        "x//y",
        "Nginx",
        "a/B",
        "a/b:c:d",
        "a..b",
        "a___b",
        "-a",
        "a-",
        "a.",
        "_a",
        ".a",
        "a/.b",
        "x:-tag",
        "x:.tag",
        "x:ta/g",
        "x y",
        "x\n",
        "x:t\u0000",
        "é",
        "host:0/x",
        "host:65536/x",
        "host:/x",
        "host:5x/x",
        "ho_st.a/x",
        "-h.a/x",
        "h-.a/x",
        "h..a/x",
        ".h/x",
        "h./x",
        "[::1/x",
        "[]/x",
        "[::1]x/x",
        "[1:2]/x",
        "[::g]/x",
        "[1::2::3]/x",
        "[:::]/x",
        "[fe80::1%25eth0]/x",
        "x@sha256:",
        "x@sha256:00",
        "x@md5:00",
        "a.b/../c",
        "https://docker.io/x",
      })
  void parseFamiliar_refuses_whatIsNoReference(String text) {
    assertThrows(OciFormatException.class, () -> Reference.parseFamiliar(text));
  }

  @Test
  void parseFamiliar_refuses_aBareImageId() {
    assertThrows(OciFormatException.class, () -> Reference.parseFamiliar(HEX));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker.io/library/nginx:latest",
        "docker.io/nginx:latest",
        "docker.io/library/nginx@"
            + "sha256:"
            + "0123456789abcdef0123456789abcdef"
            + "0123456789abcdef0123456789abcdef",
        "docker.io/library/nginx:1@"
            + "sha256:"
            + "0123456789abcdef0123456789abcdef"
            + "0123456789abcdef0123456789abcdef",
        "host/x:1",
        "[::1]:5000/a/b/c:1",
        "[::ffff:10.0.0.1]/x:1",
      })
  void toString_isTheInverseOfParse(String text) {
    assertEquals(text, Reference.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nginx",
        "nginx:latest",
        "docker.io/library/nginx",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "/x:1",
      })
  void parse_refuses_whatIsNoFullName(String text) {
    assertThrows(OciFormatException.class, () -> Reference.parse(text));
  }

  @Test
  void parse_keepsTagAndDigest_whenBothAreThere() {
    Reference reference = Reference.parse("host:5000/x:1@" + DIGEST);

    assertEquals(new Repository("host:5000", "x"), reference.repository());
    assertEquals("1", reference.tag());
    assertEquals(Digest.parse(DIGEST), reference.digest());
    assertEquals("host:5000/x:1", reference.taggedName());
  }

  @Test
  void taggedName_refuses_withoutATag() {
    Reference reference = Reference.parse("host/x@" + DIGEST);

    assertNull(reference.tag());
    assertThrows(IllegalStateException.class, reference::taggedName);
  }

  @Test
  void parse_boundsTagAndPath() {
    String longestPath = "a".repeat(255);
    String longestTag = "t".repeat(128);

    assertEquals(longestTag, Reference.parse("h/" + longestPath + ":" + longestTag).tag());
    assertThrows(OciFormatException.class, () -> Reference.parse("h/" + longestPath + "a:1"));
    assertThrows(OciFormatException.class, () -> Reference.parse("h/a:" + longestTag + "t"));
    assertThrows(OciFormatException.class, () -> Reference.parse("h".repeat(256) + "/a:1"));
    assertThrows(OciFormatException.class, () -> Reference.parse("h/" + "a/".repeat(1 << 20)));
  }

  @Test
  void parse_readsBackAnyReference() {
    Property.forAll(
        5_000,
        generator -> {
          Reference reference = OciSamples.reference(generator);
          assertEquals(reference, Reference.parse(reference.toString()));
          assertEquals(reference.repository(), Repository.parse(reference.repository().toString()));
        });
  }

  @Test
  void parse_givesAStableValueOrOneError_whateverTheInput() {
    Property.forAll(
        20_000,
        generator -> {
          String text =
              generator.oneIn(4)
                  ? generator.anyText(80)
                  : generator.mutate(OciSamples.reference(generator).toString());
          Reference reference;
          try {
            reference = generator.oneIn(2) ? Reference.parse(text) : Reference.parseFamiliar(text);
          } catch (OciFormatException e) {
            return;
          }
          assertEquals(reference, Reference.parse(reference.toString()));
        });
  }
}
