/**
 * The parts that the end-to-end tests are made of: real containerds, registries and nodes as child
 * processes, network namespaces, and images built on the spot. Everything that a run creates lies
 * in its {@link spegel.e2e.harness.RunFolder} or carries its prefix, and is taken away at the end;
 * what a killed run left behind is taken away by the next one.
 */
@NullMarked
package spegel.e2e.harness;

import org.jspecify.annotations.NullMarked;
