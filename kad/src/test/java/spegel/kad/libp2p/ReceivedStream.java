package spegel.kad.libp2p;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;

/** A stream whose bytes are there, and come in pieces of at most so many. */
final class ReceivedStream implements Stream {
  static final PeerId PEER = Identity.generate().peerId();

  final List<Duration> deadlines = new ArrayList<>();
  private final InputStream input;

  ReceivedStream(byte[] bytes, int pieceBytes) {
    this.input =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] to, int offset, int length) {
            return super.read(to, offset, Math.min(length, pieceBytes));
          }
        };
  }

  @Override
  public String protocol() {
    return "/test/1";
  }

  @Override
  public PeerId peer() {
    return PEER;
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return OutputStream.nullOutputStream();
  }

  @Override
  public void deadline(Duration timeout) {
    deadlines.add(timeout);
  }

  @Override
  public void reset() {}

  @Override
  public void close() {}
}
