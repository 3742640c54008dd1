/**
 * multistream-select 1.0: how two sides agree on a protocol, on a fresh connection and on each
 * fresh stream. A message is a varint length, a text, and a newline.
 */
@NullMarked
package spegel.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
