/**
 * The log: an SLF4J provider that writes one JSON object a line on standard error. {@link
 * spegel.app.log.Log} sets the level and brings the JDK's own logging here; everybody else logs
 * through SLF4J. A line is bounded, and whatever a stranger put into a value stays inside its
 * string.
 */
@NullMarked
package spegel.app.log;

import org.jspecify.annotations.NullMarked;
