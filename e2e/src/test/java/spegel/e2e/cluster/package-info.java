/**
 * A whole cluster on one machine: nodes with a real containerd and our program beside it, each in a
 * network of its own, and an upstream registry whose traffic is counted. The tests pull images
 * through it while parts of it fail; chance comes from seeds, so that {@code e2e/soak} can try many
 * and a failed one can be tried again.
 */
@NullMarked
package spegel.e2e.cluster;

import org.jspecify.annotations.NullMarked;
