package spegel.multiformats;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An address that says how it is to be used, {@code /ip4/10.0.0.1/tcp/5001/p2p/12D3KooW…}
 * (multiformats "multiaddr"): at most {@value #MAX_BYTES} bytes and {@value #MAX_COMPONENTS}
 * components. A protocol that is not known has a value of unknown length, so it is carried with all
 * that follows it, and written as {@code /unknown-CODE/HEX}. Compared by its bytes.
 */
public final class Multiaddr {
  public static final int MAX_BYTES = 1024;
  public static final int MAX_COMPONENTS = 16;

  private static final int MAX_CHARS = 4 * MAX_BYTES;
  private static final String UNKNOWN_PREFIX = "unknown-";

  private final byte[] bytes;
  private final List<Component> components;

  /** One protocol, and where its value lies in {@link #bytes}. */
  private record Component(int code, int from, int to) {}

  private Multiaddr(byte[] bytes, List<Component> components) {
    this.bytes = bytes;
    this.components = components;
  }

  /**
   * Reads bytes that are one multiaddress.
   *
   * @throws MultiformatException when they are not
   */
  public static Multiaddr decode(byte[] bytes) {
    requireAtMost("bytes", bytes.length, MAX_BYTES);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Component> components = new ArrayList<>();
    while (in.hasRemaining()) {
      int code = Varint.readAtMost(in, Integer.MAX_VALUE);
      AddressProtocol protocol = AddressProtocol.ofCode(code);
      int length =
          protocol == null
              ? in.remaining()
              : protocol.valueBytes() == AddressProtocol.VARIABLE
                  ? Varint.readAtMost(in, MAX_BYTES)
                  : protocol.valueBytes();
      if (length > in.remaining()) {
        throw new MultiformatException("multiaddr: input ends within a value");
      }
      byte[] value = new byte[length];
      in.get(value);
      if (protocol != null && length > 0) {
        protocol.format(value); // Throws when the value is not one of the protocol's.
      } else if (protocol != null && protocol.valueBytes() != 0) {
        throw new MultiformatException("multiaddr: /" + protocol.text() + " without a value");
      }
      components.add(new Component(code, in.position() - length, in.position()));
      requireAtMost("components", components.size(), MAX_COMPONENTS);
    }
    if (components.isEmpty()) {
      throw new MultiformatException("multiaddr: empty");
    }
    return new Multiaddr(bytes.clone(), List.copyOf(components));
  }

  /**
   * Reads a multiaddress's text.
   *
   * @throws MultiformatException when it is not one
   */
  public static Multiaddr parse(String text) {
    requireAtMost("characters", text.length(), MAX_CHARS);
    if (!text.startsWith("/")) {
      throw new MultiformatException("multiaddr: does not start with a slash");
    }
    String[] parts = text.substring(1).split("/", -1);
    requireAtMost("components", parts.length / 2, MAX_COMPONENTS);
    // No text is shorter than a third of its bytes: "/ip6/::" has 17.
    ByteBuffer out = ByteBuffer.allocate(3 * text.length());
    for (int i = 0; i < parts.length; i++) {
      AddressProtocol protocol = AddressProtocol.ofText(parts[i]);
      if (protocol != null && protocol.valueBytes() == 0) {
        Varint.write(out, protocol.code());
        continue;
      }
      if (i + 1 == parts.length) {
        throw new MultiformatException("multiaddr: the last protocol has no value, or is unknown");
      }
      String value = parts[++i];
      if (protocol == null) {
        writeUnknown(out, parts[i - 1], value);
        continue;
      }
      byte[] encoded = protocol.parse(value);
      Varint.write(out, protocol.code());
      if (protocol.valueBytes() == AddressProtocol.VARIABLE) {
        Varint.write(out, encoded.length);
      }
      requireAtMost("bytes", out.position() + encoded.length, MAX_BYTES);
      out.put(encoded);
    }
    return decode(Arrays.copyOf(out.array(), out.position()));
  }

  private static void writeUnknown(ByteBuffer out, String name, String value) {
    try {
      if (name.startsWith(UNKNOWN_PREFIX)) {
        int code = Integer.parseUnsignedInt(name.substring(UNKNOWN_PREFIX.length()));
        if (code >= 0 && AddressProtocol.ofCode(code) == null) {
          byte[] rest = HexFormat.of().parseHex(value);
          Varint.write(out, code);
          requireAtMost("bytes", out.position() + rest.length, MAX_BYTES);
          out.put(rest);
          return;
        }
      }
    } catch (IllegalArgumentException e) {
      throw new MultiformatException("multiaddr: an unknown protocol's value: " + e.getMessage());
    }
    throw new MultiformatException("multiaddr: unknown protocol");
  }

  /** {@code /ip4/…/tcp/N} or {@code /ip6/…/tcp/N}. */
  public static Multiaddr tcp(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    AddressProtocol protocol = ip.length == 4 ? AddressProtocol.IP4 : AddressProtocol.IP6;
    return parse("/" + protocol.text() + "/" + protocol.format(ip) + "/tcp/" + address.getPort());
  }

  /** This address followed by the other's components. */
  public Multiaddr append(Multiaddr tail) {
    return decode(
        ByteBuffer.allocate(bytes.length + tail.bytes.length).put(bytes).put(tail.bytes).array());
  }

  /**
   * The text of the protocol's first value; empty when the protocol is not part of this address.
   */
  public Optional<String> value(AddressProtocol protocol) {
    for (Component component : components) {
      if (component.code == protocol.code()) {
        return Optional.of(
            component.from == component.to ? "" : protocol.format(valueOf(component)));
      }
    }
    return Optional.empty();
  }

  /** The multihash of {@code /p2p/…}; empty when the address does not end with one. */
  public Optional<Multihash> peer() {
    Component last = components.getLast();
    return last.code == AddressProtocol.P2P.code()
        ? Optional.of(Multihash.decode(valueOf(last)))
        : Optional.empty();
  }

  /** This address without the {@code /p2p/…} at its end; empty when nothing is left. */
  public Optional<Multiaddr> withoutPeer() {
    if (peer().isEmpty()) {
      return Optional.of(this);
    }
    if (components.size() == 1) {
      return Optional.empty();
    }
    int valueBytes = components.getLast().to - components.getLast().from;
    int tailBytes = Varint.size(AddressProtocol.P2P.code()) + Varint.size(valueBytes) + valueBytes;
    return Optional.of(
        new Multiaddr(
            Arrays.copyOf(bytes, bytes.length - tailBytes),
            components.subList(0, components.size() - 1)));
  }

  /**
   * The socket address of a plain TCP address, {@code /ip4|ip6/…/tcp/N}, with or without {@code
   * /p2p/…} behind it; empty for every other address.
   */
  public Optional<InetSocketAddress> tcpSocketAddress() {
    boolean plain = components.size() == 2 || (components.size() == 3 && peer().isPresent());
    if (!plain || components.get(1).code != AddressProtocol.TCP.code()) {
      return Optional.empty();
    }
    Component ip = components.get(0);
    if (ip.code != AddressProtocol.IP4.code() && ip.code != AddressProtocol.IP6.code()) {
      return Optional.empty();
    }
    try {
      int port = ByteBuffer.wrap(valueOf(components.get(1))).getShort() & 0xffff;
      return Optional.of(new InetSocketAddress(InetAddress.getByAddress(valueOf(ip)), port));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address of " + (ip.to - ip.from) + " bytes", e);
    }
  }

  private byte[] valueOf(Component component) {
    return Arrays.copyOfRange(bytes, component.from, component.to);
  }

  /** A copy of the encoding. */
  public byte[] bytes() {
    return bytes.clone();
  }

  private static void requireAtMost(String what, int count, int max) {
    if (count > max) {
      throw new MultiformatException("multiaddr: " + count + " " + what + ", at most " + max);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multiaddr that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Component component : components) {
      AddressProtocol protocol = AddressProtocol.ofCode(component.code);
      if (protocol == null) {
        text.append('/').append(UNKNOWN_PREFIX).append(component.code).append('/');
        text.append(HexFormat.of().formatHex(valueOf(component)));
      } else {
        text.append('/').append(protocol.text());
        if (component.to > component.from) {
          text.append('/').append(protocol.format(valueOf(component)));
        }
      }
    }
    return text.toString();
  }
}
