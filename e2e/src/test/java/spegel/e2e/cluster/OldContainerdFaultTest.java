package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** containerd 1.6, too, goes on upstream where the body of a layer has been cut. */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OldContainerdFaultTest {
  private static final int PARTIAL_CONTENT = 206;

  private Cluster cluster;

  @BeforeAll
  void start() {
    cluster = Cluster.of(2, ContainerdVersion.DISTRIBUTION).start();
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
                Stream.of(Fault.values()).map(fault -> new FaultScenario(fault, true, 1, seed)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void pull_goesOnUpstream_whenTheOnlyProviderFails(FaultScenario scenario) {
    FaultScenario.Outcome outcome = scenario.run(cluster);
    assertTrue(
        cluster.upstream().accesses(cluster.nodes().getLast(), outcome.image()).stream()
            .anyMatch(access -> access.status() == PARTIAL_CONTENT),
        "nothing was asked for from where it was cut");
  }
}
