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
  private static final int LENGTH_BYTES = 2;
  private static final int MAX_FRAME_BYTES = FrameBuffers.MAX_BYTES - LENGTH_BYTES;

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
      dropPlain();
    }
  }

  private void dropPlain() {
    FrameBuffers.give(plain);
    plain = EMPTY;
    plainFrom = 0;
    plainTo = 0;
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
    byte[] frame = FrameBuffers.take(length);
    try {
      in.readFully(frame, 0, length);
    } catch (EOFException e) {
      throw new Libp2pException("noise: the connection ended within a frame", e);
    }
    plainTo = receiving.decrypt(NO_ASSOCIATED_DATA, frame, 0, length, frame, 0);
    plainFrom = 0;
    plain = frame;
    if (plainTo == 0) {
      dropPlain();
    }
    return true;
  }

  @Override
  public void write(byte[] head, byte[] from, int offset, int length) throws IOException {
    int total = Math.addExact(head.length, length);
    byte[] frame =
        FrameBuffers.take(LENGTH_BYTES + Math.min(total, MAX_PLAIN_BYTES) + CipherState.TAG_BYTES);
    try {
      for (int done = 0; done < total; ) {
        int count = Math.min(total - done, MAX_PLAIN_BYTES);
        int ofHead = Math.clamp(head.length - done, 0, count);
        System.arraycopy(head, Math.min(done, head.length), frame, LENGTH_BYTES, ofHead);
        System.arraycopy(
            from,
            offset + Math.max(0, done - head.length),
            frame,
            LENGTH_BYTES + ofHead,
            count - ofHead);
        writeFrame(frame, count);
        done += count;
      }
    } finally {
      FrameBuffers.give(frame);
    }
    out.flush();
  }

  /** Encrypts, where they are, the bytes behind the length, and writes the frame. */
  private void writeFrame(byte[] frame, int count) throws IOException {
    int encrypted =
        sending.encrypt(NO_ASSOCIATED_DATA, frame, LENGTH_BYTES, count, frame, LENGTH_BYTES);
    frame[0] = (byte) (encrypted >>> 8);
    frame[1] = (byte) encrypted;
    out.write(frame, 0, LENGTH_BYTES + encrypted);
  }
}
