/**
 * The registry's endpoints over HTTP: {@link spegel.registry.RegistryServer} serves the manifests
 * and blobs that this node's content store has to containerd and to other nodes. What is not here
 * goes to a {@link spegel.registry.MissingContent}, which has the last word.
 */
@NullMarked
package spegel.registry;

import org.jspecify.annotations.NullMarked;
