package spegel.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Opened content; it stays readable until closed, whatever happens to the store. */
public sealed interface Blob extends AutoCloseable {

  /** Bytes, as found when it was opened. */
  long size();

  @Override
  void close();

  /**
   * Content in a file of its own, for sendfile.
   *
   * @param channel open for reading; closed with the blob
   * @param size bytes
   */
  record InFile(FileChannel channel, long size) implements Blob {
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new StoreException("closing a blob's file: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Content in memory.
   *
   * @param bytes read-only, from position to limit
   * @param onClose accounts for the memory; may be run more than once
   */
  record InMemory(ByteBuffer bytes, Runnable onClose) implements Blob {
    public InMemory {
      bytes = bytes.asReadOnlyBuffer();
    }

    /** Bytes that nobody keeps account of. */
    public InMemory(ByteBuffer bytes) {
      this(bytes, () -> {});
    }

    @Override
    public long size() {
      return bytes.remaining();
    }

    @Override
    public void close() {
      onClose.run();
    }
  }
}
