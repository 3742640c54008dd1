@NullMarked
package spegel.app.demo;

import org.jspecify.annotations.NullMarked;
