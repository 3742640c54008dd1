package spegel.store;

/** A manifest in memory, verified against its digest. */
public final class CachedManifest implements LoadedManifest {
  private final String mediaType;
  private final byte[] bytes;

  CachedManifest(String mediaType, byte[] bytes) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  /** All of it; shared with every other reader, so not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}
