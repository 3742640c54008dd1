package spegel.libp2p.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.multistream.Multistream;
import spegel.libp2p.yamux.YamuxStream;

/**
 * A stream whose protocol is settled, or, when this side dialled, about to be: the proposal leaves
 * with the first bytes written and its answer is read ahead of the first bytes read, so that
 * agreeing costs no round trip.
 */
final class NegotiatedStream implements Stream {
  /**
   * Fits a fresh stream's window, so that nobody waits for the peer while the proposal is guarded.
   */
  private static final int MAX_EAGER_BYTES = 16 * 1024;

  private final YamuxStream stream;
  private final PeerId peer;
  private final String protocol;
  private final Output output = new Output();
  private final Input input = new Input();

  /** Guards the proposal: a reader and a writer may both be the first. */
  private final ReentrantLock proposing = new ReentrantLock();

  private boolean proposalDue;

  /** Belongs to the reading thread. */
  private boolean answerDue;

  private NegotiatedStream(YamuxStream stream, PeerId peer, String protocol, boolean proposing) {
    this.stream = stream;
    this.peer = peer;
    this.protocol = protocol;
    this.proposalDue = proposing;
    this.answerDue = proposing;
  }

  static NegotiatedStream accepted(YamuxStream stream, PeerId peer, String protocol) {
    return new NegotiatedStream(stream, peer, protocol, false);
  }

  static NegotiatedStream proposing(YamuxStream stream, PeerId peer, String protocol) {
    return new NegotiatedStream(stream, peer, protocol, true);
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public PeerId peer() {
    return peer;
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void deadline(Duration timeout) {
    stream.deadline(timeout);
  }

  @Override
  public void reset() {
    stream.reset();
  }

  @Override
  public void close() {
    try {
      output.propose();
    } catch (IOException e) {
      // The stream has failed already, and is closed below all the same.
    }
    stream.close();
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      settle();
      return stream.input().read();
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      settle();
      return stream.input().read(to, offset, length);
    }

    @Override
    public int available() throws IOException {
      return answerDue ? 0 : stream.input().available();
    }

    private void settle() throws IOException {
      if (answerDue) {
        output.propose();
        try {
          Multistream.requireAccepted(stream.input(), protocol);
        } catch (IOException e) {
          stream.reset();
          throw e;
        }
        answerDue = false;
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      int sent = proposeWith(from, offset, Math.min(length, MAX_EAGER_BYTES));
      if (sent < length) {
        stream.output().write(from, offset + sent, length - sent);
      }
    }

    /**
     * Sends the proposal and the bytes in one write, unless it has gone before; gives how many of
     * the bytes went.
     */
    private int proposeWith(byte[] from, int offset, int length) throws IOException {
      proposing.lock();
      try {
        if (!proposalDue) {
          return 0;
        }
        ByteArrayOutputStream both = new ByteArrayOutputStream(64 + length);
        both.writeBytes(Multistream.eagerProposal(protocol));
        both.write(from, offset, length);
        proposalDue = false;
        both.writeTo(stream.output());
        return length;
      } finally {
        proposing.unlock();
      }
    }

    /** Sends the proposal by itself, when nothing was written that it could go with. */
    void propose() throws IOException {
      proposeWith(new byte[0], 0, 0);
    }

    @Override
    public void close() throws IOException {
      propose();
      stream.output().close();
    }
  }
}
