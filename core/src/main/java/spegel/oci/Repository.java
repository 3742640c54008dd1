package spegel.oci;

import org.jspecify.annotations.Nullable;

/**
 * A repository of a registry, {@code docker.io/library/nginx} (the grammar of the distribution
 * specification, "Pulling manifests", and of Docker's reference package).
 *
 * @param registry host, or host:port, or [IPv6]:port; lower case, at most {@value
 *     RegistryHost#MAX_CHARS} characters; {@code index.docker.io} becomes {@code docker.io}
 * @param path the repository's name within the registry, at most {@value #MAX_PATH_CHARS}
 *     characters
 */
public record Repository(String registry, String path) {
  public static final int MAX_PATH_CHARS = 255;

  public Repository {
    registry = RegistryHost.normalize(registry);
    checkPath(path);
  }

  /**
   * Reads a full name: the registry's host first, then at least one path component.
   *
   * @throws OciFormatException when the text is anything else
   */
  public static Repository parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new OciFormatException(
          "repository: no registry before a '/': " + OciFormatException.quote(text));
    }
    return new Repository(text.substring(0, slash), text.substring(slash + 1));
  }

  /**
   * A registry's host in the form that repositories have it: lower case, Docker Hub under one name.
   *
   * @throws OciFormatException when the text is not {@code host}, {@code host:port} or {@code
   *     [IPv6]:port}
   */
  public static String registry(String text) {
    return RegistryHost.normalize(text);
  }

  /**
   * Refuses what is not a repository's name: components of lower-case letters and digits, joined by
   * one of {@code . _ __} or by hyphens within, and by {@code /} between them.
   */
  static void checkPath(String path) {
    if (path.isEmpty() || path.length() > MAX_PATH_CHARS) {
      throw new OciFormatException(
          "repository: name needs 1 to %d characters, got %d"
              .formatted(MAX_PATH_CHARS, path.length()));
    }
    int i = 0;
    while (true) {
      int wordStart = i;
      while (i < path.length() && isWord(path.charAt(i))) {
        i++;
      }
      if (i == wordStart) {
        throw malformedPath(path);
      }
      if (i == path.length()) {
        return;
      }
      i = path.charAt(i) == '/' ? i + 1 : separatorEnd(path, i);
    }
  }

  private static boolean isWord(char c) {
    return Ascii.isLowerCase(c) || Ascii.isDigit(c);
  }

  private static int separatorEnd(String path, int start) {
    return switch (path.charAt(start)) {
      case '.' -> start + 1;
      case '_' -> path.startsWith("_", start + 1) ? start + 2 : start + 1;
      case '-' -> {
        int end = start;
        while (end < path.length() && path.charAt(end) == '-') {
          end++;
        }
        yield end;
      }
      default -> throw malformedPath(path);
    };
  }

  private static OciFormatException malformedPath(String path) {
    return new OciFormatException(
        "repository: not lower-case words joined by separators: " + OciFormatException.quote(path));
  }

  // Said out for a quick start: see Digest.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Repository repository
        && registry.equals(repository.registry)
        && path.equals(repository.path);
  }

  @Override
  public int hashCode() {
    return 31 * registry.hashCode() + path.hashCode();
  }

  @Override
  public String toString() {
    return registry + "/" + path;
  }
}
