package spegel.containerd.hosts;

import java.net.Inet6Address;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of a {@code hosts.toml} that containerd knows, and which values it takes (its
 * core/remotes/docker/config). A file with another value it passes over as a whole: were such a
 * value carried into ours, containerd would pass over our mirrors, too. Unknown keys are free.
 */
final class HostKeys {
  static final String HOST = "host";
  static final String SERVER = "server";

  /** What containerd takes no notice of at the top when no server is named there. */
  static final Set<String> IGNORED_WITHOUT_SERVER = Set.of("capabilities", "override_path");

  private static final Set<String> CAPABILITIES = Set.of("pull", "resolve", "push", "referrers");

  /** What Go's time.ParseDuration takes. */
  private static final Pattern DURATION =
      Pattern.compile(
          "[+-]?(?:0|(?:(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:ns|us|µs|μs|ms|s|m|h))++)|");

  /** What Go's url.Parse takes once containerd has put https:// before what has no http. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?:http[A-Za-z0-9+.-]*+://|(?!http))"
              + "(?:[A-Za-z0-9._~!$&'()*+,;=:-]*@)?"
              + "(?:\\[([0-9A-Fa-f:.]++)]|[A-Za-z0-9._~!$&'()*+,;=<>\"\\x{80}-\\x{ffff}-]*+)"
              + "(?::[0-9]*+)?+"
              + "(?:[/?#](?:[^\\s\\p{Cntrl}%]|%[0-9A-Fa-f]{2})*+)?+");

  private HostKeys() {}

  /** The hosts of a file, by their names. */
  static Map<String, Map<?, ?>> hosts(Map<String, Object> root) {
    Map<String, Map<?, ?>> hosts = new LinkedHashMap<>();
    if (root.get(HOST) instanceof Map<?, ?> tables) {
      tables.forEach((name, host) -> hosts.put((String) name, (Map<?, ?>) host));
    }
    return hosts;
  }

  /** What is wrong with the keys at the top, which are the server's, or with those of a host. */
  static Optional<String> invalid(Map<String, Object> root) {
    if (root.containsKey(SERVER) && !isAddress(root.get(SERVER))) {
      return Optional.of(SERVER + " is not an address");
    }
    if (!(root.getOrDefault(HOST, Map.of()) instanceof Map<?, ?> hosts)) {
      return Optional.of(HOST + " is not a table");
    }
    Optional<String> invalid = invalidKey("", root);
    for (Map.Entry<?, ?> entry : hosts.entrySet()) {
      String name = TomlWriter.key(List.of(HOST, (String) entry.getKey()));
      if (!isAddress(entry.getKey())) {
        return Optional.of(name + " is not an address");
      }
      if (!(entry.getValue() instanceof Map<?, ?> host)) {
        return Optional.of(name + " is not a table");
      }
      invalid = invalid.or(() -> invalidKey(name + ".", host));
    }
    return invalid;
  }

  /** The same keys and values with other names of the files that they name. */
  static Map<String, Object> relocated(Map<String, Object> root, UnaryOperator<String> relocation) {
    Map<String, Object> relocated = relocatedFiles(root, relocation);
    if (root.containsKey(HOST)) {
      Map<String, Object> hosts = new LinkedHashMap<>();
      hosts(root).forEach((name, host) -> hosts.put(name, relocatedFiles(host, relocation)));
      relocated.put(HOST, hosts);
    }
    return relocated;
  }

  private static Map<String, Object> relocatedFiles(
      Map<?, ?> host, UnaryOperator<String> relocation) {
    Map<String, Object> relocated = new LinkedHashMap<>();
    host.forEach(
        (key, value) ->
            relocated.put(
                (String) key, isFiles((String) key) ? relocatedFile(value, relocation) : value));
    return relocated;
  }

  private static Object relocatedFile(Object value, UnaryOperator<String> relocation) {
    return switch (value) {
      case String file -> relocation.apply(file);
      case List<?> files -> files.stream().map(file -> relocatedFile(file, relocation)).toList();
      default -> value;
    };
  }

  private static boolean isFiles(String key) {
    return key.equalsIgnoreCase("ca") || key.equalsIgnoreCase("client");
  }

  private static Optional<String> invalidKey(String where, Map<?, ?> host) {
    for (Map.Entry<?, ?> entry : host.entrySet()) {
      String key = (String) entry.getKey();
      Optional<String> expected = expected(key, entry.getValue());
      if (expected.isPresent()) {
        return Optional.of(where + TomlWriter.key(List.of(key)) + " is not " + expected.get());
      }
    }
    return Optional.empty();
  }

  /** What a value should be and is not. Go's decoder takes keys in any case. */
  private static Optional<String> expected(String key, Object value) {
    return switch (key.toLowerCase(Locale.ROOT)) {
      case "capabilities" ->
          unless(isListOf(value, HostKeys::isCapability), "a list of known capabilities");
      case "ca" -> unless(isStringOrList(value), "a file's name or a list of them");
      case "client" -> unless(isClient(value), "a file's name or a list of names or pairs");
      case "skip_verify", "override_path" -> unless(value instanceof Boolean, "true or false");
      case "dial_timeout" ->
          unless(value instanceof String s && DURATION.matcher(s).matches(), "a duration");
      case "header" -> unless(isHeader(value), "a table of strings or lists of strings");
      default -> Optional.empty();
    };
  }

  private static Optional<String> unless(boolean holds, String expected) {
    return holds ? Optional.empty() : Optional.of(expected);
  }

  private static boolean isHeader(Object value) {
    return value instanceof Map<?, ?> header
        && header.values().stream().allMatch(HostKeys::isStringOrList);
  }

  private static boolean isAddress(Object value) {
    if (!(value instanceof String address)) {
      return false;
    }
    Matcher matcher = ADDRESS.matcher(address);
    return matcher.matches() && (matcher.group(1) == null || isIpv6(matcher.group(1)));
  }

  private static boolean isIpv6(String literal) {
    try {
      Inet6Address.ofLiteral(literal);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isCapability(Object value) {
    return value instanceof String s && CAPABILITIES.contains(s.toLowerCase(Locale.ROOT));
  }

  private static boolean isStringOrList(Object value) {
    return value instanceof String || isListOf(value, String.class::isInstance);
  }

  private static boolean isClient(Object value) {
    return isListOf(value, file -> file instanceof String || isPair(file))
        || value instanceof String;
  }

  private static boolean isPair(Object value) {
    return value instanceof List<?> pair
        && pair.size() == 2
        && isListOf(value, String.class::isInstance);
  }

  private static boolean isListOf(Object value, Predicate<Object> element) {
    return value instanceof List<?> list && list.stream().allMatch(element);
  }
}
