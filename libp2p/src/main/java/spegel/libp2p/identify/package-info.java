/**
 * {@code /ipfs/id/1.0.0} and its push form: what a peer says of itself (libp2p specification,
 * identify). It is said over a connection on which the peer has proved who it is, and believed for
 * that peer only.
 */
@NullMarked
package spegel.libp2p.identify;

import org.jspecify.annotations.NullMarked;
