package spegel.routing.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys in the resources were made by openssl for these tests, and open nothing. */
@Timeout(30)
class ClientTlsTest {
  @TempDir Path temporary;

  private Path folder(boolean authority, String certificate, String key) throws IOException {
    Path folder = Files.createTempDirectory(temporary, "tls");
    if (authority) {
      copy("ca.crt", folder.resolve("ca.crt"));
    }
    if (!certificate.isEmpty()) {
      copy(certificate, folder.resolve("tls.crt"));
    }
    if (!key.isEmpty()) {
      copy(key, folder.resolve("tls.key"));
    }
    return folder;
  }

  private static void copy(String resource, Path file) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            ClientTlsTest.class.getResourceAsStream("tls/" + resource), resource)) {
      Files.copy(in, file);
    }
  }

  /** A server that wants to see a certificate of the test's authority. */
  private HttpsServer server() throws IOException {
    SSLContext context = ClientTls.context(folder(true, "ec-sec1.crt", "ec-sec1.key"));
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters needed = getSSLContext().getDefaultSSLParameters();
            needed.setNeedClientAuth(true);
            parameters.setSSLParameters(needed);
          }
        });
    server.createContext(
        "/id",
        exchange -> {
          byte[] body = "[{\"Addrs\":[\"/ip4/10.0.0.1\"]}]".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static List<BootstrapPeer> ask(HttpsServer server, Optional<SSLSocketFactory> tls)
      throws IOException {
    URI url = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/id");
    return new HttpBootstrapper(url, tls, 5001).peers();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa-pkcs1", "rsa-pkcs8", "ec-sec1", "ec521-sec1", "ed25519"})
  void load_provesTheNodeAndTrustsTheAuthority(String name) throws IOException {
    HttpsServer server = server();
    try {
      Path folder = folder(true, name + ".crt", name + ".key");
      assertEquals(
          List.of(
              new BootstrapPeer(
                  Optional.empty(),
                  List.of(new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 5001)))),
          ask(server, Optional.of(ClientTls.load(folder))));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void peers_throws_whenTheServerIsNotTrusted_orTheNodeIsNot() throws IOException {
    HttpsServer server = server();
    try {
      assertThrows(IOException.class, () -> ask(server, Optional.empty()));
      SSLSocketFactory anonymous = ClientTls.load(folder(true, "", ""));
      assertThrows(IOException.class, () -> ask(server, Optional.of(anonymous)));
    } finally {
      server.stop(0);
    }
  }

  private static String failure(Path folder) {
    return String.valueOf(
        assertThrows(IOException.class, () -> ClientTls.load(folder)).getMessage());
  }

  @Test
  void load_namesTheFile_whenOneIsMissingOrMalformed() throws IOException {
    assertTrue(failure(temporary.resolve("none")).contains("no such folder"));
    assertTrue(failure(folder(true, "ec-sec1.crt", "")).contains("tls.key: missing"));
    Path swapped = folder(true, "ec-sec1.key", "ec-sec1.crt");
    assertTrue(failure(swapped).contains("tls."), failure(swapped));
    Path broken = folder(true, "ec-sec1.crt", "");
    for (String key :
        List.of(
            "nonsense",
            "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE/w==\n-----END EC PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----")) {
      Files.writeString(broken.resolve("tls.key"), key);
      assertTrue(failure(broken).contains("tls.key"), failure(broken));
    }
    Path noAuthority = folder(false, "", "");
    Files.writeString(noAuthority.resolve("ca.crt"), "nonsense");
    assertTrue(failure(noAuthority).contains("ca.crt"), failure(noAuthority));
  }
}
