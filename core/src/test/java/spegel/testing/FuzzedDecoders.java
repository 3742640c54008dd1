package spegel.testing;

import java.util.List;

/** A module's decoders; named in {@code META-INF/services}, so that {@link Fuzz} finds them. */
public interface FuzzedDecoders {

  /** The decoders, new ones at each call: each may be used by one thread. */
  List<FuzzedDecoder<?>> decoders();
}
