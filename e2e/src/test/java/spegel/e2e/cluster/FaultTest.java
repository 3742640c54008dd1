package spegel.e2e.cluster;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.ContainerdVersion;

/**
 * A pull succeeds whatever befalls a node that has the image, with the right bytes and hardly later
 * than from the upstream.
 */
class FaultTest extends OnACluster {
  FaultTest() {
    super(Cluster.of(3, ContainerdVersion.V2));
  }

  static Stream<FaultScenario> scenarios() {
    return Seeds.all().boxed().flatMap(FaultTest::scenarios);
  }

  private static Stream<FaultScenario> scenarios(long seed) {
    return Stream.of(Fault.values())
        .flatMap(
            fault ->
                Stream.of(true, false)
                    .flatMap(
                        midway ->
                            Stream.of(1, 2)
                                .map(
                                    providers ->
                                        new FaultScenario(fault, midway, providers, seed))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void pull_succeeds_whenAProviderFails(FaultScenario scenario) {
    scenario.run(cluster, "containerd 2");
  }
}
