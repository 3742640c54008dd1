package spegel.libp2p.identify;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PublicKey;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.MultiformatException;
import spegel.multiformats.Varint;

/**
 * The message {@code Identify{ publicKey = 1, listenAddrs = 2, protocols = 3, observedAddr = 4,
 * protocolVersion = 5, agentVersion = 6 }}. Large ones come in several parts, each led by its
 * length, that are merged.
 *
 * @param publicKey the sender's key, or null when it left it out
 * @param listenAddresses where it says it listens; addresses that cannot be read are left out
 * @param protocols what it speaks
 * @param observedAddress the address under which it sees the receiver, or null
 * @param agentVersion its software, at most {@value #MAX_TEXT_CHARS} characters
 */
public record IdentifyMessage(
    @Nullable PublicKey publicKey,
    List<Multiaddr> listenAddresses,
    List<String> protocols,
    @Nullable Multiaddr observedAddress,
    String agentVersion) {
  public static final String PROTOCOL = "/ipfs/id/1.0.0";
  public static final String PUSH_PROTOCOL = "/ipfs/id/push/1.0.0";

  static final int MAX_TEXT_CHARS = 128;

  private static final String PROTOCOL_VERSION = "ipfs/0.1.0";
  private static final int MAX_PARTS = 10;
  private static final int MAX_PART_BYTES = 8 * 1024;
  private static final int MAX_SENT_BYTES = 4 * 1024;
  private static final int MAX_ADDRESSES = 64;
  private static final int MAX_PROTOCOLS = 128;

  /** Of addresses and protocols together; what goes beyond is left out. */
  private static final int MAX_KEPT_BYTES = 8 * 1024;

  private static final int PUBLIC_KEY = 1;
  private static final int LISTEN_ADDRS = 2;
  private static final int PROTOCOLS = 3;
  private static final int OBSERVED_ADDR = 4;
  private static final int PROTOCOL_VERSION_FIELD = 5;
  private static final int AGENT_VERSION = 6;

  public IdentifyMessage {
    listenAddresses = List.copyOf(listenAddresses);
    protocols = List.copyOf(protocols);
  }

  /**
   * Writes the message in one part. Addresses that would make it too long are left out.
   *
   * @throws IOException when the stream fails
   */
  public void writeTo(OutputStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    if (publicKey != null) {
      out.writeByteArray(PUBLIC_KEY, publicKey.encode());
    }
    for (String protocol : protocols) {
      out.writeString(PROTOCOLS, protocol);
    }
    if (observedAddress != null) {
      out.writeByteArray(OBSERVED_ADDR, observedAddress.bytes());
    }
    out.writeString(PROTOCOL_VERSION_FIELD, PROTOCOL_VERSION);
    out.writeString(AGENT_VERSION, agentVersion);
    for (Multiaddr address : listenAddresses) {
      byte[] encoded = address.bytes();
      out.flush();
      if (bytes.size() + encoded.length + 8 > MAX_SENT_BYTES) {
        break;
      }
      out.writeByteArray(LISTEN_ADDRS, encoded);
    }
    out.flush();
    ByteArrayOutputStream part = new ByteArrayOutputStream(bytes.size() + 2);
    part.writeBytes(Varint.encode(bytes.size()));
    bytes.writeTo(part);
    part.writeTo(stream);
  }

  /**
   * Reads parts to the end of the stream and merges them.
   *
   * @throws IOException when they are malformed, too long or too many, or the stream fails
   */
  public static IdentifyMessage readFrom(InputStream stream) throws IOException {
    Merge merge = new Merge();
    for (int part = 0; ; part++) {
      int length = readLength(stream);
      if (length < 0) {
        if (part == 0) {
          throw new Libp2pException("identify: an empty stream");
        }
        return merge.message();
      }
      if (part == MAX_PARTS) {
        throw new Libp2pException("identify: more than " + MAX_PARTS + " parts");
      }
      byte[] bytes = stream.readNBytes(length);
      if (bytes.length < length) {
        throw new Libp2pException("identify: the stream ended within a part");
      }
      merge.add(bytes);
    }
  }

  /** -1 at the end of the stream. */
  private static int readLength(InputStream stream) throws IOException {
    int length = 0;
    for (int shift = 0; shift <= 14; shift += 7) {
      int b = stream.read();
      if (b < 0) {
        if (shift == 0) {
          return -1;
        }
        break;
      }
      length |= (b & 0x7f) << shift;
      if (b < 0x80) {
        if (length > MAX_PART_BYTES) {
          break;
        }
        return length;
      }
    }
    throw new Libp2pException("identify: a part's length out of bounds");
  }

  /** What the parts say together. */
  private static final class Merge {
    private @Nullable PublicKey publicKey;
    private final Set<Multiaddr> addresses = new LinkedHashSet<>();
    private final Set<String> protocols = new LinkedHashSet<>();
    private @Nullable Multiaddr observed;
    private String agent = "";
    private int keptBytes;

    void add(byte[] part) throws Libp2pException {
      try {
        CodedInputStream in = CodedInputStream.newInstance(part);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          switch (tag >>> 3) {
            case PUBLIC_KEY -> publicKey = PublicKey.decode(in.readByteArray());
            case LISTEN_ADDRS -> addAddress(in.readByteArray());
            case PROTOCOLS -> addProtocol(in.readString());
            case OBSERVED_ADDR -> observed = address(in.readByteArray());
            case AGENT_VERSION -> agent = shortened(in.readString());
            default -> in.skipField(tag);
          }
        }
      } catch (Libp2pException e) {
        throw e;
      } catch (IOException e) {
        throw new Libp2pException("identify: a malformed message", e);
      }
    }

    private void addAddress(byte[] encoded) {
      Multiaddr address = address(encoded);
      if (address != null && addresses.size() < MAX_ADDRESSES && hasRoom(encoded.length)) {
        addresses.add(address);
      }
    }

    private void addProtocol(String protocol) {
      if (protocols.size() < MAX_PROTOCOLS
          && protocol.length() <= MAX_TEXT_CHARS
          && hasRoom(2 * protocol.length())) {
        protocols.add(protocol);
      }
    }

    private boolean hasRoom(int bytes) {
      if (keptBytes + bytes > MAX_KEPT_BYTES) {
        return false;
      }
      keptBytes += bytes;
      return true;
    }

    /** Peers may listen where we cannot even read the address: that is no fault of theirs. */
    private static @Nullable Multiaddr address(byte[] encoded) {
      try {
        return Multiaddr.decode(encoded);
      } catch (MultiformatException e) {
        return null;
      }
    }

    private static String shortened(String text) {
      StringBuilder printable = new StringBuilder();
      for (int i = 0; i < text.length() && i < MAX_TEXT_CHARS; i++) {
        char c = text.charAt(i);
        printable.append(c < 0x20 || c > 0x7e ? '?' : c);
      }
      return printable.toString();
    }

    IdentifyMessage message() {
      return new IdentifyMessage(
          publicKey, new ArrayList<>(addresses), new ArrayList<>(protocols), observed, agent);
    }
  }
}
