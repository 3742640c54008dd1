/**
 * The router of a cluster: {@link spegel.routing.kad.KadRouter} announces and finds by Kademlia,
 * keeps what it found for a moment, and sees to it that the node has peers.
 */
@NullMarked
package spegel.routing.kad;

import org.jspecify.annotations.NullMarked;
