package spegel.libp2p.noise;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.libp2p.SecureChannel;

/**
 * A secured connection: plain bytes in, frames of at most 65,535 bytes on the wire (libp2p
 * specification, noise, "Wire Format"). One thread may read while another writes. Buffers live only
 * while there is something in them, so that an idle connection costs none.
 */
public final class NoiseChannel implements SecureChannel {
  private static final int MAX_FRAME_BYTES = 65_535;

  /** The most plain bytes that fit one frame. */
  public static final int MAX_PLAIN_BYTES = MAX_FRAME_BYTES - CipherState.TAG_BYTES;

  private static final byte[] NO_ASSOCIATED_DATA = {};
  private static final byte[] EMPTY = {};

  private final DataInputStream in;
  private final OutputStream out;
  private final CipherState sending;
  private final CipherState receiving;
  private final PeerId peer;
  private final @Nullable String muxer;

  private byte[] plain = EMPTY;
  private int plainFrom;
  private int plainTo;

  NoiseChannel(
      DataInputStream in,
      OutputStream out,
      CipherState sending,
      CipherState receiving,
      HandshakePayload theirs,
      @Nullable String muxer) {
    this.in = in;
    this.out = out;
    this.sending = sending;
    this.receiving = receiving;
    this.peer = theirs.key().peerId();
    this.muxer = muxer;
  }

  @Override
  public PeerId peer() {
    return peer;
  }

  @Override
  public Optional<String> muxer() {
    return Optional.ofNullable(muxer);
  }

  @Override
  public boolean fill() throws IOException {
    while (plainFrom == plainTo) {
      if (!readFrame()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int available() {
    return plainTo - plainFrom;
  }

  @Override
  public void read(byte[] to, int offset, int length) {
    System.arraycopy(plain, plainFrom, to, offset, length);
    plainFrom += length;
    if (plainFrom == plainTo) {
      plain = EMPTY;
      plainFrom = 0;
      plainTo = 0;
    }
  }

  private boolean readFrame() throws IOException {
    int high = in.read();
    if (high < 0) {
      return false;
    }
    int length = (high << 8) | in.readUnsignedByte();
    if (length < CipherState.TAG_BYTES) {
      throw new Libp2pException("noise: a frame of " + length + " bytes");
    }
    byte[] frame = new byte[length];
    try {
      in.readFully(frame);
    } catch (EOFException e) {
      throw new Libp2pException("noise: the connection ended within a frame", e);
    }
    plainTo = receiving.decrypt(NO_ASSOCIATED_DATA, frame, 0, length, frame, 0);
    plainFrom = 0;
    plain = frame;
    return true;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int count = Math.min(length - done, MAX_PLAIN_BYTES);
      byte[] frame = new byte[2 + count + CipherState.TAG_BYTES];
      int encrypted = sending.encrypt(NO_ASSOCIATED_DATA, from, offset + done, count, frame, 2);
      frame[0] = (byte) (encrypted >>> 8);
      frame[1] = (byte) encrypted;
      out.write(frame);
      done += count;
    }
    out.flush();
  }
}
