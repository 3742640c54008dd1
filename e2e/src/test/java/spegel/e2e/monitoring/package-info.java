/**
 * The dashboard and the alerts, asked of a real Prometheus that scrapes real nodes: a query that
 * names a metric or a label which no node has finds nothing, and fails.
 */
@NullMarked
package spegel.e2e.monitoring;

import org.jspecify.annotations.NullMarked;
