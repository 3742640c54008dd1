package spegel.oci;

import org.jspecify.annotations.Nullable;
import spegel.oci.DistributionPath.BlobByDigest;
import spegel.oci.DistributionPath.ManifestByDigest;
import spegel.oci.DistributionPath.ManifestByTag;
import spegel.oci.DistributionPath.Refused;
import spegel.oci.DistributionPath.VersionCheck;
import spegel.oci.RegistryError.Code;

/** Cuts a request's path at its last two slashes, since a repository's name has slashes too. */
final class DistributionPathParser {
  private static final String ROOT = "/v2/";
  private static final String MANIFESTS = "/manifests";
  private static final String BLOBS = "/blobs";
  private static final String REGISTRY_PARAMETER = "ns=";

  private static final VersionCheck VERSION_CHECK = new VersionCheck();

  private DistributionPathParser() {}

  static DistributionPath parse(String rawPath, @Nullable String rawQuery) {
    int chars = rawPath.length() + (rawQuery == null ? 0 : rawQuery.length());
    if (chars > DistributionPath.MAX_CHARS) {
      return refused(
          Code.NAME_INVALID,
          "request target of more than " + DistributionPath.MAX_CHARS + " characters");
    }
    String path;
    try {
      path = PercentEncoding.decode(rawPath);
    } catch (OciFormatException e) {
      return refused(Code.NAME_INVALID, e.getMessage());
    }
    if (path.equals(ROOT) || path.equals("/v2")) {
      return VERSION_CHECK;
    }
    int last = path.lastIndexOf('/');
    if (isKind(path, last, MANIFESTS)) {
      return content(path, last - MANIFESTS.length(), last, rawQuery, true);
    }
    if (isKind(path, last, BLOBS)) {
      return content(path, last - BLOBS.length(), last, rawQuery, false);
    }
    RegistryError error =
        new RegistryError(Code.UNSUPPORTED, "no such endpoint: " + OciFormatException.quote(path));
    return new Refused(404, error);
  }

  /** Whether the segment before the last slash is of this kind, with room for a name before it. */
  private static boolean isKind(String path, int last, String kind) {
    int start = last - kind.length();
    return start > ROOT.length() && path.startsWith(ROOT) && path.startsWith(kind, start);
  }

  private static DistributionPath content(
      String path, int nameEnd, int last, @Nullable String rawQuery, boolean manifest) {
    Code blame = Code.NAME_INVALID;
    try {
      String name = path.substring(ROOT.length(), nameEnd);
      Repository.checkPath(name);
      String registry = registry(rawQuery);
      String wanted = path.substring(last + 1);
      if (!manifest || Digest.looksLikeDigest(wanted)) {
        blame = Code.DIGEST_INVALID;
        Digest digest = Digest.parse(wanted);
        return manifest
            ? new ManifestByDigest(name, digest, registry)
            : new BlobByDigest(name, digest, registry);
      }
      blame = Code.MANIFEST_INVALID;
      Reference.checkTag(wanted);
      if (registry == null) {
        return refused(
            Code.NAME_UNKNOWN, "a tag needs the registry's host in the ns parameter: " + wanted);
      }
      return new ManifestByTag(new Reference(new Repository(registry, name), wanted, null));
    } catch (OciFormatException e) {
      return refused(blame, e.getMessage());
    }
  }

  /** The {@code ns} parameter as a registry's host; null when it is missing or empty. */
  private static @Nullable String registry(@Nullable String rawQuery) {
    if (rawQuery == null) {
      return null;
    }
    String registry = null;
    boolean seen = false;
    int start = 0;
    while (start < rawQuery.length()) {
      int ampersand = rawQuery.indexOf('&', start);
      int end = ampersand < 0 ? rawQuery.length() : ampersand;
      if (rawQuery.startsWith(REGISTRY_PARAMETER, start)) {
        // Proxies differ on whether the first or the last of two counts.
        if (seen) {
          throw new OciFormatException("registry: parameter ns twice");
        }
        seen = true;
        int valueStart = start + REGISTRY_PARAMETER.length();
        if (valueStart < end) {
          String value = rawQuery.substring(valueStart, end);
          registry = RegistryHost.normalize(PercentEncoding.decode(value));
        }
      }
      start = end + 1;
    }
    return registry;
  }

  private static Refused refused(Code code, String message) {
    return new Refused(code.status(), new RegistryError(code, message));
  }
}
