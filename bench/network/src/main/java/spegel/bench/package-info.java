/** Programs that measure libp2p and Kademlia; each prints its {@link spegel.bench.Result}. */
@NullMarked
package spegel.bench;

import org.jspecify.annotations.NullMarked;
