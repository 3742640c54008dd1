package spegel.app.demo;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;

/** Requests to servers of this process, each on a connection of its own. */
final class Requests {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

  private Requests() {}

  /** A request that is not sent yet; past any proxy that the environment may name. */
  static HttpURLConnection get(InetSocketAddress address, String path) throws IOException {
    URI uri =
        URI.create(
            "http://%s:%d%s"
                .formatted(address.getAddress().getHostAddress(), address.getPort(), path));
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
    connection.setReadTimeout((int) READ_TIMEOUT.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    // Java would keep idle connections, and a server that ends waits a while for their other ends.
    connection.setRequestProperty("Connection", "close");
    return connection;
  }
}
