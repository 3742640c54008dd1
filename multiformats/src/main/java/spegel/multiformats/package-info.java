/**
 * The multiformats that libp2p is made of (multiformats.io): unsigned varints, multibase texts,
 * multihashes, content identifiers and multiaddresses. Values are immutable; every decoder is
 * total: it gives a value or a {@link spegel.multiformats.MultiformatException}, and never
 * allocates more than its input is long.
 */
@NullMarked
package spegel.multiformats;

import org.jspecify.annotations.NullMarked;
