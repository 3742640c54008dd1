/**
 * What a user sees: the shipped program as a process beside real containerds of both versions, with
 * real clients. The tests need root and what {@code e2e/setup} installs.
 */
@NullMarked
package spegel.e2e;

import org.jspecify.annotations.NullMarked;
