package spegel.app.demo;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.LongAdder;

/** How far a pull is, as the puller sees it. */
final class PullProgress {
  private final LongAdder mirrorBytes = new LongAdder();
  private final LongAdder upstreamBytes = new LongAdder();

  /** Bytes that came by way of the node's mirror. */
  long mirrorBytes() {
    return mirrorBytes.sum();
  }

  /** Bytes that came from the registry. */
  long upstreamBytes() {
    return upstreamBytes.sum();
  }

  InputStream ofMirror(InputStream in) {
    return counted(in, mirrorBytes);
  }

  InputStream ofUpstream(InputStream in) {
    return counted(in, upstreamBytes);
  }

  private static InputStream counted(InputStream in, LongAdder counter) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        counter.add(Math.max(count, 0));
        return count;
      }
    };
  }
}
