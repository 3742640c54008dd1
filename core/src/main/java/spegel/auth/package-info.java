/**
 * HTTP basic authentication (RFC 7617) as the nodes of a cluster use it among themselves: one user
 * name and one password, known to all of them, read from a mounted Kubernetes secret. containerd
 * gets them through the mirror configuration, the registry compares what it is sent.
 */
@NullMarked
package spegel.auth;

import org.jspecify.annotations.NullMarked;
