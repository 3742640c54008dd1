/**
 * The content store of a containerd on this node, over its unix socket: what is in it is listed and
 * watched through gRPC, and blobs are read from containerd's content directory. Start with {@link
 * spegel.containerd.ContainerdStore}; gRPC and protobuf stay inside this package.
 */
@NullMarked
package spegel.containerd;

import org.jspecify.annotations.NullMarked;
