/**
 * From what a store has to what the router advertises: {@link spegel.tracking.Tracker} carries the
 * events across.
 */
@NullMarked
package spegel.tracking;

import org.jspecify.annotations.NullMarked;
