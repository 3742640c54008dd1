/**
 * How a node finds its first peers: by DNS, by asking an HTTP endpoint, or from a list. {@link
 * spegel.routing.bootstrap.Bootstrapper} is the port; who is found is input from a stranger.
 */
@NullMarked
package spegel.routing.bootstrap;

import org.jspecify.annotations.NullMarked;
