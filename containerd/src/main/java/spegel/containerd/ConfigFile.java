package spegel.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import spegel.containerd.hosts.TomlText;

/**
 * What containerd's configuration file says about images. It may not be the file that this
 * containerd was started with, and of its imports only one level is followed.
 *
 * @param version of the file's format: 1, 2 or, from containerd 2.0 on, 3
 * @param cri what is set; null for what is left at its default
 */
record ConfigFile(long version, CriConfiguration cri) {
  private static final Logger log = LoggerFactory.getLogger(ConfigFile.class);

  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_IMPORTS = 64;

  private static final String DISCARD = "discard_unpacked_layers";
  private static final String CONFIG_PATH = "config_path";

  /** Reads the file and its imports; empty when it is not here, or is not understood. */
  static Optional<ConfigFile> read(Path path) {
    Optional<TomlParseResult> main = parse(path);
    if (main.isEmpty()) {
      return Optional.empty();
    }
    long version = version(main.get());
    CriConfiguration cri = cri(main.get(), version);
    for (Path imported : imports(path, main.get())) {
      Optional<TomlParseResult> toml = parse(imported);
      if (toml.isEmpty()) {
        return Optional.empty();
      }
      // The later file wins.
      cri = cri(toml.get(), version(toml.get())).or(cri);
    }
    return Optional.of(new ConfigFile(version, cri));
  }

  private static Optional<TomlParseResult> parse(Path path) {
    if (!Files.isReadable(path)) {
      return Optional.empty();
    }
    try (var input = Files.newInputStream(path)) {
      byte[] bytes = input.readNBytes(MAX_BYTES + 1);
      // Distributions ship this file with many comments, for which the parser takes long.
      String text = TomlText.of(new String(bytes, StandardCharsets.UTF_8)).toString();
      TomlParseResult toml = Toml.parse(text);
      if (bytes.length > MAX_BYTES || toml.hasErrors()) {
        log.atDebug().addKeyValue("path", path).log("containerd configuration not understood");
        return Optional.empty();
      }
      return Optional.of(toml);
    } catch (IOException e) {
      log.atDebug()
          .addKeyValue("path", path)
          .addKeyValue("reason", e.getMessage())
          .log("containerd configuration not read");
      return Optional.empty();
    }
  }

  private static long version(TomlParseResult toml) {
    return toml.get(List.of("version")) instanceof Long version ? version : 1;
  }

  /** The keys moved to another plugin with version 3; where they were, they have no effect then. */
  private static CriConfiguration cri(TomlParseResult toml, long version) {
    if (version >= 3) {
      String images = "io.containerd.cri.v1.images";
      return of(
          toml.get(List.of("plugins", images, DISCARD)),
          toml.get(List.of("plugins", images, "registry", CONFIG_PATH)));
    }
    String plugin = version == 2 ? "io.containerd.grpc.v1.cri" : "cri";
    return of(
        toml.get(List.of("plugins", plugin, "containerd", DISCARD)),
        toml.get(List.of("plugins", plugin, "registry", CONFIG_PATH)));
  }

  private static CriConfiguration of(@Nullable Object discard, @Nullable Object configPath) {
    return new CriConfiguration(
        discard instanceof Boolean value ? value : null,
        configPath instanceof String value ? value : null);
  }

  /** The imported files: a pattern's last component may have wildcards. */
  private static List<Path> imports(Path path, TomlParseResult toml) {
    List<Path> files = new ArrayList<>();
    if (toml.get(List.of("imports")) instanceof TomlArray patterns) {
      for (Object pattern : patterns.toList()) {
        if (pattern instanceof String text && text.indexOf('\0') < 0) {
          Path folder = path.resolveSibling(text).getParent();
          Path name = Path.of(text).getFileName();
          if (folder != null && name != null) {
            addMatching(files, folder, name.toString());
          }
        }
      }
    }
    return files;
  }

  private static void addMatching(List<Path> files, Path folder, String glob) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> matching = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
      for (Path file : stream) {
        if (files.size() + matching.size() < MAX_IMPORTS) {
          matching.add(file);
        }
      }
    } catch (IOException | PatternSyntaxException e) {
      log.atDebug()
          .addKeyValue("folder", folder)
          .addKeyValue("reason", e.getMessage())
          .log("containerd imports not read");
    }
    matching.sort(null);
    files.addAll(matching);
  }
}
