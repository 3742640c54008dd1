@NullMarked
package spegel.routing.kad;

import org.jspecify.annotations.NullMarked;
