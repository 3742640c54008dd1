/**
 * The container image as it is built from these sources: what is in it, how its launcher picks the
 * JVM's options, and what runs in it, in a container with the limits and mounts of the chart.
 */
@NullMarked
package spegel.e2e.image;

import org.jspecify.annotations.NullMarked;
