/**
 * What is served beside the registry, on an address of its own: metrics, and under {@code /debug/}
 * what helps to understand a running node. Nothing here changes the node, and nothing shows what is
 * on its heap.
 */
@NullMarked
package spegel.app.diagnostics;

import org.jspecify.annotations.NullMarked;
