package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.harness.RegistryClient.header;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.RegistryClient;

/** What every answer of the distribution API has to be like. */
public final class ServedContent {
  private ServedContent() {}

  /** The path of what a tag points to, in the registry {@code upstream.test}. */
  public static String tagged(String repository, String tag) {
    return "/v2/" + repository + "/manifests/" + tag + "?ns=upstream.test";
  }

  /** The path of a piece of content, in the registry {@code upstream.test}. */
  public static String path(String repository, Content content) {
    return content.path(repository) + "?ns=upstream.test";
  }

  /** GET and HEAD of the path give the content, every byte and header. */
  public static void assertServed(RegistryClient client, String path, Content expected) {
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
  public static void assertMissing(RegistryClient client, String path, String code) {
    HttpResponse<byte[]> got = client.get(path);
    assertEquals(404, got.statusCode(), path);
    String body = new String(got.body(), StandardCharsets.UTF_8);
    assertTrue(body.startsWith("{\"errors\":[{\"code\":\"" + code + "\""), body);
    assertEquals(404, client.head(path).statusCode(), path);
  }

  /** Each form of a range gives just these bytes of the content, which has more than 100,000. */
  public static void assertRangesServed(RegistryClient client, String path, Content expected) {
    int size = expected.bytes().length;
    assertRange(client, path, expected, "bytes=0-0", 0, 1);
    assertRange(client, path, expected, "bytes=1000-99999", 1_000, 100_000);
    assertRange(client, path, expected, "bytes=1000-", 1_000, size);
    assertRange(client, path, expected, "bytes=-7", size - 7, size);
    assertRange(client, path, expected, "bytes=" + (size - 1) + "-" + (size + 100), size - 1, size);
  }

  private static void assertRange(
      RegistryClient client, String path, Content expected, String range, int from, int to) {
    HttpResponse<byte[]> part = client.get(path, "Range", range);
    assertEquals(206, part.statusCode(), range);
    assertArrayEquals(Arrays.copyOfRange(expected.bytes(), from, to), part.body(), range);
    assertEquals(
        "bytes %d-%d/%d".formatted(from, to - 1, expected.bytes().length),
        header(part, "Content-Range"));
    assertEquals(expected.digest().toString(), header(part, "Docker-Content-Digest"));
  }

  private static Map<String, String> withoutDate(HttpResponse<?> response) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    response.headers().map().forEach((name, values) -> headers.put(name, values.toString()));
    headers.remove("date");
    return headers;
  }
}
