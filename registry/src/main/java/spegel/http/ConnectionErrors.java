package spegel.http;

import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.unix.Errors;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;

/** Tells a client that left from what went wrong on our side. */
final class ConnectionErrors {
  private static final int MAX_CAUSES = 10;

  private ConnectionErrors() {}

  /** Whether the failure of a write says that the client is gone. */
  static boolean isClientGone(Throwable failure) {
    Throwable root = root(failure);
    if (root instanceof Errors.NativeIoException nativeError) {
      return nativeError.expectedErr() == Errors.ERRNO_EPIPE_NEGATIVE
          || nativeError.expectedErr() == Errors.ERRNO_ECONNRESET_NEGATIVE;
    }
    if (root instanceof ClosedChannelException || root instanceof ChannelOutputShutdownException) {
      return true;
    }
    String message = String.valueOf(root.getMessage()).toLowerCase(Locale.ROOT);
    return root instanceof IOException
        && (message.contains("broken pipe") || message.contains("connection reset"));
  }

  /** The innermost cause. */
  static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (int i = 0; i < MAX_CAUSES && root.getCause() != null; i++) {
      root = root.getCause();
    }
    return root;
  }
}
