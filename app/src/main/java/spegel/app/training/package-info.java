/**
 * The run by which the build trains the AOT cache. It ships in the program's jar, because a cache
 * holds only for the class path that it was made with, and is no command.
 */
@NullMarked
package spegel.app.training;

import org.jspecify.annotations.NullMarked;
