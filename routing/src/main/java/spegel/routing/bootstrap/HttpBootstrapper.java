package spegel.routing.bootstrap;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/** Finds peers by asking an HTTP endpoint for {@link PeerInfoJson}. */
public final class HttpBootstrapper implements Bootstrapper {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_BODY_BYTES = 256 * 1024;

  private final URI url;
  private final Optional<SSLSocketFactory> tls;
  private final Addresses addresses;

  /**
   * @param url what to ask, http or https
   * @param tls who is trusted and who this node is, in place of the system's settings
   * @param port where peers listen whose addresses name no port
   */
  public HttpBootstrapper(URI url, Optional<SSLSocketFactory> tls, int port) {
    this.url = url;
    this.tls = tls;
    this.addresses = new Addresses(port, NameResolver.system());
  }

  @Override
  public List<BootstrapPeer> peers() throws IOException {
    List<BootstrapPeer> peers = new ArrayList<>();
    try {
      for (PeerInfoJson.NamedPeer info : PeerInfoJson.read(fetch())) {
        addresses.peer(info.id(), info.addresses()).ifPresent(peers::add);
      }
    } catch (IOException e) {
      throw new IOException("asking " + url + " for peers: " + e.getMessage(), e);
    }
    return peers;
  }

  private byte[] fetch() throws IOException {
    URLConnection opened = url.toURL().openConnection();
    if (!(opened instanceof HttpURLConnection connection)) {
      throw new IOException("not a URL of http or https");
    }
    if (connection instanceof HttpsURLConnection https) {
      tls.ifPresent(https::setSSLSocketFactory);
    }
    connection.setConnectTimeout((int) TIMEOUT.toMillis());
    connection.setReadTimeout((int) TIMEOUT.toMillis());
    connection.setUseCaches(false);
    connection.setRequestProperty("Accept", "application/json");
    try {
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("status " + status);
      }
      try (InputStream body = connection.getInputStream()) {
        byte[] document = body.readNBytes(MAX_BODY_BYTES + 1);
        if (document.length > MAX_BODY_BYTES) {
          throw new IOException("more than " + MAX_BODY_BYTES + " bytes came back");
        }
        return document;
      }
    } finally {
      connection.disconnect();
    }
  }

  @Override
  public String toString() {
    return "http " + url;
  }
}
