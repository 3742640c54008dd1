/** Who has what: {@link spegel.routing.Router} is the port to the other nodes of the cluster. */
@NullMarked
package spegel.routing;

import org.jspecify.annotations.NullMarked;
