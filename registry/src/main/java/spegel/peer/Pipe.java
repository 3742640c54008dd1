package spegel.peer;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipe of the kernel's, through which splice(2) moves bytes between sockets without copying them.
 *
 * @param out where bytes are taken out
 * @param in where they are put in
 */
record Pipe(FileDescriptor out, FileDescriptor in) {
  static final int BYTES = 1024 * 1024;
  private static final Logger log = LoggerFactory.getLogger(Pipe.class);

  /**
   * Opens an empty one.
   *
   * @throws IOException when there is none to be had of that size
   */
  static Pipe open() throws IOException {
    FileDescriptor[] ends = FileDescriptor.pipe();
    Pipe pipe = new Pipe(ends[0], ends[1]);
    try {
      PipeSize.set(pipe.in.intValue(), BYTES);
      return pipe;
    } catch (IOException | RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  void close() {
    close(out);
    close(in);
  }

  private static void close(FileDescriptor end) {
    try {
      end.close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("pipe closed with an error");
    }
  }
}
