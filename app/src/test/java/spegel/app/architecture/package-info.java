/** Rules that hold for all modules at once. */
@NullMarked
package spegel.app.architecture;

import org.jspecify.annotations.NullMarked;
