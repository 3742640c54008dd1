package spegel.kad.libp2p;

import java.io.ByteArrayOutputStream;
import java.util.List;
import spegel.kad.KadMessage;
import spegel.multiformats.Varint;

/** Messages as they are on a stream: each led by its length as a varint. */
final class Wire {
  private Wire() {}

  /** The messages, one after the other. */
  static byte[] encode(List<KadMessage> messages) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    for (KadMessage message : messages) {
      byte[] encoded = message.encode();
      bytes.writeBytes(Varint.encode(encoded.length));
      bytes.writeBytes(encoded);
    }
    return bytes.toByteArray();
  }
}
