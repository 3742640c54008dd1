package spegel.testing;

/**
 * Runs a test's body on many generated cases. Each case has a seed of its own, so a failing one can
 * be repeated alone: {@code -Dspegel.case=SEED}. Another set of cases: {@code -Dspegel.seed=SEED}.
 */
public final class Property {
  private static final String SEED_PROPERTY = "spegel.seed";
  private static final String CASE_PROPERTY = "spegel.case";
  private static final long DEFAULT_SEED = 20250925;

  /** Far apart in the bits, so that the generators of neighbouring cases have nothing in common. */
  private static final long CASE_STRIDE = 0x9e3779b97f4a7c15L;

  private Property() {}

  /** What has to hold for every case; it fails by throwing. */
  @FunctionalInterface
  public interface Body {
    void check(Generator generator) throws Exception;
  }

  /**
   * Runs the body on so many cases.
   *
   * @throws AssertionError when one fails; the message has the seed that repeats it
   */
  public static void forAll(int cases, Body body) {
    Long onlyCase = Long.getLong(CASE_PROPERTY);
    if (onlyCase != null) {
      check(onlyCase, body);
      return;
    }
    long seed = Long.getLong(SEED_PROPERTY, DEFAULT_SEED);
    for (int i = 0; i < cases; i++) {
      check(caseSeed(seed, i), body);
    }
  }

  /** The seed of one case. */
  static long caseSeed(long seed, long index) {
    return seed + index * CASE_STRIDE;
  }

  private static void check(long caseSeed, Body body) {
    Generator generator = new Generator(caseSeed);
    try {
      body.check(generator);
    } catch (Exception | AssertionError | StackOverflowError e) {
      throw new AssertionError(
          "repeat this case with -D%s=%d: %s".formatted(CASE_PROPERTY, caseSeed, e), e);
    }
  }
}
