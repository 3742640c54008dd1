package spegel.store;

import java.time.Duration;
import java.util.Optional;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;

/**
 * The content of this node, and what may be served of it. {@link #resolve} and {@link #find} answer
 * from memory and may be called on an event loop; {@link #open} touches the disk. The index behind
 * the first two is a hint: what was opened is the truth.
 */
public interface ContentStore extends AutoCloseable {
  /** How long at most a change that no event told of goes unnoticed: everything is listed anew. */
  Duration RELISTING_PERIOD = Duration.ofMinutes(15);

  /**
   * Begins to list and to watch, in the background: the listener hears of everything that is there,
   * then of every change, in order and from one thread at a time. Called once.
   */
  void start(StoreListener listener);

  /** Whether the content is known as of now: listed at least once, and events arrive. */
  boolean connected();

  /**
   * What the tagged name points to now; empty when this node does not have it, or cannot tell at
   * the moment.
   */
  Optional<Digest> resolve(Reference tagged);

  /** The content's descriptor; empty when it is not here, or no reference to it may be served. */
  Optional<Descriptor> find(Digest digest);

  /**
   * Opens the content; empty when it is gone (which is then withdrawn) or may not be served. Blocks
   * for as long as the disk takes.
   *
   * @throws StoreException when the content is there and cannot be read
   */
  Optional<Blob> open(Digest digest);

  /** What is advertised for each registry, counted now. */
  StoreStatistics statistics();

  /** What is advertised, listed now: totals, and the first images by name. */
  Inventory inventory(int maxImages);

  /** Stops watching; what is open stays open. */
  @Override
  void close();
}
