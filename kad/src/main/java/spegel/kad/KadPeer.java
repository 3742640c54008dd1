package spegel.kad;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;

/** A peer and where it may be reached. Compared by both. */
public final class KadPeer {
  private final PeerId id;
  private final List<Multiaddr> addresses;

  /**
   * Made when first asked for: of most peers in answers it never is. Racing threads make equal
   * ones.
   */
  private @Nullable KadKey key;

  /**
   * A peer.
   *
   * @param id who
   * @param addresses where, best first; may be empty
   */
  public KadPeer(PeerId id, List<Multiaddr> addresses) {
    this.id = id;
    this.addresses = List.copyOf(addresses);
  }

  /** Who it is. */
  public PeerId id() {
    return id;
  }

  /** Where it may be reached, best first; may be empty. */
  public List<Multiaddr> addresses() {
    return addresses;
  }

  /** Where it stands in the key space. */
  KadKey key() {
    KadKey known = key;
    if (known == null) {
      known = KadKey.of(id);
      key = known;
    }
    return known;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KadPeer that && id.equals(that.id) && addresses.equals(that.addresses);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, addresses);
  }

  @Override
  public String toString() {
    return id + " at " + addresses;
  }
}
