/**
 * What this node has not, from the nodes that have it: {@link spegel.mirror.Mirror} looks for
 * providers, races them, and answers with what the first good one gives. Bytes are moved by {@link
 * spegel.peer.Relay}; when a peer fails in the middle of a blob, the next goes on at its offset.
 */
@NullMarked
package spegel.mirror;

import org.jspecify.annotations.NullMarked;
