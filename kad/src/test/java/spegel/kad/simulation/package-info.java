/**
 * The nodes of {@link spegel.kad} in clusters of thousands, on a clock and a network that exist
 * only in memory: {@link spegel.kad.simulation.SimulatedCluster}. Tests run it, and the benchmarks
 * do.
 */
@NullMarked
package spegel.kad.simulation;

import org.jspecify.annotations.NullMarked;
