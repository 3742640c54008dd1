package spegel.containerd.hosts;

import java.net.Inet6Address;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a registry or mirror: {@code scheme://host[:port]}, the scheme http or https.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority host, or host:port; an IPv6 address is bracketed. Fit for a folder's name: it
 *     starts with a letter, a digit or a bracket and has no slash.
 */
public record RegistryUrl(String scheme, String authority) {
  private static final int MAX_CHARS = 270;
  private static final int MAX_HOST_CHARS = 253;
  private static final int MAX_PORT = 65_535;

  private static final Pattern SCHEME = Pattern.compile("(?i)(https?)://(.*)", Pattern.DOTALL);
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9A-Fa-f:.]++\\]|[^\\[\\]:]++)(?::([0-9]{1,5}))?");

  /** Names of hosts by RFC 1123, and underscores within, which some cluster services have. */
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9_-]*+)(?:\\.[A-Za-z0-9_-]++)*+\\.?");

  public RegistryUrl {
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw refused(scheme + "://" + authority, "the scheme is neither http nor https");
    }
    requireAuthority(scheme + "://" + authority, authority);
  }

  /**
   * The address that a text names.
   *
   * @throws RegistryFormatException when it is not {@code scheme://host[:port]}, or has a path, a
   *     query or a user
   */
  public static RegistryUrl parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw refused(text, "it is longer than " + MAX_CHARS + " characters");
    }
    Matcher matcher = SCHEME.matcher(text);
    if (!matcher.matches()) {
      throw refused(text, "it does not begin with http:// or https://");
    }
    String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
    String authority = matcher.group(2);
    requireAuthority(text, authority);
    return new RegistryUrl(scheme, authority.toLowerCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return scheme + "://" + authority;
  }

  private static void requireAuthority(String url, String authority) {
    refuse(url, authority, '/', "a path");
    refuse(url, authority, '?', "a query");
    refuse(url, authority, '#', "a fragment");
    refuse(url, authority, '@', "a user");
    Matcher matcher = AUTHORITY.matcher(authority);
    if (!matcher.matches()) {
      throw refused(url, "it is not scheme://host[:port] (an IPv6 address is bracketed)");
    }
    String host = matcher.group(1);
    if (!(host.startsWith("[") ? isIpv6(host) : isHostName(host))) {
      throw refused(url, "it names no valid host");
    }
    String port = matcher.group(2);
    if (port != null && (Integer.parseInt(port) == 0 || Integer.parseInt(port) > MAX_PORT)) {
      throw refused(url, "its port is not between 1 and " + MAX_PORT);
    }
  }

  private static void refuse(String url, String authority, char separator, String part) {
    if (authority.indexOf(separator) >= 0) {
      throw refused(url, "it has " + part);
    }
  }

  private static boolean isHostName(String host) {
    return host.length() <= MAX_HOST_CHARS && HOST_NAME.matcher(host).matches();
  }

  private static boolean isIpv6(String bracketed) {
    try {
      Inet6Address.ofLiteral(bracketed.substring(1, bracketed.length() - 1));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Does not repeat a user's password: what stands before an {@code @} is left out. */
  private static RegistryFormatException refused(String url, String reason) {
    String shown = url.substring(0, Math.min(url.length(), MAX_CHARS + 1));
    int at = shown.lastIndexOf('@');
    if (at >= 0) {
      int scheme = shown.lastIndexOf("://", at);
      shown = shown.substring(0, scheme < 0 ? 0 : scheme + 3) + "…" + shown.substring(at);
    }
    return new RegistryFormatException(
        "Invalid registry address " + Quoted.quote(shown) + ": " + reason);
  }
}
