package spegel.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Carries by read and write through a buffer. */
final class CopyCarrier implements Carrier {
  private final ByteBuf buffer;
  private final ByteBuffer load;
  private final Runnable onClose;

  CopyCarrier(int bytes, Runnable onClose) {
    this.buffer = ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
    this.load = buffer.nioBuffer(0, bytes).limit(0);
    this.onClose = onClose;
  }

  @Override
  public int fill(PeerBody from) throws IOException {
    load.clear();
    try {
      ByteBuffer ahead = from.ahead();
      if (ahead.hasRemaining()) {
        int bytes = Math.min(ahead.remaining(), load.remaining());
        load.put(ahead.slice(ahead.position(), bytes));
        ahead.position(ahead.position() + bytes);
        return bytes;
      }
      return from.read(load);
    } finally {
      load.flip();
    }
  }

  @Override
  public int drain(LoopSocket to) throws IOException {
    return to.write(load);
  }

  @Override
  public int loaded() {
    return load.remaining();
  }

  @Override
  public void close() {
    load.limit(0);
    buffer.release();
    onClose.run();
  }
}
