package spegel.libp2p.yamux;

import spegel.libp2p.SecureChannel;

/**
 * What a stream has received and nobody has read: a ring that grows to at most one window and holds
 * no memory to speak of when empty. Guarded by its stream's lock.
 */
final class ReceiveBuffer {
  private static final int MIN_BYTES = 512;
  private static final int KEPT_WHEN_EMPTY_BYTES = 1024;
  private static final byte[] NONE = {};

  private byte[] ring = NONE;
  private int head;
  private int size;

  int size() {
    return size;
  }

  /** Appends {@code count} bytes that the channel has available. */
  void append(SecureChannel channel, int count) {
    ensureRoom(count);
    for (int left = count; left > 0; ) {
      int tail = (head + size) % ring.length;
      int piece = Math.min(left, ring.length - tail);
      channel.read(ring, tail, piece);
      size += piece;
      left -= piece;
    }
  }

  /** Takes at most {@code length} bytes; gives their number. */
  int take(byte[] to, int offset, int length) {
    int count = Math.min(length, size);
    for (int done = 0; done < count; ) {
      int piece = Math.min(count - done, ring.length - head);
      System.arraycopy(ring, head, to, offset + done, piece);
      head = (head + piece) % ring.length;
      done += piece;
    }
    size -= count;
    if (size == 0) {
      head = 0;
      if (ring.length > KEPT_WHEN_EMPTY_BYTES) {
        ring = NONE;
      }
    }
    return count;
  }

  /** Drops everything; gives the number of bytes. */
  int clear() {
    int dropped = size;
    ring = NONE;
    head = 0;
    size = 0;
    return dropped;
  }

  private void ensureRoom(int count) {
    int needed = size + count;
    if (needed <= ring.length) {
      return;
    }
    int capacity = Math.max(MIN_BYTES, Integer.highestOneBit(needed - 1) << 1);
    byte[] larger = new byte[capacity];
    int first = Math.min(size, ring.length - head);
    System.arraycopy(ring, head, larger, 0, first);
    System.arraycopy(ring, 0, larger, first, size - first);
    ring = larger;
    head = 0;
  }
}
