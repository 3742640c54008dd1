/** What the install pages tell users to do, done. */
@NullMarked
package spegel.e2e.docs;

import org.jspecify.annotations.NullMarked;
