/**
 * What this node has. {@link spegel.store.ContentStore} is the port; its implementations here are
 * the one in memory and the OCI image layout, containerd's is in a module of its own. All of them
 * keep a {@link spegel.store.StoreIndex} true and are held to one conformance suite.
 */
@NullMarked
package spegel.store;

import org.jspecify.annotations.NullMarked;
