package spegel.multiformats;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The protocols that a multiaddress is made of (multiformats "multiaddr", protocols.csv), as far as
 * peers announce them.
 */
public enum AddressProtocol {
  IP4("ip4", 4, 4),
  TCP("tcp", 6, 2),
  IP6("ip6", 41, 16),
  IP6ZONE("ip6zone", 42, AddressProtocol.VARIABLE),
  IPCIDR("ipcidr", 43, 1),
  DNS("dns", 53, AddressProtocol.VARIABLE),
  DNS4("dns4", 54, AddressProtocol.VARIABLE),
  DNS6("dns6", 55, AddressProtocol.VARIABLE),
  DNSADDR("dnsaddr", 56, AddressProtocol.VARIABLE),
  UDP("udp", 273, 2),
  WEBRTC_DIRECT("webrtc-direct", 280, 0),
  WEBRTC("webrtc", 281, 0),
  P2P_CIRCUIT("p2p-circuit", 290, 0),
  P2P("p2p", 421, AddressProtocol.VARIABLE),
  TLS("tls", 448, 0),
  SNI("sni", 449, AddressProtocol.VARIABLE),
  NOISE("noise", 454, 0),
  QUIC("quic", 460, 0),
  QUIC_V1("quic-v1", 461, 0),
  WEBTRANSPORT("webtransport", 465, 0),
  CERTHASH("certhash", 466, AddressProtocol.VARIABLE),
  WS("ws", 477, 0),
  WSS("wss", 478, 0),
  HTTP("http", 480, 0);

  /** A value that is led by its length. */
  static final int VARIABLE = -1;

  private final String text;
  private final int code;
  private final int valueBytes;

  AddressProtocol(String text, int code, int valueBytes) {
    this.text = text;
    this.code = code;
    this.valueBytes = valueBytes;
  }

  /** The name in a multiaddress's text. */
  public String text() {
    return text;
  }

  /** The code in a multiaddress's bytes. */
  public int code() {
    return code;
  }

  /** Bytes of a value, 0 for a protocol that has none, or {@link #VARIABLE}. */
  int valueBytes() {
    return valueBytes;
  }

  static @Nullable AddressProtocol ofCode(int code) {
    for (AddressProtocol protocol : values()) {
      if (protocol.code == code) {
        return protocol;
      }
    }
    return null;
  }

  static @Nullable AddressProtocol ofText(String text) {
    // The older name of p2p.
    if (text.equals("ipfs")) {
      return P2P;
    }
    for (AddressProtocol protocol : values()) {
      if (protocol.text.equals(text)) {
        return protocol;
      }
    }
    return null;
  }

  /** A value's text; the bytes are {@link #valueBytes} long. */
  String format(byte[] value) {
    return switch (this) {
      case IP4, IP6 -> formatIp(value);
      case TCP, UDP -> Integer.toString(ByteBuffer.wrap(value).getShort() & 0xffff);
      case IPCIDR -> Integer.toString(value[0] & 0xff);
      case P2P -> peer(Multihash.decode(value)).toString();
      case CERTHASH -> Multibase.BASE64URL.encodeWithPrefix(Multihash.decode(value).bytes());
      default -> name(value);
    };
  }

  /** A value's bytes; the inverse of {@link #format}. */
  byte[] parse(String value) {
    return switch (this) {
      case IP4, IP6 -> parseIp(value);
      case TCP, UDP -> ByteBuffer.allocate(2).putShort((short) number(value, 65_535)).array();
      case IPCIDR -> new byte[] {(byte) number(value, 255)};
      case P2P -> peer(value).bytes();
      case CERTHASH -> Multihash.decode(Multibase.decodeWithPrefix(value)).bytes();
      default -> {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (!name(bytes).equals(value)) {
          throw new MultiformatException("multiaddr: /" + text + " has an unfit value");
        }
        yield bytes;
      }
    };
  }

  private static Multihash peer(String value) {
    // A peer id is written as a bare base58 multihash, or as the CID of a key.
    return peer(
        value.startsWith("1") || value.startsWith("Qm")
            ? Multihash.decode(Multibase.BASE58BTC.decode(value))
            : Cid.parse(value).hash());
  }

  /** No peer's key is hashed otherwise, and no other hash has a text that is its own. */
  private static Multihash peer(Multihash hash) {
    if (hash.code() != Multihash.IDENTITY && hash.code() != Multihash.SHA2_256) {
      throw new MultiformatException("multiaddr: /p2p of neither a key nor a SHA2-256");
    }
    return hash;
  }

  private static String formatIp(byte[] value) {
    try {
      InetAddress address =
          value.length == 16
              ? Inet6Address.getByAddress(null, value, -1)
              : InetAddress.getByAddress(value);
      return address instanceof Inet6Address v6
          ? compressed(v6.getAddress())
          : address.getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address of " + value.length + " bytes", e);
    }
  }

  /**
   * RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as
   * "::".
   */
  private static String compressed(byte[] address) {
    int[] groups = new int[8];
    ByteBuffer in = ByteBuffer.wrap(address);
    for (int i = 0; i < 8; i++) {
      groups[i] = in.getShort() & 0xffff;
    }
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && groups[i + length] == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
      i += length;
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  private byte[] parseIp(String value) {
    try {
      if (this == IP4) {
        return InetAddress.ofLiteral(requireDotted(value)).getAddress();
      }
      if (value.indexOf(':') < 0 || value.indexOf('%') >= 0) {
        throw new MultiformatException("multiaddr: /ip6 has an unfit value");
      }
      byte[] address = InetAddress.ofLiteral(value).getAddress();
      // The JDK turns ::ffff:1.2.3.4 into an IPv4 address; in /ip6 it stays what it was written as.
      return address.length == 16 ? address : mapped(address);
    } catch (IllegalArgumentException e) {
      throw new MultiformatException("multiaddr: /" + text + " has an unfit value");
    }
  }

  private static String requireDotted(String value) {
    // The JDK also takes 127.1 and 2130706433 for IPv4 addresses; a multiaddress does not.
    int dots = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '.') {
        dots++;
      } else if (c < '0' || c > '9') {
        throw new MultiformatException("multiaddr: /ip4 has an unfit value");
      }
    }
    if (dots != 3) {
      throw new MultiformatException("multiaddr: /ip4 has an unfit value");
    }
    return value;
  }

  private static byte[] mapped(byte[] ip4) {
    return ByteBuffer.allocate(16).position(10).putShort((short) 0xffff).put(ip4).array();
  }

  private int number(String value, int max) {
    int number = 0;
    if (value.isEmpty() || value.length() > 5 || (value.length() > 1 && value.charAt(0) == '0')) {
      throw new MultiformatException("multiaddr: /" + text + " has an unfit value");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        throw new MultiformatException("multiaddr: /" + text + " has an unfit value");
      }
      number = number * 10 + (c - '0');
    }
    if (number > max) {
      throw new MultiformatException("multiaddr: /" + text + " of " + number);
    }
    return number;
  }

  /** A host name or zone as text: visible ASCII or valid UTF-8 without a slash. */
  private String name(byte[] value) {
    try {
      String name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      if (!name.isEmpty()
          && name.codePoints().noneMatch(c -> c == '/' || Character.isISOControl(c))) {
        return name;
      }
    } catch (CharacterCodingException e) {
      throw new MultiformatException("multiaddr: /" + text + " is not UTF-8");
    }
    throw new MultiformatException("multiaddr: /" + text + " has an unfit value");
  }
}
