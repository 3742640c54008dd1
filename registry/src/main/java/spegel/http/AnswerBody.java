package spegel.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;
import spegel.store.Blob;

/** The bytes of an answer that are still to be sent. */
sealed interface AnswerBody {

  /** Bytes still to be sent. */
  long remaining();

  /** Lets go of what is behind the bytes. */
  void close();

  static AnswerBody of(byte[] bytes) {
    return new InMemory(new Blob.InMemory(ByteBuffer.wrap(bytes)), 0, bytes.length);
  }

  static AnswerBody of(BodyStream stream) {
    return new Streamed(stream);
  }

  static AnswerBody of(Blob blob, long offset, long length) {
    if (offset < 0 || length < 0 || offset > blob.size() - length) {
      blob.close();
      throw new IllegalArgumentException(
          "range %d+%d of %d bytes".formatted(offset, length, blob.size()));
    }
    return switch (blob) {
      case Blob.InMemory memory -> new InMemory(memory, (int) offset, (int) length);
      case Blob.InFile file -> new InFile(file, offset, length);
    };
  }

  /** Bytes that are handed out in bounded pieces. */
  sealed interface Pieces extends AnswerBody {

    /**
     * The next piece, for Netty to write and to release.
     *
     * @throws IOException when it cannot be had any more
     */
    Object next(ByteBufAllocator allocator) throws IOException;
  }

  /** Bytes that go to the client's socket by themselves. */
  record Streamed(BodyStream stream) implements AnswerBody {

    @Override
    public long remaining() {
      return stream.length();
    }

    @Override
    public void close() {
      stream.cancel();
    }
  }

  /** Bytes in memory, copied piece by piece, so that a slow reader holds one piece. */
  final class InMemory implements Pieces {
    private static final int PIECE_BYTES = 16 * 1024;
    private final Blob.InMemory blob;
    private final ByteBuffer rest;

    private InMemory(Blob.InMemory blob, int offset, int length) {
      ByteBuffer bytes = blob.bytes();
      this.blob = blob;
      this.rest = bytes.slice(bytes.position() + offset, length);
    }

    @Override
    public long remaining() {
      return rest.remaining();
    }

    @Override
    public Object next(ByteBufAllocator allocator) {
      ByteBuf piece = allocator.directBuffer(pieceBytes());
      addPiece(piece);
      return piece;
    }

    /** The length of the next piece. */
    int pieceBytes() {
      return Math.min(rest.remaining(), PIECE_BYTES);
    }

    /** Adds the next piece to the buffer. */
    void addPiece(ByteBuf buffer) {
      int bytes = pieceBytes();
      buffer.writeBytes(rest.slice(rest.position(), bytes));
      rest.position(rest.position() + bytes);
    }

    @Override
    public void close() {
      blob.close();
    }
  }

  /** A range of a file, for sendfile. */
  final class InFile implements Pieces {
    private static final int MIN_PIECE_BYTES = 64 * 1024;
    private static final int FIRST_PIECE_BYTES = 256 * 1024;
    private static final int MAX_PIECE_BYTES = 2 * 1024 * 1024;

    /** A piece that keeps its event loop for longer than this was too large. */
    private static final long MAX_PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Blob.InFile blob;
    private long position;
    private final long end;

    /**
     * What one system call moves at most. From the page cache a large piece takes a millisecond;
     * from a slow disk it would keep the other bodies of the loop waiting for seconds.
     */
    private int pieceBytes = FIRST_PIECE_BYTES;

    private InFile(Blob.InFile blob, long offset, long length) {
      this.blob = blob;
      this.position = offset;
      this.end = offset + length;
    }

    /** Hears for how long the last piece kept the event loop. */
    void took(long nanos) {
      pieceBytes =
          nanos > MAX_PIECE_NANOS
              ? Math.max(pieceBytes / 2, MIN_PIECE_BYTES)
              : Math.min(pieceBytes * 2, MAX_PIECE_BYTES);
    }

    @Override
    public long remaining() {
      return end - position;
    }

    @Override
    public Object next(ByteBufAllocator allocator) throws IOException {
      long bytes = Math.min(remaining(), pieceBytes);
      FileChannel channel = blob.channel();
      if (channel.size() < position + bytes) {
        throw new EOFException(
            "the file has %d bytes, fewer than the %d it had when it was opened"
                .formatted(channel.size(), blob.size()));
      }
      Piece piece = new Piece(channel, position, bytes);
      position += bytes;
      return piece;
    }

    @Override
    public void close() {
      blob.close();
    }

    /** A part of a file that stays open when the part is sent. */
    private static final class Piece extends DefaultFileRegion {
      Piece(FileChannel channel, long position, long count) {
        super(channel, position, count);
      }

      @Override
      protected void deallocate() {}
    }
  }
}
