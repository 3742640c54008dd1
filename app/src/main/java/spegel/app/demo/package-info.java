/**
 * The command {@code demo}: three nodes and a registry in this process, and pulls as containerd
 * makes them. Nodes, mirror, router and registry are the real ones; only who pulls is of this
 * package, {@link spegel.app.demo.Puller}. Where bytes came from is counted by the servers that
 * sent them.
 */
@NullMarked
package spegel.app.demo;

import org.jspecify.annotations.NullMarked;
