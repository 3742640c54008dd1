package spegel.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import spegel.app.command.VersionConfiguration.Format;

/**
 * Which build this is, and what it runs on.
 *
 * @param program the version of the build
 * @param java the Java runtime's version
 * @param platform operating system and architecture, {@code linux/amd64}
 */
record Version(String program, String java, String platform) {

  /** Of the running program. */
  static Version current() {
    Properties build = new Properties();
    try (InputStream resource = Version.class.getResourceAsStream("version.properties")) {
      build.load(Objects.requireNonNull(resource, "version.properties is part of the program"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String system = System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT);
    return new Version(
        build.getProperty("version", "unknown"),
        Runtime.version().toString(),
        system + "/" + System.getProperty("os.arch", "unknown"));
  }

  /** As it is printed, without a line feed at the end. */
  String print(Format format) {
    return switch (format) {
      case TEXT -> "spegel %s (java %s, %s)".formatted(program, java, platform);
      // The values are version numbers and names of platforms: there is nothing to escape.
      case JSON ->
          "{\"version\":\"%s\",\"java\":\"%s\",\"platform\":\"%s\"}"
              .formatted(program, java, platform);
    };
  }
}
