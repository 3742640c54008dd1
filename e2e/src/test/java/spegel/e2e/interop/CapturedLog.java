package spegel.e2e.interop;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import spegel.app.log.Log;

/** The lines that our program's log has had since this was made; none is written elsewhere. */
final class CapturedLog implements AutoCloseable {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AutoCloseable redirection = Log.redirect(bytes);

  List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Override
  public void close() {
    try {
      redirection.close();
    } catch (Exception e) {
      throw new AssertionError("putting the log back", e);
    }
  }
}
