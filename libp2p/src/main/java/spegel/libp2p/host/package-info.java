/**
 * A libp2p host: it listens and dials over TCP, secures and multiplexes its connections, keeps them
 * within bounds, and hands streams to the protocols that are registered with it. {@link
 * spegel.libp2p.host.Host} is the entry.
 */
@NullMarked
package spegel.libp2p.host;

import org.jspecify.annotations.NullMarked;
