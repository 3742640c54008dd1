package spegel.e2e.cluster;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;

/** The seeds that the tests draw their chance from: few here, many in {@code e2e/soak}. */
final class Seeds {
  private static final long FIRST = Long.getLong("spegel.seeds.first", 1);
  private static final long COUNT = Long.getLong("spegel.seeds", 3);

  private Seeds() {}

  static LongStream all() {
    return LongStream.range(FIRST, FIRST + COUNT);
  }

  /** The chance of one test, whose name sets it apart from others with this seed. */
  static RandomGenerator random(String test, long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(test.hashCode() * 31L + seed);
  }
}
