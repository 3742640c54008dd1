package spegel.e2e.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/** How a node that is no good answers a GET of a blob. */
enum Malice {
  /** As many bytes as there should be, and others. */
  GARBAGE {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      byte[] other = content.clone();
      for (int i = other.length / 2; i < other.length; i++) {
        other[i] ^= 0x55;
      }
      head(socket, other.length - from, from, other.length);
      socket.getOutputStream().write(other, from, other.length - from);
    }
  },
  /** More bytes than there are, and as many as it says. */
  TOO_LONG {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      int length = content.length - from;
      head(socket, length + MORE_BYTES, from, content.length + MORE_BYTES);
      socket.getOutputStream().write(content, from, length);
      socket.getOutputStream().write(new byte[MORE_BYTES]);
    }
  },
  /** Fewer bytes than there are, and as many as it says. */
  TOO_SHORT {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      int length = (content.length - from) / 2;
      head(socket, length, from, from + length);
      socket.getOutputStream().write(content, from, length);
    }
  },
  /** Half of what it says, and then the end. */
  CUT {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      half(socket, content, from);
      socket.close();
    }
  },
  /** Half of what it says, and then a reset. */
  RESET {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      half(socket, content, from);
      socket.setSoLinger(true, 0);
      socket.close();
    }
  },
  /** Half of what it says, and then nothing. */
  STALL {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      half(socket, content, from);
      sayNothingMore(socket);
    }
  },
  /** A few bytes now and then, so that it never seems dead. */
  DRIP {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      head(socket, content.length - from, from, content.length);
      for (int i = from; i < content.length; i++) {
        socket.getOutputStream().write(content[i]);
        LockSupport.parkNanos(DRIP_NANOS);
      }
    }
  },
  /** Nothing at all. */
  SILENCE {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      sayNothingMore(socket);
    }
  },
  /** A head that has no end. */
  ENDLESS_HEAD {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      OutputStream out = socket.getOutputStream();
      write(out, "HTTP/1.1 200 OK\r\n");
      while (true) { // Until the other side hangs up.
        write(out, "X-More: " + "x".repeat(1000) + "\r\n");
      }
    }
  },
  /** Something that is no HTTP. */
  NONSENSE {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      write(socket.getOutputStream(), "220 ready\r\n");
      sayNothingMore(socket);
    }
  },
  /** A body whose length it does not say. */
  CHUNKED {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      OutputStream out = socket.getOutputStream();
      write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      write(out, Integer.toHexString(content.length) + "\r\n");
      out.write(content);
      write(out, "\r\n0\r\n\r\n");
    }
  },
  /** The way to somebody whom nobody has asked for. */
  REDIRECT {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      write(
          socket.getOutputStream(),
          "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://198.18.0.1/\r\nContent-Length: 0\r\n\r\n");
    }
  },
  /** An error of the server. */
  FAILURE {
    @Override
    void answer(Socket socket, byte[] content, int from) throws IOException {
      write(
          socket.getOutputStream(),
          "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    }
  };

  private static final int MORE_BYTES = 1000;
  private static final long DRIP_NANOS = 10_000_000;

  /** Answers a request for the content from this offset on, which is not 0 only for a range. */
  abstract void answer(Socket socket, byte[] content, int from) throws IOException;

  /** Whether its bytes pass for good ones until all have come: that costs a client one try. */
  boolean deceives() {
    return this == GARBAGE || this == TOO_LONG || this == TOO_SHORT;
  }

  private static void half(Socket socket, byte[] content, int from) throws IOException {
    int length = content.length - from;
    head(socket, length, from, content.length);
    socket.getOutputStream().write(content, from, length / 2);
  }

  /** The head of an answer with so many bytes from an offset of a content of this size. */
  static void head(Socket socket, int length, int from, int size) throws IOException {
    String status =
        from == 0
            ? "200 OK"
            : "206 Partial Content\r\nContent-Range: bytes %d-%d/%d"
                .formatted(from, from + length - 1, size);
    write(
        socket.getOutputStream(),
        "HTTP/1.1 %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, length));
  }

  /** Until the other side hangs up. */
  private static void sayNothingMore(Socket socket) throws IOException {
    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
