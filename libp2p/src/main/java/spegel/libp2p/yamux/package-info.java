/**
 * The multiplexer {@code /yamux/1.0.0}: many streams on one connection, each with a window of its
 * own. A window grows back only when the reader has taken the bytes, so a slow reader slows its
 * writer and nobody else.
 */
@NullMarked
package spegel.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
