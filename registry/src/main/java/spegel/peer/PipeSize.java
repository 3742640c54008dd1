package spegel.peer;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The size of a pipe, which neither the JDK nor Netty can set. Linked when it is first needed. */
final class PipeSize {
  /** From {@code fcntl.h}. */
  private static final int F_SETPIPE_SZ = 1031;

  private static final MethodHandle FCNTL = fcntl();

  private PipeSize() {}

  /** {@code int fcntl(int fd, int op, ...)}. */
  @SuppressWarnings("restricted") // The signature is that of the manual, fcntl(2).
  private static MethodHandle fcntl() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("fcntl"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        Linker.Option.firstVariadicArg(2));
  }

  /**
   * Makes the pipe hold so many bytes.
   *
   * @throws IOException when the kernel gives less: a user may have only so much in pipes
   */
  static void set(int fd, int bytes) throws IOException {
    int given;
    try {
      given = (int) FCNTL.invokeExact(fd, F_SETPIPE_SZ, bytes);
    } catch (Throwable e) {
      throw new IOException("cannot call fcntl", e);
    }
    if (given < bytes) {
      throw new IOException("no pipe of " + bytes + " bytes: " + given);
    }
  }
}
