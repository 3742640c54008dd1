/**
 * {@code /ipfs/ping/1.0.0}: 32 bytes and their echo, to see that a peer is there and how far
 * (libp2p specification, ping).
 */
@NullMarked
package spegel.libp2p.ping;

import org.jspecify.annotations.NullMarked;
