package spegel.store;

/** What a manifest request is answered with: from memory, or from the store's own file. */
public sealed interface LoadedManifest permits CachedManifest, UncachedManifest {

  /** For the header {@code Content-Type}. */
  String mediaType();
}
