/**
 * Tests of the stores. {@link spegel.store.ContentStoreContract} is what every store is held to.
 */
@NullMarked
package spegel.store;

import org.jspecify.annotations.NullMarked;
