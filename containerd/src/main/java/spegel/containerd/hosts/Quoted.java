package spegel.containerd.hosts;

/** Untrusted text made fit for a message or a log line: bounded, and without control characters. */
final class Quoted {
  private static final int MAX_CHARS = 160;

  private Quoted() {}

  static String quote(String text) {
    return '"' + bounded(text) + '"';
  }

  static String bounded(String text) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), MAX_CHARS) + 1);
    for (int i = 0; i < text.length() && i < MAX_CHARS; i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return shown.append(text.length() > MAX_CHARS ? "…" : "").toString();
  }
}
