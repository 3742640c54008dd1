package spegel.app.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A containerd that has nothing: it answers each call with an empty message and success, so that a
 * client loads and runs all it needs to talk to a real one. HTTP/2 as far as one client asks for it
 * (RFC 9113), with fixed header blocks.
 */
final class EmptyContainerd implements AutoCloseable {
  private static final int PREFACE_BYTES = 24;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  /** {@code :status 200} of the static table, {@code content-type application/grpc} as literals. */
  private static final byte[] ANSWER = block(0x88, "content-type", "application/grpc");

  private static final byte[] SUCCESS = block(-1, "grpc-status", "0");

  /** A message of no bytes, not compressed (gRPC's length-prefixed form). */
  private static final byte[] EMPTY_MESSAGE = new byte[5];

  private final ServerSocketChannel listener;

  EmptyContainerd(Path socket) throws IOException {
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  private static byte[] block(int indexed, String name, String value) {
    String literal =
        (indexed < 0 ? "" : "%02x".formatted(indexed)) + "00" + hpackText(name) + hpackText(value);
    return HexFormat.of().parseHex(literal);
  }

  private static String hpackText(String text) {
    return "%02x".formatted(text.length())
        + HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private static void serve(SocketChannel client) {
    try (client) {
      DataInputStream in = new DataInputStream(Channels.newInputStream(client));
      DataOutputStream out = new DataOutputStream(Channels.newOutputStream(client));
      in.skipNBytes(PREFACE_BYTES);
      frame(out, SETTINGS, 0, 0, new byte[0]);
      while (true) {
        int lengthAndType = in.readInt();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(lengthAndType >>> 8);
        answer(out, lengthAndType & 0xff, flags, stream, payload);
      }
    } catch (EOFException e) {
      // The client has gone.
    } catch (IOException e) {
      throw new IllegalStateException("the training's containerd", e);
    }
  }

  private static void answer(DataOutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    if (type == HEADERS) {
      frame(out, HEADERS, END_HEADERS, stream, ANSWER);
      // The client writes short fields as they are. Events never come, and never end.
      if (!new String(payload, StandardCharsets.ISO_8859_1).contains("Events/Subscribe")) {
        frame(out, 0, 0, stream, EMPTY_MESSAGE);
        frame(out, HEADERS, END_HEADERS | END_STREAM, stream, SUCCESS);
      }
    } else if ((type == SETTINGS || type == PING) && (flags & ACK) == 0) {
      frame(out, type, ACK, 0, type == PING ? payload : new byte[0]);
    }
  }

  private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    out.writeInt(payload.length << 8 | type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
