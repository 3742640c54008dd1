package spegel.libp2p.yamux;

/**
 * The protocol's constants (hashicorp yamux specification). A frame's header, big-endian:
 *
 * <pre>
 *   0         1         2                   4                                     8
 *   +---------+---------+-------------------+-------------------------------------+-------------------------+
 *   | version |  type   |       flags       |              stream id              |         length          |
 *   +---------+---------+-------------------+-------------------------------------+-------------------------+
 * </pre>
 *
 * The length is that of the data behind a data frame's header, a window's increase, a ping's value,
 * a go-away's reason, or, with RST, an error code.
 */
final class Yamux {
  static final int HEADER_BYTES = 12;
  static final int VERSION = 0;

  static final int DATA = 0;
  static final int WINDOW_UPDATE = 1;
  static final int PING = 2;
  static final int GO_AWAY = 3;

  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  /** Each stream's window at its beginning, and for ours for good. */
  static final int INITIAL_WINDOW_BYTES = 256 * 1024;

  static final int GO_AWAY_NORMAL = 0;
  static final int GO_AWAY_PROTOCOL_ERROR = 1;

  private Yamux() {}

  static byte[] header(int type, int flags, int stream, int length) {
    byte[] frame = new byte[HEADER_BYTES];
    frame[0] = VERSION;
    frame[1] = (byte) type;
    frame[2] = (byte) (flags >>> 8);
    frame[3] = (byte) flags;
    putInt(frame, 4, stream);
    putInt(frame, 8, length);
    return frame;
  }

  static int getInt(byte[] frame, int at) {
    return (frame[at] << 24)
        | ((frame[at + 1] & 0xff) << 16)
        | ((frame[at + 2] & 0xff) << 8)
        | (frame[at + 3] & 0xff);
  }

  private static void putInt(byte[] frame, int at, int value) {
    frame[at] = (byte) (value >>> 24);
    frame[at + 1] = (byte) (value >>> 16);
    frame[at + 2] = (byte) (value >>> 8);
    frame[at + 3] = (byte) value;
  }
}
