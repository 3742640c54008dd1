/**
 * The command line: which commands and flags there are, what they mean, and how arguments and
 * environment variables become one validated record for each command. {@link
 * spegel.app.command.CommandLineParser} parses and runs nothing; who runs the result sees no trace
 * of where a value came from.
 */
@NullMarked
package spegel.app.command;

import org.jspecify.annotations.NullMarked;
