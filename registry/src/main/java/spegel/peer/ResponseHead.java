package spegel.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of a peer's answer, parsed strictly: what could be read in two ways is refused, since
 * the connection is used again.
 *
 * @param status 100 to 599
 * @param fields first values by name in lower case
 * @param contentLength bytes of the body, or for HEAD of the body that GET would have
 * @param keepAlive whether another request may follow
 */
record ResponseHead(int status, Map<String, String> fields, long contentLength, boolean keepAlive) {
  static final int MAX_BYTES = 16 * 1024;
  private static final int MAX_FIELDS = 100;
  private static final int MAX_LENGTH_DIGITS = 18;
  private static final String SEPARATORS = "\"(),/:;<=>?@[\\]{}";

  /**
   * Parses a head.
   *
   * @param bytes which hold it from {@code start}
   * @param end behind the empty line
   * @param headOnly whether the request was HEAD
   * @throws IOException when it is no head, or one whose body cannot be told from what follows
   */
  static ResponseHead parse(byte[] bytes, int start, int end, boolean headOnly) throws IOException {
    String[] lines =
        new String(bytes, start, end - start, StandardCharsets.ISO_8859_1).split("\r\n", -1);
    int status = status(lines[0]);
    Map<String, String> fields = new LinkedHashMap<>();
    // The last two are empty: what is behind the last field's line, and the empty line.
    if (lines.length - 3 > MAX_FIELDS) {
      throw new IOException("an answer with more than " + MAX_FIELDS + " fields");
    }
    for (int i = 1; i < lines.length - 2; i++) {
      field(lines[i], fields);
    }
    if (fields.containsKey("transfer-encoding")) {
      throw new IOException("an answer with a transfer coding");
    }
    boolean keepAlive = lines[0].startsWith("HTTP/1.1") && !isClose(fields.get("connection"));
    return new ResponseHead(status, fields, length(status, fields, headOnly), keepAlive);
  }

  private static int status(String line) throws IOException {
    boolean isStatusLine =
        (line.startsWith("HTTP/1.1 ") || line.startsWith("HTTP/1.0 "))
            && line.length() >= 12
            && isDigits(line.substring(9, 12))
            && (line.length() == 12 || line.charAt(12) == ' ');
    int status = isStatusLine ? Integer.parseInt(line.substring(9, 12)) : 0;
    if (status < 100 || status > 599) {
      throw new IOException("an answer that is not HTTP/1");
    }
    return status;
  }

  private static void field(String line, Map<String, String> fields) throws IOException {
    int colon = line.indexOf(':');
    if (colon < 1) {
      throw new IOException("an answer with a line that is no field");
    }
    for (int i = 0; i < colon; i++) {
      char c = line.charAt(i);
      if (c <= ' ' || c > '~' || SEPARATORS.indexOf(c) >= 0) {
        throw new IOException("an answer with a field whose name is no token");
      }
    }
    for (int i = colon + 1; i < line.length(); i++) {
      char c = line.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        throw new IOException("an answer with a field whose value has control characters");
      }
    }
    String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
    String value = line.substring(colon + 1).strip();
    String before = fields.putIfAbsent(name, value);
    if (before != null && name.equals("content-length")) {
      throw new IOException("an answer with two lengths");
    }
    if (before != null && name.equals("connection")) {
      fields.put(name, before + "," + value);
    }
  }

  private static boolean isClose(@Nullable String connection) {
    if (connection != null) {
      for (String option : connection.split(",", -1)) {
        if (option.strip().equalsIgnoreCase("close")) {
          return true;
        }
      }
    }
    return false;
  }

  private static long length(int status, Map<String, String> fields, boolean headOnly)
      throws IOException {
    String text = fields.get("content-length");
    if (text == null) {
      // Go's server leaves out the length of what it would say to a failed GET.
      if (status < 200 || status == 204 || status == 304 || (headOnly && status >= 300)) {
        return 0;
      }
      throw new IOException("an answer without a length");
    }
    if (text.length() > MAX_LENGTH_DIGITS || !isDigits(text)) {
      throw new IOException("an answer whose length is no number");
    }
    return Long.parseLong(text);
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Whether another head follows, which is the answer. */
  boolean isInterim() {
    return status < 200;
  }

  /** Bytes of the body that follows this head. */
  long bodyLength(boolean headOnly) {
    return headOnly || status < 200 || status == 204 || status == 304 ? 0 : contentLength;
  }

  Optional<String> field(String name) {
    return Optional.ofNullable(fields.get(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * Where a head ends.
   *
   * @param from where the search begins: what is before has been searched
   * @return the index behind the empty line; -1 when it is not there yet
   */
  static int end(byte[] bytes, int from, int length) {
    for (int i = from; i <= length - 4; i++) {
      if (bytes[i] == '\r'
          && bytes[i + 1] == '\n'
          && bytes[i + 2] == '\r'
          && bytes[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }
}
