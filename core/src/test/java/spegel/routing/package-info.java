/** The conformance suite of routers: {@link spegel.routing.RouterContract}. */
@NullMarked
package spegel.routing;

import org.jspecify.annotations.NullMarked;
