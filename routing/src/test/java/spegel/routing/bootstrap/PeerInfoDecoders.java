package spegel.routing.bootstrap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;
import spegel.testing.FuzzedDecoder;
import spegel.testing.FuzzedDecoders;
import spegel.testing.Generator;

/** The decoder of what an HTTP bootstrap answers. */
public final class PeerInfoDecoders implements FuzzedDecoders {
  @Override
  public List<FuzzedDecoder<?>> decoders() {
    return List.of(
        FuzzedDecoder.of(
                "bootstrap JSON", PeerInfoDecoders::document, PeerInfoJson::read, IOException.class)
            .allocating(64 * 1024, 128)
            .checking((peers, _) -> peers.size() <= Bootstrapper.MAX_PEERS));
  }

  private static byte[] document(Generator generator) {
    return generator.oneIn(2)
        ? PeerInfoJson.write(id(generator), addresses(generator), generator.oneIn(2))
        : array(generator).getBytes(StandardCharsets.UTF_8);
  }

  private static PeerId id(Generator generator) {
    return new PeerId(Multihash.sha256(generator.bytes(4)));
  }

  private static List<Multiaddr> addresses(Generator generator) {
    List<Multiaddr> addresses = new ArrayList<>();
    for (int i = generator.between(0, generator.oneIn(10) ? 100 : 4); i > 0; i--) {
      addresses.add(Multiaddr.parse("/ip4/10.0.0." + i + "/tcp/" + generator.between(0, 65_535)));
    }
    return addresses;
  }

  private static String array(Generator generator) {
    StringBuilder text = new StringBuilder("[");
    for (int i = generator.between(0, generator.oneIn(20) ? 200 : 3); i > 0; i--) {
      text.append(peer(generator)).append(i > 1 ? "," : "");
    }
    return text.append(']').toString();
  }

  private static String peer(Generator generator) {
    return switch (generator.between(0, 5)) {
      case 0 -> "{\"ID\":null,\"Addrs\":[]}";
      case 1 -> "{\"Addrs\":[\"/ip4/10.0.0.1/tcp/1\",\"/nosuch/1\",\"\"],\"ID\":\"\"}";
      case 2 -> "{\"other\":" + "[".repeat(10) + "1e999" + "]".repeat(10) + "}";
      case 3 -> "[".repeat(generator.between(0, 40)) + "]".repeat(generator.between(0, 40));
      case 4 -> "{\"ID\":\"\\ud800\\u0000\",\"Addrs\":[\"\\u002fip4\\u002f10.0.0.1\"]}";
      default -> "{\"ID\":\"" + id(generator) + "\",\"Addrs\":[\"/ip4/10.0.0.1/tcp/5001\"]}";
    };
  }
}
