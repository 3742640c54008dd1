package spegel.store;

/**
 * How much a {@link StoreIndex} takes in; what is beyond is refused and said in the log.
 *
 * @param maxImages names of images
 * @param maxContents distinct digests
 * @param maxHoldings pairs of an image and a digest that it reaches
 */
public record StoreLimits(int maxImages, int maxContents, int maxHoldings) {

  /** Ten times the images of a crowded node, in about 20 MiB. */
  public static final StoreLimits DEFAULT = new StoreLimits(10_000, 50_000, 200_000);

  public StoreLimits {
    if (maxImages < 1 || maxContents < 1 || maxHoldings < 1) {
      throw new IllegalArgumentException("store limits must be positive");
    }
  }

  boolean allow(int images, int contents, int holdings) {
    return images <= maxImages && contents <= maxContents && holdings <= maxHoldings;
  }
}
