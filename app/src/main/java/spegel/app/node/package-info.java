/**
 * The command {@code registry}: {@link spegel.app.node.Node} wires the store, the tracker, the
 * router and the servers together, starts them in parallel and stops them in order.
 */
@NullMarked
package spegel.app.node;

import org.jspecify.annotations.NullMarked;
