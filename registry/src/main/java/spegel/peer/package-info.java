/**
 * HTTP towards other nodes: {@link spegel.peer.PeerClient} asks them, and {@link spegel.peer.Relay}
 * moves the bodies of their answers to a client of ours, going on with another peer where one
 * fails. It knows nothing of images, and nothing of how peers are found or chosen.
 */
@NullMarked
package spegel.peer;

import org.jspecify.annotations.NullMarked;
