package spegel.store;

/**
 * How much a {@link StoreIndex} takes in; what is beyond is refused and said in the log.
 *
 * @param maxImages names of images
 * @param maxContents distinct digests
 * @param maxHoldings pairs of an image and a digest that it reaches
 */
public record StoreLimits(int maxImages, int maxContents, int maxHoldings) {

  /**
   * Several times what a crowded node has. The index takes about 10 MiB of heap then, and a listing
   * of it as much again.
   */
  public static final StoreLimits DEFAULT = new StoreLimits(4_000, 20_000, 60_000);

  public StoreLimits {
    if (maxImages < 1 || maxContents < 1 || maxHoldings < 1) {
      throw new IllegalArgumentException("store limits must be positive");
    }
  }

  boolean allow(int images, int contents, int holdings) {
    return images <= maxImages && contents <= maxContents && holdings <= maxHoldings;
  }
}
