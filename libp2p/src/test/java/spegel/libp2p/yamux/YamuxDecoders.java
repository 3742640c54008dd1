package spegel.libp2p.yamux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import spegel.libp2p.Identity;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.libp2p.SecureChannel;
import spegel.testing.FuzzedDecoder;
import spegel.testing.FuzzedDecoders;
import spegel.testing.Generator;

/** The session's reader, with streams that are left alone, read, closed or reset as they come. */
public final class YamuxDecoders implements FuzzedDecoders {
  private static final int MAX_STREAMS = 8;
  private static final PeerId PEER = Identity.ofSeed(new byte[32]).peerId();

  @Override
  public List<FuzzedDecoder<?>> decoders() {
    return List.of(
        FuzzedDecoder.of("yamux", YamuxDecoders::frames, YamuxDecoders::run, Libp2pException.class)
            .allocating(96 * 1024, 512)
            .checking(
                (session, _) -> session.streamCount() == 0 && session.budget().heldBytes() == 0));
  }

  private static byte[] frames(Generator generator) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int count = generator.between(1, 20);
    for (int i = 0; i < count; i++) {
      int type = generator.oneOf(Yamux.DATA, Yamux.DATA, Yamux.WINDOW_UPDATE, Yamux.PING);
      int id = 1 + 2 * generator.between(0, 10);
      int flags =
          generator.oneIn(3)
              ? generator.between(0, 15)
              : generator.oneOf(0, 0, Yamux.SYN, Yamux.FIN);
      if (generator.oneIn(50)) {
        out.writeBytes(
            Yamux.header(
                generator.between(0, 4),
                flags,
                (int) generator.anyLong(),
                (int) generator.anyLong()));
      }
      byte[] data = new byte[type == Yamux.DATA ? generator.between(0, 200) : 0];
      int length = type == Yamux.WINDOW_UPDATE ? (int) generator.anyLong() & 0xffffff : data.length;
      out.writeBytes(Yamux.header(type, flags, id, length));
      out.writeBytes(data);
    }
    return out.toByteArray();
  }

  private static YamuxSession run(byte[] in) throws IOException {
    YamuxSession session =
        new YamuxSession(
            new Received(in),
            false,
            MAX_STREAMS,
            ReceiveBudget.of(1024 * 1024),
            YamuxDecoders::use,
            () -> {});
    String reason = session.run();
    if (!reason.equals("the peer closed it")) {
      throw new Libp2pException(reason);
    }
    return session;
  }

  private static void use(YamuxStream stream) {
    try {
      switch (stream.id() % 8) {
        case 1 -> stream.reset();
        case 3 -> stream.close();
        case 5 -> stream.output().write("hello".getBytes(StandardCharsets.US_ASCII));
        default -> {}
      }
    } catch (IOException e) {
      throw new IllegalStateException("a fresh stream could not be written to", e);
    }
  }

  /** A channel on which bytes have been received, and which sends into nowhere. */
  private static final class Received implements SecureChannel {
    private final byte[] bytes;
    private int at;

    Received(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public PeerId peer() {
      return PEER;
    }

    @Override
    public Optional<String> muxer() {
      return Optional.of(YamuxSession.PROTOCOL);
    }

    @Override
    public boolean fill() {
      return at < bytes.length;
    }

    @Override
    public int available() {
      return bytes.length - at;
    }

    @Override
    public void read(byte[] to, int offset, int length) {
      System.arraycopy(bytes, at, to, offset, length);
      at += length;
    }

    @Override
    public void write(byte[] head, byte[] from, int offset, int length) {}
  }
}
