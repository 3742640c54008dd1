package spegel.app.demo;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import spegel.app.log.Log;

/** Takes the log of all nodes while it is open, which would spoil what the demo shows. */
final class LogFile implements AutoCloseable {
  private static final int MAX_READ_BYTES = 1024 * 1024;
  private static final int LAST_LINES = 10;

  private final Path path;
  private final OutputStream stream;
  private final Log.Redirection redirection;

  private LogFile(Path path, OutputStream stream) {
    this.path = path;
    this.stream = stream;
    this.redirection = Log.redirect(stream);
  }

  static LogFile in(Path folder) throws IOException {
    Path path = folder.resolve("nodes.log");
    return new LogFile(path, new FileOutputStream(path.toFile()));
  }

  Path path() {
    return path;
  }

  /** The last lines of warnings and errors. */
  List<String> troubles() throws IOException {
    byte[] end;
    try (var file = Files.newByteChannel(path)) {
      file.position(Math.max(0, file.size() - MAX_READ_BYTES));
      end = Channels.newInputStream(file).readNBytes(MAX_READ_BYTES);
    }
    List<String> troubles =
        new String(end, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("\"WARN\"") || line.contains("\"ERROR\""))
            .toList();
    return troubles.subList(Math.max(0, troubles.size() - LAST_LINES), troubles.size());
  }

  @Override
  public void close() throws IOException {
    redirection.close();
    stream.close();
  }
}
