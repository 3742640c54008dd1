package spegel.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The header fields of an answer, encoded once. Content-Length, Connection and the status line are
 * the server's and are not among them. Immutable.
 */
public final class HttpFields {

  /** No fields. */
  public static final HttpFields NONE = new HttpFields(new byte[0]);

  private static final String SEPARATORS = "\"(),/:;<=>?@[\\]{}";

  private final byte[] encoded;

  private HttpFields(byte[] encoded) {
    this.encoded = encoded;
  }

  /**
   * One field.
   *
   * @throws IllegalArgumentException see {@link #with}
   */
  public static HttpFields of(String name, String value) {
    return NONE.with(name, value);
  }

  /**
   * These fields and one more.
   *
   * @throws IllegalArgumentException when the name is not a token, or the value has anything but
   *     visible ASCII, spaces and tabs (RFC 9110, section 5): nothing that a client sent can end
   *     the line
   */
  public HttpFields with(String name, String value) {
    byte[] longer = Arrays.copyOf(encoded, encoded.length + name.length() + value.length() + 4);
    int at = encoded.length;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c > '~' || SEPARATORS.indexOf(c) >= 0) {
        throw new IllegalArgumentException("field name is not a token");
      }
      longer[at++] = (byte) c;
    }
    longer[at++] = ':';
    longer[at++] = ' ';
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c > '~') {
        throw new IllegalArgumentException("field " + name + ": a character that is not allowed");
      }
      longer[at++] = (byte) c;
    }
    longer[at++] = '\r';
    longer[at] = '\n';
    return new HttpFields(longer);
  }

  /** Lines {@code name: value}, each ended by CR LF. Not to be changed. */
  byte[] encoded() {
    return encoded;
  }

  @Override
  public String toString() {
    return new String(encoded, StandardCharsets.US_ASCII);
  }
}
