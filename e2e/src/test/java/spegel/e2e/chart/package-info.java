/** The Helm chart and the kustomizations: what they render, and with which values. */
@NullMarked
package spegel.e2e.chart;

import org.jspecify.annotations.NullMarked;
