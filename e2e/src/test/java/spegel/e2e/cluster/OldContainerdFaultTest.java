package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.ContainerdVersion;

/** containerd 1.6, too, goes on upstream where the body of a layer has been cut. */
class OldContainerdFaultTest extends OnACluster {
  private static final int PARTIAL_CONTENT = 206;

  OldContainerdFaultTest() {
    super(Cluster.of(2, ContainerdVersion.DISTRIBUTION));
  }

  static Stream<FaultScenario> scenarios() {
    return Seeds.all()
        .boxed()
        .flatMap(
            seed ->
                Stream.of(Fault.values()).map(fault -> new FaultScenario(fault, true, 1, seed)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void pull_goesOnUpstream_whenTheOnlyProviderFails(FaultScenario scenario) {
    FaultScenario.Outcome outcome = scenario.run(cluster, "containerd 1.6");
    // What a killed node had written already comes all the same: then nothing was cut.
    assertTrue(
        outcome.fromUpstream() == 0
            || cluster.upstream().accesses(cluster.nodes().getLast(), outcome.image()).stream()
                .anyMatch(access -> access.status() == PARTIAL_CONTENT),
        "nothing was asked for from where it was cut");
  }
}
