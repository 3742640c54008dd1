package spegel.e2e.cluster;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.ContainerdVersion;

/** As {@link FaultTest}, with containerds that ask for a layer in parallel ranges. */
class RangeFaultTest extends OnACluster {
  RangeFaultTest() {
    super(Cluster.of(3, ContainerdVersion.V2).rangesOfLayers());
  }

  static Stream<FaultScenario> scenarios() {
    return Seeds.all()
        .boxed()
        .flatMap(
            seed ->
                Stream.of(Fault.values()).map(fault -> new FaultScenario(fault, true, 2, seed)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void pull_succeeds_whenAProviderFails(FaultScenario scenario) {
    scenario.run(cluster, "in ranges");
  }
}
