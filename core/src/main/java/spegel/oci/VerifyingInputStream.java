package spegel.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Content read together with its verification: the end of the stream is only reported when all of
 * it is as large as promised and of the promised digest; else reading fails with an {@link
 * IOException}. It reads no further than one byte past the promised size. Closing it early verifies
 * nothing.
 */
public final class VerifyingInputStream extends FilterInputStream {
  private final Descriptor expected;
  private final DigestVerifier verifier;
  private long remainingBytes;

  public VerifyingInputStream(InputStream content, Descriptor expected) {
    super(content);
    this.expected = expected;
    this.verifier = new DigestVerifier(expected.digest());
    this.remainingBytes = expected.size();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = super.read(bytes, offset, (int) Math.min(length - 1L, remainingBytes) + 1);
    if (count < 0) {
      checkEnd();
      return count;
    }
    if (count > remainingBytes) {
      throw new IOException(
          "more than %d bytes of %s".formatted(expected.size(), expected.digest()));
    }
    remainingBytes -= count;
    verifier.update(bytes, offset, count);
    return count;
  }

  private void checkEnd() throws IOException {
    if (remainingBytes > 0) {
      throw new IOException(
          "%d of %d bytes missing of %s"
              .formatted(remainingBytes, expected.size(), expected.digest()));
    }
    if (!verifier.matches()) {
      throw new IOException("content is not " + expected.digest());
    }
  }

  /** Reads and verifies what it passes over. */
  @Override
  public long skip(long count) throws IOException {
    byte[] passed = new byte[(int) Math.min(Math.max(count, 0), 8192)];
    long skipped = 0;
    while (skipped < count) {
      int read = read(passed, 0, (int) Math.min(count - skipped, passed.length));
      if (read < 0) {
        break;
      }
      skipped += read;
    }
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
