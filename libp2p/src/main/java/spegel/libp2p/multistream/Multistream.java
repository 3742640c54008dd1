package spegel.libp2p.multistream;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import spegel.libp2p.Libp2pException;
import spegel.multiformats.Varint;

/** Both sides of a negotiation. All calls block; the caller bounds the time. */
public final class Multistream {
  static final String HEADER = "/multistream/1.0.0";
  private static final String NOT_AVAILABLE = "na";
  private static final int MAX_MESSAGE_BYTES = 1024;

  /** Proposals that a dialer may make before it is cut off. */
  private static final int MAX_PROPOSALS = 16;

  private Multistream() {}

  /**
   * The dialer's side: proposes the protocols in turn.
   *
   * @return the one that the other side took; empty when it took none
   * @throws IOException when the other side breaks the protocol, or the connection ends
   */
  public static Optional<String> select(InputStream in, OutputStream out, List<String> protocols)
      throws IOException {
    boolean greeted = false;
    for (String protocol : protocols) {
      write(out, greeted ? List.of(protocol) : List.of(HEADER, protocol));
      if (!greeted) {
        requireHeader(in);
        greeted = true;
      }
      String answer = readMessage(in);
      if (answer.equals(protocol)) {
        return Optional.of(protocol);
      }
      if (!answer.equals(NOT_AVAILABLE)) {
        throw new Libp2pException("multistream: neither the proposal nor 'na' came back");
      }
    }
    return Optional.empty();
  }

  /**
   * The listener's side: takes the first proposal that is supported. What follows it in the input
   * belongs to the protocol; a dialer need not wait for the answer.
   *
   * @return the protocol; empty when the dialer hung up between two proposals
   * @throws IOException when the other side breaks the protocol, proposes too often, or the
   *     connection ends
   */
  public static Optional<String> accept(
      InputStream in, OutputStream out, Predicate<String> supported) throws IOException {
    requireHeader(in);
    // When the proposal is here already, header and answer leave in one write; some dialers wait
    // for the header.
    boolean greeted = in.available() == 0;
    if (greeted) {
      write(out, List.of(HEADER));
    }
    for (int i = 0; i < MAX_PROPOSALS; i++) {
      String proposal;
      try {
        proposal = readMessage(in);
      } catch (EOFException e) {
        return Optional.empty();
      }
      boolean taken = supported.test(proposal);
      String answer = taken ? proposal : NOT_AVAILABLE;
      write(out, greeted ? List.of(answer) : List.of(HEADER, answer));
      greeted = true;
      if (taken) {
        return Optional.of(proposal);
      }
    }
    throw new Libp2pException("multistream: more than " + MAX_PROPOSALS + " proposals");
  }

  /** What a dialer that is sure of the one protocol sends ahead of its first bytes. */
  public static byte[] eagerProposal(String protocol) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    append(message, HEADER);
    append(message, protocol);
    return message.toByteArray();
  }

  /**
   * Reads the answer to {@link #eagerProposal}.
   *
   * @throws IOException when the other side did not take the protocol, breaks the rules, or the
   *     connection ends
   */
  public static void requireAccepted(InputStream in, String protocol) throws IOException {
    requireHeader(in);
    String answer = readMessage(in);
    if (!answer.equals(protocol)) {
      throw new Libp2pException("multistream: the peer does not speak " + protocol);
    }
  }

  private static void requireHeader(InputStream in) throws IOException {
    if (!readMessage(in).equals(HEADER)) {
      throw new Libp2pException("multistream: does not begin with " + HEADER);
    }
  }

  private static void write(OutputStream out, List<String> messages) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String message : messages) {
      append(bytes, message);
    }
    bytes.writeTo(out);
    out.flush();
  }

  private static void append(ByteArrayOutputStream out, String message) {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(Varint.encode(text.length + 1L));
    out.writeBytes(text);
    out.write('\n');
  }

  /** An end of the input before the first byte is an EOFException, later a Libp2pException. */
  private static String readMessage(InputStream in) throws IOException {
    int length = readLength(in);
    if (length == 0 || length > MAX_MESSAGE_BYTES) {
      throw new Libp2pException("multistream: a message of " + length + " bytes");
    }
    byte[] message = in.readNBytes(length);
    if (message.length < length) {
      throw new Libp2pException("multistream: the input ended within a message");
    }
    if (message[length - 1] != '\n') {
      throw new Libp2pException("multistream: a message without a newline");
    }
    return new String(message, 0, length - 1, StandardCharsets.UTF_8);
  }

  /** The bound takes two bytes; a third is already too long. */
  private static int readLength(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      throw new EOFException("multistream: the input ended");
    }
    if (first < 0x80) {
      return first;
    }
    int second = in.read();
    if (second < 0) {
      throw new Libp2pException("multistream: the input ended within a length");
    }
    if (second >= 0x80 || second == 0) {
      throw new Libp2pException("multistream: a length out of bounds");
    }
    return (first & 0x7f) | (second << 7);
  }
}
