/**
 * A Kademlia DHT of provider records, one network with go-libp2p-kad-dht (libp2p specification,
 * kad-dht). {@link spegel.kad.KadNode} is a node; it sees time and the network only through {@link
 * spegel.kad.KadClock} and {@link spegel.kad.KadNetwork}, so that the same classes run a cluster
 * and a simulation of ten thousand nodes.
 */
@NullMarked
package spegel.kad;

import org.jspecify.annotations.NullMarked;
