/**
 * Property tests from a small seeded generator, for every module's tests. {@link
 * spegel.testing.Property} runs the cases and says how to repeat one that fails; {@link
 * spegel.testing.Generator} makes the values.
 */
@NullMarked
package spegel.testing;

import org.jspecify.annotations.NullMarked;
