package spegel.e2e.cluster;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request that the upstream has answered.
 *
 * @param bodyBytes as many as went to the client before the end, or before it hung up
 */
record Access(String client, String method, String path, int status, long bodyBytes) {
  /** The combined log format. */
  private static final Pattern LINE =
      Pattern.compile("(\\S+) - \\S+ \\[[^]]*] \"(\\S+) (\\S+) [^\"]*\" (\\d{3}) (\\d+) .*");

  /** Reads a line of the log; nothing when it is of something else. */
  static Optional<Access> parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Access(
            matcher.group(1),
            matcher.group(2),
            matcher.group(3),
            Integer.parseInt(matcher.group(4)),
            Long.parseLong(matcher.group(5))));
  }
}
