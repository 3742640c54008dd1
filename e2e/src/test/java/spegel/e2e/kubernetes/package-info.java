/**
 * A real Kubernetes on one machine, and Spegel installed in it as a user does. The control plane is
 * in one network namespace; each node is a namespace of networks, mounts, processes and host name,
 * in which the usual paths are true.
 */
@NullMarked
package spegel.e2e.kubernetes;

import org.jspecify.annotations.NullMarked;
