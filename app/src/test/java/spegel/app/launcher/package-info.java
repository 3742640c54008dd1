/** Holds the launcher to its promises, with a build and a Java that only take notes. */
@NullMarked
package spegel.app.launcher;

import org.jspecify.annotations.NullMarked;
