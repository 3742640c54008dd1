package spegel.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/**
 * An answer to be sent.
 *
 * @param status 200 to 599
 */
record Answer(int status, HttpFields fields, AnswerBody body) {
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] CONNECTION_CLOSE = ascii("Connection: close\r\n");
  private static final byte[] CRLF = ascii("\r\n");
  private static final int MIN_STATUS = 200;
  private static final int MAX_STATUS = 599;
  private static final byte[][] STATUS_LINES = new byte[MAX_STATUS - MIN_STATUS + 1][];
  private static final int MAX_DIGITS = 20;

  static {
    for (int status = MIN_STATUS; status <= MAX_STATUS; status++) {
      STATUS_LINES[status - MIN_STATUS] =
          ascii("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\n");
    }
  }

  Answer {
    if (status < MIN_STATUS || status > MAX_STATUS) {
      body.close();
      throw new IllegalArgumentException("status " + status + " is out of range");
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** An answer in words of its status, for what no handler saw. */
  static Answer ofStatus(int status) {
    return new Answer(
        status,
        HttpFields.of("Content-Type", "text/plain; charset=utf-8"),
        AnswerBody.of(ascii(HttpResponseStatus.valueOf(status) + "\n")));
  }

  /** Whether the status forbids a body and its length (RFC 9110, sections 8.6 and 15.4.5). */
  boolean isWithoutContent() {
    return status == 204 || status == 304;
  }

  /** The head, with room for what the caller adds. */
  ByteBuf head(ByteBufAllocator allocator, boolean close, int room) {
    byte[] line = STATUS_LINES[status - MIN_STATUS];
    byte[] encoded = fields.encoded();
    ByteBuf head =
        allocator.directBuffer(
            line.length
                + encoded.length
                + CONTENT_LENGTH.length
                + MAX_DIGITS
                + CONNECTION_CLOSE.length
                + 2 * CRLF.length
                + room);
    head.writeBytes(line).writeBytes(encoded);
    if (!isWithoutContent()) {
      head.writeBytes(CONTENT_LENGTH);
      head.writeCharSequence(Long.toString(body.remaining()), StandardCharsets.US_ASCII);
      head.writeBytes(CRLF);
    }
    if (close) {
      head.writeBytes(CONNECTION_CLOSE);
    }
    return head.writeBytes(CRLF);
  }
}
