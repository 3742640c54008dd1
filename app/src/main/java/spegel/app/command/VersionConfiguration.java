package spegel.app.command;

/**
 * Of the command {@code version}.
 *
 * @param format how to print it
 */
public record VersionConfiguration(Format format) implements CommandConfiguration {

  /** How a version is printed. */
  public enum Format {
    TEXT,
    JSON
  }
}
