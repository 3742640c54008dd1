package spegel.kad.libp2p;

import java.util.Arrays;
import spegel.kad.KadMessage;
import spegel.multiformats.Varint;

/** Messages as they are on a stream: each led by its length as a varint. */
final class Wire {
  private Wire() {}

  /** The message, led by its length. */
  static byte[] encode(KadMessage message) {
    byte[] encoded = message.encode();
    byte[] length = Varint.encode(encoded.length);
    byte[] framed = Arrays.copyOf(length, length.length + encoded.length);
    System.arraycopy(encoded, 0, framed, length.length, encoded.length);
    return framed;
  }
}
