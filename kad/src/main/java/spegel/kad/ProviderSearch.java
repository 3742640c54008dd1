package spegel.kad;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.PeerId;

/**
 * A search for providers under way. It hears of answers and of records that others tell this node
 * meanwhile.
 */
public final class ProviderSearch {
  private final KadNode node;
  private final RecordKey key;
  private final Consumer<KadPeer> found;
  private final Runnable done;

  // Guarded by the node's lock.
  private final Set<PeerId> yielded = new HashSet<>();
  private @Nullable Lookup lookup;
  private boolean over;

  ProviderSearch(KadNode node, RecordKey key, Consumer<KadPeer> found, Runnable done) {
    this.node = node;
    this.key = key;
    this.found = found;
    this.done = done;
  }

  RecordKey key() {
    return key;
  }

  boolean isOver() {
    return over;
  }

  void attach(Lookup search) {
    lookup = search;
    if (over) {
      search.cancel();
    }
  }

  void answered(KadPeer from, KadMessage answer) {
    answer.providers().forEach(this::offer);
  }

  void told(RecordKey other, KadPeer provider) {
    if (other.equals(key)) {
      offer(provider);
    }
  }

  void offer(KadPeer provider) {
    boolean usable = !provider.id().equals(node.id()) && !provider.addresses().isEmpty();
    if (!over && usable && yielded.add(provider.id())) {
      found.accept(provider);
    }
  }

  void end() {
    if (!over) {
      over = true;
      node.forget(this);
      done.run();
    }
  }

  /** The caller has enough: nothing is found and nobody is asked any more. */
  public void cancel() {
    synchronized (node.lock()) {
      if (!over) {
        over = true;
        node.forget(this);
        if (lookup != null) {
          lookup.cancel();
        }
      }
    }
  }
}
