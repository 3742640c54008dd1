package spegel.app.command;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A registry or mirror as {@code scheme://host[:port]}.
 *
 * @param scheme http or https; empty only in {@link #ALL}
 * @param authority host or host:port, lower case, an IPv6 address in brackets
 */
public record RegistryUrl(String scheme, String authority) {
  /**
   * All registries: {@code *}, or by the name of containerd's folder for them, {@code _default}.
   */
  public static final RegistryUrl ALL = new RegistryUrl("", "_default");

  private static final int MAX_CHARS = 512;

  /**
   * Reads a URL without path, query, fragment and user, or one of the two names of {@link #ALL}.
   *
   * @throws InvalidValueException when the text is anything else
   */
  public static RegistryUrl parse(String text) {
    if (text.equals("*") || text.equals("_default")) {
      return ALL;
    }
    if (text.length() > MAX_CHARS) {
      throw invalid(text.substring(0, 64) + "\u2026", "too long");
    }
    URI uri;
    try {
      uri = new URI(text).parseServerAuthority();
    } catch (URISyntaxException e) {
      throw invalid(text, e.getReason());
    }
    if (!"http".equalsIgnoreCase(uri.getScheme()) && !"https".equalsIgnoreCase(uri.getScheme())) {
      throw invalid(text, "the scheme is neither http nor https");
    }
    if (uri.getHost() == null) {
      throw invalid(text, "there is no host");
    }
    if (uri.getRawUserInfo() != null
        || !uri.getRawPath().isEmpty()
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw invalid(text, "a path, query, fragment or user is not allowed");
    }
    return new RegistryUrl(lowerCase(uri.getScheme()), lowerCase(uri.getRawAuthority()));
  }

  private static String lowerCase(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static InvalidValueException invalid(String text, String reason) {
    return new InvalidValueException(
        "expected scheme://host[:port], got \"" + text + "\": " + reason);
  }

  @Override
  public String toString() {
    return scheme.isEmpty() ? authority : scheme + "://" + authority;
  }
}
