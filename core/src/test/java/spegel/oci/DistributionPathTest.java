package spegel.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.testing.Generator;
import spegel.testing.Property;

class DistributionPathTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final Digest DIGEST = Digest.parse("sha256:" + HEX);

  @ParameterizedTest
  @ValueSource(strings = {"/v2/", "/v2", "/v2/?ns=docker.io"})
  void parse_givesVersionCheck(String target) {
    assertInstanceOf(DistributionPath.VersionCheck.class, DistributionPath.parse(target));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/library/nginx/manifests/latest?ns=docker.io, docker.io/library/nginx:latest",
    "/v2/nginx/manifests/1?ns=index.docker.io, docker.io/nginx:1",
    "/v2/x/manifests/1?ns=Host%3A5000, host:5000/x:1",
    "/v2/x/manifests/1?ns=[::1]:5000, [::1]:5000/x:1",
    "/v2/x/manifests/1?ns=%5B%3A%3A1%5D, [::1]/x:1",
    "/v2/x/manifests/1?a=b&ns=h&c, h/x:1",
    "/v2/manifests/manifests/manifests/manifests?ns=h, h/manifests/manifests:manifests",
    "/v2/a/blobs/b/manifests/c?ns=h, h/a/blobs/b:c",
    "/v2/%78/manifests/%31?ns=h, h/x:1",
  })
  void parse_givesAReference_forATag(String target, String reference) {
    assertEquals(
        new DistributionPath.ManifestByTag(Reference.parse(reference)),
        DistributionPath.parse(target));
  }

  @Test
  void parse_givesADigest_withAndWithoutARegistry() {
    assertEquals(
        new DistributionPath.ManifestByDigest("a/b", DIGEST, null),
        DistributionPath.parse("/v2/a/b/manifests/" + DIGEST));
    assertEquals(
        new DistributionPath.ManifestByDigest("a/b", DIGEST, "docker.io"),
        DistributionPath.parse("/v2/a/b/manifests/sha256%3a" + HEX + "?ns=docker.io"));
    assertEquals(
        new DistributionPath.BlobByDigest("a/b", DIGEST, "h:1"),
        DistributionPath.parse("/v2/a/b/blobs/" + DIGEST, "ns=h:1"));
    assertEquals(
        new DistributionPath.BlobByDigest("a/b", DIGEST, null),
        DistributionPath.parse("/v2/a/b/blobs/" + DIGEST, "ns="));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/x/manifests/latest, 404, NAME_UNKNOWN",
    "/v2/x/manifests/latest?ns=, 404, NAME_UNKNOWN",
    "/v2/x/manifests/latest?NS=h, 404, NAME_UNKNOWN",
    "/v2/x/manifests/latest?ns=h&ns=h, 400, NAME_INVALID",
    "/v2/x/manifests/latest?ns=h/x, 400, NAME_INVALID",
    "/v2/x/manifests/latest?ns=h%2fx, 400, NAME_INVALID",
    "/v2/x/manifests/latest?ns=h%0d%0aX:1, 400, NAME_INVALID",
    "/v2/x/manifests/latest?ns=https://h, 400, NAME_INVALID",
    "/v2/x/manifests/latest?ns=h%, 400, NAME_INVALID",
    "/v2/X/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a//b/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/../manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a/../../b/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/%2e%2e/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a%2Fb/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a%00/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a%c0%af/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a%252fb/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a%zz/manifests/latest?ns=h, 400, NAME_INVALID",
    "/v2/a/manifests/%2, 400, NAME_INVALID",
    "/v2/a/manifests/?ns=h, 400, MANIFEST_INVALID",
    "/v2/a/manifests/-x?ns=h, 400, MANIFEST_INVALID",
    "/v2/a/manifests/..?ns=h, 400, MANIFEST_INVALID",
    "/v2/a/manifests/x%0d%0ay?ns=h, 400, NAME_INVALID",
    "/v2/a/manifests/sha256:00?ns=h, 400, DIGEST_INVALID",
    "/v2/a/blobs/latest?ns=h, 400, DIGEST_INVALID",
    "/v2/a/blobs/?ns=h, 400, DIGEST_INVALID",
    "/v2/a/blobs/sha256:../../etc/passwd, 404, UNSUPPORTED",
    "/v2/manifests/latest?ns=h, 404, UNSUPPORTED",
    "/v2//manifests/latest?ns=h, 404, UNSUPPORTED",
    "/v2/a/tags/list, 404, UNSUPPORTED",
    "/v2/_catalog, 404, UNSUPPORTED",
    "/v1/a/manifests/latest?ns=h, 404, UNSUPPORTED",
    "/v2a/manifests/latest?ns=h, 404, UNSUPPORTED",
    "'', 404, UNSUPPORTED",
    "/, 404, UNSUPPORTED",
    "manifests, 404, UNSUPPORTED",
  })
  void parse_refuses_withTheCodeThatFits(String target, int status, RegistryError.Code code) {
    DistributionPath.Refused refused =
        assertInstanceOf(DistributionPath.Refused.class, DistributionPath.parse(target));
    assertEquals(status, refused.status());
    assertEquals(code, refused.error().code());
  }

  @Test
  void parse_refuses_whatIsTooLong() {
    assertInstanceOf(
        DistributionPath.Refused.class,
        DistributionPath.parse("/v2/a/blobs/" + DIGEST, "x".repeat(DistributionPath.MAX_CHARS)));
  }

  @Test
  void parse_readsEveryValidPath() {
    Property.forAll(
        5_000,
        generator -> {
          Reference reference = OciSamples.reference(generator);
          Repository repository = reference.repository();
          String tagOrDigest =
              reference.digest() == null
                  ? String.valueOf(reference.tag())
                  : reference.digest().toString();
          DistributionPath path =
              DistributionPath.parse(
                  "/v2/" + repository.path() + "/manifests/" + tagOrDigest,
                  "ns=" + repository.registry());
          DistributionPath expected =
              reference.digest() == null
                  ? new DistributionPath.ManifestByTag(reference)
                  : new DistributionPath.ManifestByDigest(
                      repository.path(), reference.digest(), repository.registry());
          assertEquals(expected, path);
        });
  }

  @Test
  void parse_givesAValue_whateverTheTarget() {
    Property.forAll(
        20_000,
        generator -> {
          DistributionPath path = DistributionPath.parse(target(generator));
          switch (path) {
            case DistributionPath.ManifestByTag(Reference reference) ->
                assertEquals(reference, Reference.parse(reference.toString()));
            case DistributionPath.ManifestByDigest(String name, Digest digest, _) ->
                new Reference(new Repository("h", name), null, digest);
            case DistributionPath.BlobByDigest(String name, Digest digest, _) ->
                new Reference(new Repository("h", name), null, digest);
            case DistributionPath.Refused(_, RegistryError error) ->
                assertEquals(
                    -1, error.message().indexOf('\n'), () -> "not for a log: " + error.message());
            case DistributionPath.VersionCheck() -> {}
          }
        });
  }

  private static String target(Generator generator) {
    if (generator.oneIn(8)) {
      return generator.anyText(100);
    }
    Reference reference = OciSamples.reference(generator);
    String kind = generator.oneOf("/manifests/", "/blobs/");
    String last =
        generator.oneIn(2) ? OciSamples.tag(generator) : OciSamples.digest(generator).toString();
    String target =
        "/v2/"
            + reference.repository().path()
            + kind
            + last
            + "?ns="
            + reference.repository().registry();
    return generator.mutate(target);
  }
}
