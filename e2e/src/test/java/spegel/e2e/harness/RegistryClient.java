package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A plain HTTP client of one server. */
public final class RegistryClient {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private static final Duration AT_MOST = Duration.ofSeconds(30);

  private final URI base;
  private final List<String> always;

  /** A client of {@code http://host:port}. */
  public RegistryClient(URI base) {
    this(base, List.of());
  }

  private RegistryClient(URI base, List<String> always) {
    this.base = base;
    this.always = always;
  }

  /** A client that sends these headers, name and value in turn, with each request. */
  public RegistryClient with(String... headers) {
    return new RegistryClient(base, Stream.concat(always.stream(), Stream.of(headers)).toList());
  }

  /** The address of the server. */
  public URI base() {
    return base;
  }

  /** GET, with headers as name and value in turn. */
  public HttpResponse<byte[]> get(String path, String... headers) {
    return send("GET", path, HttpRequest.BodyPublishers.noBody(), headers);
  }

  /** Whether it answers 200 at the path; it does not while nobody listens. */
  public boolean answers(String path) {
    try {
      return get(path).statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false; // Not listening yet.
    }
  }

  /** HEAD, with headers as name and value in turn. */
  public HttpResponse<byte[]> head(String path, String... headers) {
    return send("HEAD", path, HttpRequest.BodyPublishers.noBody(), headers);
  }

  /** Any request; the path may be a whole URL. */
  public HttpResponse<byte[]> send(
      String method, String path, HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).method(method, body).timeout(AT_MOST);
    String[] all = Stream.concat(always.stream(), Stream.of(headers)).toArray(String[]::new);
    if (all.length > 0) {
      request.headers(all);
    }
    try {
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + base.resolve(path) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + method + " " + path, e);
    }
  }

  /** A response's header; empty text when it is missing. */
  public static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
