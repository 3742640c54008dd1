/**
 * libp2p for the JVM, as much as a cluster of servers needs: identities, TCP, Noise, yamux,
 * identify and ping, spoken with go-libp2p and js-libp2p. {@link spegel.libp2p.host.Host} is where
 * to begin. Streams are blocking and meant for virtual threads; nothing here knows of what is
 * carried.
 */
@NullMarked
package spegel.libp2p;

import org.jspecify.annotations.NullMarked;
