package spegel.containerd;

/**
 * Something about the container runtime that keeps a mirror from doing its work.
 *
 * @param severity whether nothing works, something does not, or it could not be told
 * @param problem what is wrong, naming the things concerned
 * @param advice what to change
 * @param toml the lines that containerd's configuration needs; empty when it is not to be changed
 */
public record Finding(Severity severity, String problem, String advice, String toml) {

  /** How bad it is. */
  public enum Severity {
    /** Could not be found out; nothing may be wrong. */
    INFO,
    /** Part of the images will not be mirrored. */
    WARNING,
    /** Nothing can be served. */
    ERROR
  }
}
