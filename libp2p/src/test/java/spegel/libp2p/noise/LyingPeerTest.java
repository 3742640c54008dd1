package spegel.libp2p.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.libp2p.Identity;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.HostOptions;
import spegel.libp2p.multistream.Multistream;

/** Peers whose handshakes are right in all but what they say of themselves. */
@Timeout(30)
final class LyingPeerTest {
  private static final List<String> MUXERS = List.of("/yamux/1.0.0");
  private static final byte[] EMPTY = {};

  private final Identity mine = Identity.generate();
  private final Identity anothers = Identity.generate();
  private final DhKey ephemeral = DhKey.generate();
  private final DhKey fixed = DhKey.generate();
  private Host victim;

  @BeforeEach
  void start() throws IOException {
    victim =
        Host.start(
            HostOptions.of(
                Identity.generate(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  @AfterEach
  void close() {
    victim.close();
  }

  /** What it says; the first is the truth. */
  enum Story {
    /** This is how the tests know that the rest of the handshake is in order. */
    TRUTH,
    /** What another peer once signed, for a key of its own. */
    REPEATED,
    /** Another's key, and a signature of one's own. */
    SIGNED_BY_ONESELF,
    /** Another's key, and none. */
    UNSIGNED,
    /** Nothing at all. */
    SILENT
  }

  private byte[] payload(Story story) {
    byte[] own = HandshakePayload.encode(mine, fixed.publicBytes(), MUXERS);
    byte[] key = anothers.publicKey().encode();
    // The key's field, and the signature's behind it.
    int signatureAt = 2 + key.length;
    return switch (story) {
      case TRUTH -> own;
      case REPEATED -> HandshakePayload.encode(anothers, DhKey.generate().publicBytes(), MUXERS);
      case SIGNED_BY_ONESELF -> {
        System.arraycopy(key, 0, own, 2, key.length);
        yield own;
      }
      case UNSIGNED -> {
        System.arraycopy(key, 0, own, 2, key.length);
        yield Arrays.copyOf(own, signatureAt);
      }
      case SILENT -> EMPTY;
    };
  }

  private static byte[] receive(DataInputStream in) throws IOException {
    byte[] message = new byte[in.readUnsignedShort()];
    in.readFully(message);
    return message;
  }

  private static void send(OutputStream out, byte[]... parts) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeShort(Arrays.stream(parts).mapToInt(part -> part.length).sum());
    for (byte[] part : parts) {
      data.write(part);
    }
  }

  /** The initiator's part; gives whether the victim kept the connection, and spoke on it. */
  private boolean isBelievedWhenItDials(Story story) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(victim.listenAddress());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      var _ = Multistream.select(in, out, List.of(NoiseHandshake.PROTOCOL));
      SymmetricState symmetric = new SymmetricState();
      symmetric.mixHash(ephemeral.publicBytes());
      symmetric.encryptAndHash(EMPTY);
      send(out, ephemeral.publicBytes());
      byte[] second = receive(in);
      byte[] theirEphemeral = Arrays.copyOf(second, 32);
      symmetric.mixHash(theirEphemeral);
      symmetric.mixKey(ephemeral.agree(theirEphemeral));
      byte[] theirStatic = symmetric.decryptAndHash(Arrays.copyOfRange(second, 32, 80));
      symmetric.mixKey(ephemeral.agree(theirStatic));
      symmetric.decryptAndHash(Arrays.copyOfRange(second, 80, second.length));
      byte[] s = symmetric.encryptAndHash(fixed.publicBytes());
      symmetric.mixKey(fixed.agree(theirEphemeral));
      send(out, s, symmetric.encryptAndHash(payload(story)));
      // The victim asks by identify at once.
      return in.read() >= 0;
    }
  }

  /** The responder's part. */
  private void accept(ServerSocket server, Story story) {
    try (Socket socket = server.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      var _ = Multistream.accept(in, out, NoiseHandshake.PROTOCOL::equals);
      SymmetricState symmetric = new SymmetricState();
      byte[] theirEphemeral = receive(in);
      symmetric.mixHash(theirEphemeral);
      symmetric.decryptAndHash(EMPTY);
      symmetric.mixHash(ephemeral.publicBytes());
      symmetric.mixKey(ephemeral.agree(theirEphemeral));
      byte[] s = symmetric.encryptAndHash(fixed.publicBytes());
      symmetric.mixKey(fixed.agree(theirEphemeral));
      send(out, ephemeral.publicBytes(), s, symmetric.encryptAndHash(payload(story)));
      in.readAllBytes();
    } catch (IOException e) {
      // The victim has gone.
    }
  }

  @ParameterizedTest
  @EnumSource(value = Story.class)
  void dialer_isCutOff_whenItLies(Story story) throws IOException {
    assertEquals(story == Story.TRUTH, isBelievedWhenItDials(story));
    assertTrue(!victim.isConnected(anothers.peerId()));
  }

  @ParameterizedTest
  @EnumSource(value = Story.class, mode = EnumSource.Mode.EXCLUDE, names = "TRUTH")
  void listener_isNotBelieved_whenItLies(Story story) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> accept(server, story));
      InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
      IOException e = assertThrows(IOException.class, () -> victim.connect(address));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("did not sign") || message.contains("public key"), message);
    }
    assertTrue(victim.peers().isEmpty());
  }

  @Test
  void listener_isBelieved_whenItTellsTheTruth() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> accept(server, Story.TRUTH));
      InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
      assertEquals(mine.peerId(), victim.connect(address));
    }
  }
}
