package spegel.routing.bootstrap;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.MultiformatException;

/**
 * The document of HTTP bootstrap, {@code [{"ID":"12D3KooW…","Addrs":["/ip4/…"]}]}: an array of
 * peers, or a bare one. An id may be missing or empty.
 */
public final class PeerInfoJson {
  private static final int MAX_ADDRESSES = 64;
  private static final int MAX_DEPTH = 16;

  private PeerInfoJson() {}

  /** One peer of the document. */
  record NamedPeer(Optional<PeerId> id, List<Multiaddr> addresses) {}

  /**
   * The document that tells of one peer.
   *
   * @param bare an object, as old releases read it, instead of an array of one
   */
  public static byte[] write(PeerId id, List<Multiaddr> addresses, boolean bare) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      if (!bare) {
        json.beginArray();
      }
      json.beginObject().name("ID").value(id.toString()).name("Addrs").beginArray();
      for (Multiaddr address : addresses) {
        json.value(address.toString());
      }
      json.endArray().endObject();
      if (!bare) {
        json.endArray();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the first peers of a document.
   *
   * @throws IOException when it is not one; nothing of it is quoted
   */
  static List<NamedPeer> read(byte[] document) throws IOException {
    try (JsonReader json =
        new JsonReader(new StringReader(new String(document, StandardCharsets.UTF_8)))) {
      json.setStrictness(Strictness.STRICT);
      json.setNestingLimit(MAX_DEPTH);
      List<NamedPeer> infos = new ArrayList<>();
      if (json.peek() == JsonToken.BEGIN_OBJECT) {
        infos.add(readOne(json));
        return infos;
      }
      json.beginArray();
      while (json.hasNext() && infos.size() < Bootstrapper.MAX_PEERS) {
        infos.add(readOne(json));
      }
      return infos;
    } catch (IOException | IllegalStateException | MultiformatException e) {
      throw new IOException("the answer is not a list of peers, [{\"ID\":…,\"Addrs\":[…]}]", e);
    }
  }

  /** Peers may listen where we could not dial anyway: what cannot be read is left out. */
  private static void addAddress(List<Multiaddr> addresses, String text) {
    try {
      if (addresses.size() < MAX_ADDRESSES) {
        addresses.add(Multiaddr.parse(text));
      }
    } catch (MultiformatException e) {
      // Not one of ours.
    }
  }

  private static NamedPeer readOne(JsonReader json) throws IOException {
    String id = "";
    List<Multiaddr> addresses = new ArrayList<>();
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "ID" -> {
          if (json.peek() == JsonToken.NULL) {
            json.nextNull();
          } else {
            id = json.nextString();
          }
        }
        case "Addrs" -> {
          json.beginArray();
          while (json.hasNext()) {
            addAddress(addresses, json.nextString());
          }
          json.endArray();
        }
        default -> json.skipValue();
      }
    }
    json.endObject();
    return new NamedPeer(
        id.isEmpty() ? Optional.empty() : Optional.of(PeerId.parse(id)), addresses);
  }
}
