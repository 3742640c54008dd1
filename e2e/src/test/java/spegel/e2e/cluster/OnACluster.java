package spegel.e2e.cluster;

import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.FailureLogs;

/** One cluster for all tests of a class, healed after each of them. */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnACluster {
  private final Cluster.Builder builder;

  /** There is one while tests run. */
  protected Cluster cluster;

  OnACluster(Cluster.Builder builder) {
    this.builder = builder;
  }

  static LongStream seeds() {
    return Seeds.all();
  }

  @BeforeAll
  void startCluster() {
    cluster = builder.start();
  }

  @AfterAll
  void stopCluster() {
    cluster.close();
  }

  @AfterEach
  void healCluster() {
    cluster.heal();
  }
}
