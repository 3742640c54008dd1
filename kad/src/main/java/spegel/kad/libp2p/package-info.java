/**
 * Kademlia on the wire: a {@link spegel.kad.KadNode} joined to a libp2p host. Peers' requests are
 * served on streams that they open, one after the other on each; own requests go over streams that
 * are kept for a while. All that strangers send is bounded here, and their addresses are sifted,
 * before the node sees it.
 */
@NullMarked
package spegel.kad.libp2p;

import org.jspecify.annotations.NullMarked;
