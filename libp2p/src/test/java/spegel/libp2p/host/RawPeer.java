package spegel.libp2p.host;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import spegel.libp2p.Identity;
import spegel.libp2p.multistream.Multistream;
import spegel.libp2p.noise.NoiseChannel;
import spegel.libp2p.noise.NoiseHandshake;

/** A dialer that is bound by no rules: a real socket and real Noise, and yamux frames by hand. */
final class RawPeer implements AutoCloseable {
  static final int DATA = 0;
  static final int WINDOW_UPDATE = 1;
  static final int PING = 2;
  static final int SYN = 1;
  static final int RST = 8;

  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final NoiseChannel channel;

  private RawPeer(Socket socket, NoiseChannel channel) {
    this.socket = socket;
    this.channel = channel;
  }

  /** A TCP connection from an address of loopback's. */
  static Socket connect(String from, Host host) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(host.listenAddress(), TIMEOUT_MILLIS);
    return socket;
  }

  /** A secured connection, with an identity of its own. */
  static RawPeer dial(String from, Host host) throws IOException {
    Socket socket = connect(from, host);
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    var _ = Multistream.select(in, out, List.of(NoiseHandshake.PROTOCOL));
    return new RawPeer(
        socket,
        NoiseHandshake.initiate(Identity.generate(), List.of("/yamux/1.0.0"), host.id(), in, out));
  }

  static byte[] frame(int type, int flags, int stream, int length, byte... data) {
    return ByteBuffer.allocate(12 + data.length)
        .put((byte) 0)
        .put((byte) type)
        .putShort((short) flags)
        .putInt(stream)
        .putInt(length)
        .put(data)
        .array();
  }

  /** The first frame of a stream that takes it for granted that the protocol is spoken. */
  static byte[] opening(int stream, String protocol) {
    byte[] proposal = Multistream.eagerProposal(protocol);
    return frame(DATA, SYN, stream, proposal.length, proposal);
  }

  static byte[] repeated(byte[] frame, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream(frame.length * times);
    for (int i = 0; i < times; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  void send(byte[] frames) throws IOException {
    channel.write(frames);
  }

  /** Sends bytes that were not encrypted. */
  void sendInTheClear(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Reads, and forgets, to the end of the connection; false when it does not end in time. */
  boolean isCutOff() {
    byte[] forgotten = new byte[NoiseChannel.MAX_PLAIN_BYTES];
    try {
      while (channel.fill()) {
        channel.read(forgotten, 0, channel.available());
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // A reset is an end, too.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
