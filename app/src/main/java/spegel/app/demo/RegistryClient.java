package spegel.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.util.Optional;
import spegel.oci.Digest;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;

/** Asks one registry or mirror, as containerd does: the paths of the distribution API, with ns. */
final class RegistryClient {
  private static final String ACCEPTED =
      "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.docker.distribution.manifest.v2+json, */*";

  private final InetSocketAddress address;
  private final boolean asPeer;

  private RegistryClient(InetSocketAddress address, boolean asPeer) {
    this.address = address;
    this.asPeer = asPeer;
  }

  /** Asks as containerd does. */
  static RegistryClient of(InetSocketAddress address) {
    return new RegistryClient(address, false);
  }

  /** Asks as another node does, which hears only of what the asked one has itself. */
  static RegistryClient asPeer(InetSocketAddress address) {
    return new RegistryClient(address, true);
  }

  /** What the name's tag points to there; empty when it is not there. */
  Optional<Digest> resolve(Reference name) throws IOException {
    HttpURLConnection connection = open("HEAD", path(name, "manifests", tag(name)));
    if (!isFound(connection)) {
      return Optional.empty();
    }
    String digest = connection.getHeaderField("Docker-Content-Digest");
    try {
      return Optional.of(Digest.parse(String.valueOf(digest)));
    } catch (OciFormatException e) {
      throw new IOException(address + " names no digest for " + name, e);
    }
  }

  private static String tag(Reference name) {
    if (name.tag() == null) {
      throw new IllegalArgumentException("no tag: " + name);
    }
    return name.tag();
  }

  /** Whether a blob is there. */
  boolean hasBlob(Reference name, Digest digest) throws IOException {
    return isFound(open("HEAD", path(name, "blobs", digest.toString())));
  }

  /** A manifest; empty when it is not there. */
  Optional<InputStream> manifest(Reference name, Digest digest) throws IOException {
    return get(path(name, "manifests", digest.toString()));
  }

  /** A blob; empty when it is not there. */
  Optional<InputStream> blob(Reference name, Digest digest) throws IOException {
    return get(path(name, "blobs", digest.toString()));
  }

  private Optional<InputStream> get(String path) throws IOException {
    HttpURLConnection connection = open("GET", path);
    return isFound(connection) ? Optional.of(connection.getInputStream()) : Optional.empty();
  }

  /** Whatever else is answered, containerd goes on with the next host. */
  private static boolean isFound(HttpURLConnection connection) throws IOException {
    boolean found = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    if (!found) {
      connection.disconnect();
    }
    return found;
  }

  private static String path(Reference name, String kind, String what) {
    return "/v2/%s/%s/%s?ns=%s"
        .formatted(name.repository().path(), kind, what, name.repository().registry());
  }

  private HttpURLConnection open(String method, String path) throws IOException {
    HttpURLConnection connection = Requests.get(address, path);
    connection.setRequestMethod(method);
    connection.setRequestProperty("Accept", ACCEPTED);
    if (asPeer) {
      connection.setRequestProperty("X-Spegel-Mirrored", "true");
    }
    return connection;
  }
}
