package spegel.libp2p.host;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Identity;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.libp2p.SecureChannel;
import spegel.libp2p.multistream.Multistream;
import spegel.libp2p.noise.NoiseChannel;
import spegel.libp2p.noise.NoiseHandshake;
import spegel.libp2p.yamux.ReceiveBudget;
import spegel.libp2p.yamux.YamuxSession;
import spegel.libp2p.yamux.YamuxStream;

/**
 * Makes a {@link Connection} of a TCP socket: security, then multiplexer, each negotiated. Blocks;
 * closing the socket ends it.
 */
final class Upgrade {
  private static final List<String> MUXERS = List.of(YamuxSession.PROTOCOL);
  private static final int READ_BUFFER_BYTES = 2048;

  private final Identity identity;
  private final int maxInboundStreams;
  private final ReceiveBudget budget;
  private final Function<PeerId, Consumer<YamuxStream>> acceptors;

  /**
   * An upgrader for one host.
   *
   * @param acceptors for a connection with a peer, what gets each stream that the peer opens; must
   *     not block
   */
  Upgrade(
      Identity identity,
      int maxInboundStreams,
      ReceiveBudget budget,
      Function<PeerId, Consumer<YamuxStream>> acceptors) {
    this.identity = identity;
    this.maxInboundStreams = maxInboundStreams;
    this.budget = budget;
    this.acceptors = acceptors;
  }

  Connection outbound(Socket socket, @Nullable PeerId expected) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream(), READ_BUFFER_BYTES);
    OutputStream out = socket.getOutputStream();
    if (Multistream.select(in, out, List.of(NoiseHandshake.PROTOCOL)).isEmpty()) {
      throw new Libp2pException("the peer does not speak " + NoiseHandshake.PROTOCOL);
    }
    NoiseChannel channel = NoiseHandshake.initiate(identity, MUXERS, expected, in, out);
    return connection(socket, channel, true);
  }

  Connection inbound(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream(), READ_BUFFER_BYTES);
    OutputStream out = socket.getOutputStream();
    if (Multistream.accept(in, out, NoiseHandshake.PROTOCOL::equals).isEmpty()) {
      throw new Libp2pException("the dialer went away without a security protocol");
    }
    NoiseChannel channel = NoiseHandshake.respond(identity, MUXERS, in, out);
    return connection(socket, channel, false);
  }

  private Connection connection(Socket socket, SecureChannel channel, boolean dialed)
      throws IOException {
    if (channel.peer().equals(identity.peerId())) {
      throw new Libp2pException("the peer is this host itself");
    }
    if (channel.muxer().isEmpty()) {
      negotiateMuxer(channel, dialed);
    }
    YamuxSession session =
        new YamuxSession(
            channel,
            dialed,
            maxInboundStreams,
            budget,
            acceptors.apply(channel.peer()),
            () -> closeQuietly(socket));
    return new Connection(socket, channel, session, dialed);
  }

  private static void negotiateMuxer(SecureChannel channel, boolean dialed) throws IOException {
    InputStream in = new ChannelInput(channel);
    OutputStream out = new ChannelOutput(channel);
    Optional<String> muxer =
        dialed
            ? Multistream.select(in, out, MUXERS)
            : Multistream.accept(in, out, MUXERS::contains);
    if (muxer.isEmpty()) {
      throw new Libp2pException("the peer does not speak " + YamuxSession.PROTOCOL);
    }
  }

  static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Closing is to end it; an error says that it has ended.
    }
  }

  private static final class ChannelInput extends InputStream {
    private final SecureChannel channel;

    ChannelInput(SecureChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (!channel.fill()) {
        return -1;
      }
      int count = Math.min(length, channel.available());
      channel.read(to, offset, count);
      return count;
    }

    @Override
    public int available() {
      return channel.available();
    }
  }

  private static final class ChannelOutput extends OutputStream {
    private static final byte[] NOTHING = {};

    private final SecureChannel channel;

    ChannelOutput(SecureChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int b) throws IOException {
      channel.write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      channel.write(NOTHING, from, offset, length);
    }
  }
}
