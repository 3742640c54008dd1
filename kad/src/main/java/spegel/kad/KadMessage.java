package spegel.kad;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.MultiformatException;

/**
 * A request or an answer: {@code Message{ type = 1, key = 2, closerPeers = 8, providerPeers = 9 }},
 * {@code Peer{ id = 1, addrs = 2, connection = 3 }} (libp2p specification, kad-dht, "RPC
 * messages"). On the wire each is led by its length as a varint.
 */
public final class KadMessage {
  /** Longest message read. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  static final int MAX_KEY_BYTES = 80;
  static final int MAX_PEERS = 64;

  /** More than are used of a peer: many may be of transports that we do not have. */
  static final int MAX_ADDRESSES = 32;

  private static final int TYPE = 1;
  private static final int KEY = 2;
  private static final int CLOSER_PEERS = 8;
  private static final int PROVIDER_PEERS = 9;
  private static final int PEER_ID = 1;
  private static final int PEER_ADDRS = 2;
  private static final int PEER_CONNECTION = 3;
  private static final int CAN_CONNECT = 2;

  // A field's tag is its number and the three bits of its wire type.
  private static final int TYPE_TAG = TYPE << 3;
  private static final int KEY_TAG = KEY << 3 | 2;
  private static final int CLOSER_PEERS_TAG = CLOSER_PEERS << 3 | 2;
  private static final int PROVIDER_PEERS_TAG = PROVIDER_PEERS << 3 | 2;
  private static final int PEER_ID_TAG = PEER_ID << 3 | 2;
  private static final int PEER_ADDRS_TAG = PEER_ADDRS << 3 | 2;

  /** What is asked; the numbers are those on the wire. */
  public enum Type {
    PUT_VALUE(0),
    GET_VALUE(1),
    ADD_PROVIDER(2),
    GET_PROVIDERS(3),
    FIND_NODE(4),
    PING(5);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    static @Nullable Type ofNumber(int number) {
      for (Type type : values()) {
        if (type.number == number) {
          return type;
        }
      }
      return null;
    }
  }

  private final Type type;
  private final byte[] key;
  private final List<KadPeer> closerPeers;
  private final List<KadPeer> providers;

  /**
   * A message.
   *
   * @param key at most {@value #MAX_KEY_BYTES} bytes; empty where the type needs none
   */
  public KadMessage(Type type, byte[] key, List<KadPeer> closerPeers, List<KadPeer> providers) {
    if (key.length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes");
    }
    this.type = type;
    this.key = key.clone();
    this.closerPeers = List.copyOf(closerPeers);
    this.providers = List.copyOf(providers);
  }

  /** A request or answer without peers. */
  static KadMessage of(Type type, byte[] key) {
    return new KadMessage(type, key, List.of(), List.of());
  }

  /** What is asked. */
  public Type type() {
    return type;
  }

  /** A copy of the key. */
  public byte[] key() {
    return key.clone();
  }

  /** Peers nearer to the key; in answers. */
  public List<KadPeer> closerPeers() {
    return closerPeers;
  }

  /** Who has the content; in answers, and in ADD_PROVIDER the sender itself. */
  public List<KadPeer> providers() {
    return providers;
  }

  /** The encoding, without the length that leads it. */
  public byte[] encode() {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, 256);
      out.writeEnum(TYPE, type.number);
      if (key.length > 0) {
        out.writeByteArray(KEY, key);
      }
      for (KadPeer peer : closerPeers) {
        out.writeByteArray(CLOSER_PEERS, encode(peer));
      }
      for (KadPeer peer : providers) {
        out.writeByteArray(PROVIDER_PEERS, encode(peer));
      }
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
  }

  private static byte[] encode(KadPeer peer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, 128);
    out.writeByteArray(PEER_ID, peer.id().bytes());
    for (Multiaddr address : peer.addresses()) {
      out.writeByteArray(PEER_ADDRS, address.bytes());
    }
    out.writeEnum(PEER_CONNECTION, CAN_CONNECT);
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * Reads an encoding. Peers beyond {@value #MAX_PEERS} of a kind, their addresses beyond {@value
   * #MAX_ADDRESSES}, and those that cannot be read are left out.
   *
   * @throws KadException when it is malformed, or of a type or key out of bounds
   */
  public static KadMessage decode(byte[] encoded) throws KadException {
    return decode(encoded, 0, encoded.length);
  }

  /** The same, of an encoding within an array. */
  public static KadMessage decode(byte[] in, int from, int length) throws KadException {
    try {
      return decode(CodedInputStream.newInstance(in, from, length));
    } catch (KadException e) {
      throw e;
    } catch (IOException e) {
      throw new KadException("kad: a malformed message", e);
    }
  }

  private static KadMessage decode(CodedInputStream in) throws IOException {
    Type type = Type.PUT_VALUE; // The default of an absent field.
    byte[] key = {};
    List<KadPeer> closer = new ArrayList<>();
    List<KadPeer> providers = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case TYPE_TAG -> type = type(in.readEnum());
        case KEY_TAG -> key = in.readByteArray();
        case CLOSER_PEERS_TAG -> addPeer(in, closer);
        case PROVIDER_PEERS_TAG -> addPeer(in, providers);
        default -> in.skipField(tag);
      }
    }
    if (key.length > MAX_KEY_BYTES) {
      throw new KadException("kad: a key of " + key.length + " bytes");
    }
    return new KadMessage(type, key, closer, providers);
  }

  private static Type type(int number) throws KadException {
    Type type = Type.ofNumber(number);
    if (type == null) {
      throw new KadException("kad: message type " + number);
    }
    return type;
  }

  private static void addPeer(CodedInputStream in, List<KadPeer> peers) throws IOException {
    int length = in.readRawVarint32();
    if (peers.size() == MAX_PEERS) {
      in.skipRawBytes(length);
      return;
    }
    int outerLimit = in.pushLimit(length);
    PeerId id = null;
    List<Multiaddr> addresses = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case PEER_ID_TAG -> id = peerId(in.readByteArray());
        case PEER_ADDRS_TAG -> addAddress(in.readByteArray(), addresses);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outerLimit);
    if (id != null) {
      peers.add(new KadPeer(id, addresses));
    }
  }

  private static @Nullable PeerId peerId(byte[] bytes) {
    try {
      return PeerId.decode(bytes);
    } catch (MultiformatException e) {
      return null;
    }
  }

  private static void addAddress(byte[] bytes, List<Multiaddr> addresses) {
    if (addresses.size() < MAX_ADDRESSES) {
      try {
        addresses.add(Multiaddr.decode(bytes));
      } catch (MultiformatException e) {
        // A transport that we cannot even read; its other addresses may do.
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KadMessage that
        && type == that.type
        && Arrays.equals(key, that.key)
        && closerPeers.equals(that.closerPeers)
        && providers.equals(that.providers);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, Arrays.hashCode(key), closerPeers, providers);
  }

  @Override
  public String toString() {
    return type
        + " "
        + HexFormat.of().formatHex(key)
        + ", "
        + closerPeers.size()
        + " closer peers, "
        + providers.size()
        + " providers";
  }
}
