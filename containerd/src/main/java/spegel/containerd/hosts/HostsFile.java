package spegel.containerd.hosts;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseOptions;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/**
 * A user's {@code hosts.toml}: what containerd shall know of a registry (its docs/hosts.md).
 *
 * @param root the keys and values in their order; a value is a String, Long, Double, Boolean, a
 *     date or time of {@code java.time}, a List or a Map of these
 */
record HostsFile(Map<String, Object> root) {
  static final String NAME = "hosts.toml";

  /** The longest file that is read. */
  static final int MAX_BYTES = 1 << 20;

  /** What may be left of it without comments and blank lines; a host takes some 200. */
  static final int MAX_TEXT_CHARS = 1 << 16;

  static final int MAX_NESTING = 16;

  private static final TomlParseOptions OPTIONS =
      TomlParseOptions.sourceless()
          .withVersion(TomlVersion.V1_0_0)
          .withMaxNestingDepth(MAX_NESTING);

  /**
   * What the content of a file says.
   *
   * @throws MirrorConfigurationException when containerd would not take it either: it is not UTF-8,
   *     not TOML, or a known key has a wrong value; or when it is too long or nested too deep
   */
  static HostsFile parse(Path file, byte[] content) {
    TomlText text = TomlText.of(decode(file, content));
    if (text.length() > MAX_TEXT_CHARS) {
      throw malformed(file, "more than " + MAX_TEXT_CHARS + " characters besides comments");
    }
    TomlParseResult result = Toml.parse(text.toString(), OPTIONS);
    if (result.hasErrors()) {
      TomlParseError error = result.errors().getFirst();
      int line = text.sourceLine(error.position().line());
      throw malformed(file, "line " + line + ": " + error.getMessage());
    }
    Map<String, Object> root = values(result);
    Optional<String> invalid = HostKeys.invalid(root);
    if (invalid.isPresent()) {
      throw malformed(file, invalid.get());
    }
    return new HostsFile(root);
  }

  /** The server that the file names. */
  Optional<String> server() {
    return root.get(HostKeys.SERVER) instanceof String server && !server.isEmpty()
        ? Optional.of(server)
        : Optional.empty();
  }

  /** The same with other names of the files that its keys name. */
  HostsFile relocated(UnaryOperator<String> relocation) {
    return new HostsFile(HostKeys.relocated(root, relocation));
  }

  /**
   * The lines of the values at the top, which are the server's, without its name. Those that
   * containerd ignores are left out, because they would come into force with a server.
   */
  List<String> serverLines() {
    List<String> lines = new ArrayList<>();
    root.forEach(
        (key, value) -> {
          if (!(value instanceof Map) && !key.equals(HostKeys.SERVER) && !isIgnored(key)) {
            lines.add(TomlWriter.line(key, value));
          }
        });
    return lines;
  }

  private boolean isIgnored(String key) {
    return server().isEmpty()
        && HostKeys.IGNORED_WITHOUT_SERVER.contains(key.toLowerCase(Locale.ROOT));
  }

  /** The blocks of the tables at the top other than the hosts, such as the server's header. */
  List<String> serverBlocks() {
    List<String> blocks = new ArrayList<>();
    root.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> table && !key.equals(HostKeys.HOST)) {
            blocks.add(TomlWriter.block(List.of(key), table));
          }
        });
    return blocks;
  }

  /** The blocks of the hosts by their names, in the order in which containerd tries them. */
  Map<String, String> hostBlocks() {
    Map<String, String> blocks = new LinkedHashMap<>();
    HostKeys.hosts(root)
        .forEach(
            (host, table) ->
                blocks.put(host, TomlWriter.block(List.of(HostKeys.HOST, host), table)));
    return blocks;
  }

  /** Recursive, as deep as {@link #MAX_NESTING}. */
  private static Map<String, Object> values(TomlTable table) {
    Map<String, Object> values = new LinkedHashMap<>();
    table.entrySet().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
    return values;
  }

  private static Object value(Object value) {
    if (value instanceof TomlTable table) {
      return values(table);
    }
    if (!(value instanceof TomlArray array)) {
      return value;
    }
    List<Object> values = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      values.add(value(array.get(i)));
    }
    return values;
  }

  private static String decode(Path file, byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new MirrorConfigurationException(file + " is malformed: it is not UTF-8", e);
    }
  }

  private static MirrorConfigurationException malformed(Path file, String reason) {
    return new MirrorConfigurationException(file + " is malformed: " + Quoted.bounded(reason));
  }
}
