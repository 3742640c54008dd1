package spegel.app.command;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.containerd.hosts.RegistryFormatException;
import spegel.containerd.hosts.RegistryUrl;
import spegel.http.ListenAddress;

/** How the text of a flag becomes its value; each throws {@link InvalidValueException}. */
final class Values {
  private static final int MAX_PATTERN_CHARS = 1_024;
  private static final int MAX_NAME_CHARS = 253;

  private Values() {}

  static ListenAddress address(String text) {
    try {
      return ListenAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(
          Objects.requireNonNullElse(e.getMessage(), "not host:port: \"" + text + "\""));
    }
  }

  static MirroredRegistry mirroredRegistry(String text) {
    try {
      return MirroredRegistry.parse(text);
    } catch (RegistryFormatException e) {
      throw new InvalidValueException(String.valueOf(e.getMessage()));
    }
  }

  static RegistryUrl mirrorTarget(String text) {
    try {
      return RegistryUrl.parse(text);
    } catch (RegistryFormatException e) {
      throw new InvalidValueException(String.valueOf(e.getMessage()));
    }
  }

  static Path path(String text) {
    if (text.isEmpty()) {
      throw new InvalidValueException("a path must be given");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidValueException("not a path: " + e.getReason());
    }
  }

  static Duration positiveDuration(String text) {
    Duration duration = GoDuration.parse(text);
    if (!duration.isPositive()) {
      throw new InvalidValueException("not longer than nothing: \"" + text + "\"");
    }
    return duration;
  }

  static Function<String, Integer> number(int min, int max) {
    return text -> {
      try {
        int number = Integer.parseInt(text);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new InvalidValueException("not a number: \"" + text + "\"");
      }
      throw new InvalidValueException("not within " + min + " to " + max + ": " + text);
    };
  }

  static <E extends Enum<E>> Function<String, E> oneOf(Class<E> type) {
    return text ->
        Arrays.stream(type.getEnumConstants())
            .filter(constant -> constant.name().equalsIgnoreCase(text))
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidValueException(
                        "not one of "
                            + Arrays.stream(type.getEnumConstants())
                                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))
                            + ": \""
                            + text
                            + "\""));
  }

  static String pattern(String text) {
    if (text.length() > MAX_PATTERN_CHARS) {
      throw new InvalidValueException("a pattern longer than " + MAX_PATTERN_CHARS + " characters");
    }
    try {
      Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new InvalidValueException(
          "not a regular expression: \"" + text + "\": " + e.getDescription());
    }
    return text;
  }

  static String domain(String text) {
    boolean valid =
        text.length() <= MAX_NAME_CHARS
            && text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0);
    if (!valid) {
      throw new InvalidValueException("not a domain name: \"" + text + "\"");
    }
    return text;
  }

  static URI httpUrl(String text) {
    try {
      URI uri = new URI(text).parseServerAuthority();
      boolean http =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      if (http && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new InvalidValueException("not a URL: \"" + text + "\": " + e.getReason());
    }
    throw new InvalidValueException("not a URL such as http://host:5002/id: \"" + text + "\"");
  }

  static String multiaddr(String text) {
    if (!text.startsWith("/") || text.length() > 512) {
      throw new InvalidValueException(
          "not a multiaddress such as /ip4/10.0.0.1/tcp/5001/p2p/\u2026: \"" + text + "\"");
    }
    return text;
  }
}
