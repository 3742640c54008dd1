/**
 * Removal of the mirror from a cluster: each node puts its configuration back and says so at {@code
 * /readyz}, and one process waits here until all nodes have said so.
 */
@NullMarked
package spegel.app.cleanup;

import org.jspecify.annotations.NullMarked;
