/**
 * What the program measures, in Prometheus's terms: the only package that knows Prometheus. {@link
 * spegel.app.metrics.Metrics} holds all of them; other modules tell it through small observer
 * interfaces of their own. Every label's values are bounded, whoever chooses them.
 */
@NullMarked
package spegel.app.metrics;

import org.jspecify.annotations.NullMarked;
