@NullMarked
package spegel.routing.bootstrap;

import org.jspecify.annotations.NullMarked;
