package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.harness.RegistryClient.header;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.RegistryClient;

/** What every answer of the distribution API has to be like. */
final class ServedContent {
  private ServedContent() {}

  /** The path of what a tag points to, in the registry {@code upstream.test}. */
  static String tagged(String repository, String tag) {
    return "/v2/" + repository + "/manifests/" + tag + "?ns=upstream.test";
  }

  /** The path of a piece of content, in the registry {@code upstream.test}. */
  static String path(String repository, Content content) {
    return content.path(repository) + "?ns=upstream.test";
  }

  /** GET and HEAD of the path give the content, every byte and header. */
  static void assertServed(RegistryClient client, String path, Content expected) {
    HttpResponse<byte[]> got = client.get(path);
    assertEquals(200, got.statusCode(), path);
    assertArrayEquals(expected.bytes(), got.body(), path);
    assertEquals(expected.digest().toString(), header(got, "Docker-Content-Digest"));
    assertEquals(Integer.toString(expected.bytes().length), header(got, "Content-Length"));
    assertEquals("", header(got, "Transfer-Encoding"));
    assertEquals("", header(got, "Content-Encoding"));
    if (expected.manifest()) {
      assertEquals(expected.mediaType(), header(got, "Content-Type"));
    } else {
      assertEquals("bytes", header(got, "Accept-Ranges"));
    }
    HttpResponse<byte[]> head = client.head(path);
    assertEquals(200, head.statusCode(), path);
    assertEquals(0, head.body().length);
    assertEquals(withoutDate(got), withoutDate(head));
  }

  /** GET and HEAD of the path give 404, GET with an error document of this code. */
  static void assertMissing(RegistryClient client, String path, String code) {
    HttpResponse<byte[]> got = client.get(path);
    assertEquals(404, got.statusCode(), path);
    String body = new String(got.body(), StandardCharsets.UTF_8);
    assertTrue(body.startsWith("{\"errors\":[{\"code\":\"" + code + "\""), body);
    assertEquals(404, client.head(path).statusCode(), path);
  }

  private static Map<String, String> withoutDate(HttpResponse<?> response) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    response.headers().map().forEach((name, values) -> headers.put(name, values.toString()));
    headers.remove("date");
    return headers;
  }
}
