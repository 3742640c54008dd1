package spegel.e2e.cluster;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.FailureLogs;

/** As {@link FaultTest}, with containerds that ask for a layer in parallel ranges. */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RangeFaultTest {
  private Cluster cluster;

  @BeforeAll
  void start() {
    cluster = Cluster.of(3, ContainerdVersion.V2).rangesOfLayers().start();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @AfterEach
  void heal() {
    cluster.heal();
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
    scenario.run(cluster);
  }
}
