package spegel.containerd;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of containerd's version that tells generations apart.
 *
 * @param text as containerd tells it
 * @param major 0 when the text is no version
 * @param minor 0 when the text is no version
 */
record ContainerdVersion(String text, int major, int minor) {
  private static final Pattern START = Pattern.compile("v?([0-9]{1,4})\\.([0-9]{1,4})");

  static ContainerdVersion parse(String text) {
    Matcher start = START.matcher(text);
    return start.lookingAt()
        ? new ContainerdVersion(
            text, Integer.parseInt(start.group(1)), Integer.parseInt(start.group(2)))
        : new ContainerdVersion(text, 0, 0);
  }

  boolean atLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }
}
