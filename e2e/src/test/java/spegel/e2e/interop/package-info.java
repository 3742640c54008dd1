/**
 * Our libp2p and Kademlia beside the real ones: processes of go-libp2p and js-libp2p, built from
 * {@code interop/}, and hosts of ours within the tests, speak with each other in both directions.
 * {@link spegel.e2e.interop.PeerProcess} is one such process, and {@code docs/interop.md} says what
 * was learned.
 */
@NullMarked
package spegel.e2e.interop;

import org.jspecify.annotations.NullMarked;
