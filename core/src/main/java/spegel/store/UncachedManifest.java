package spegel.store;

/**
 * Content that is asked for as a manifest and is not worth its place in memory: it is no manifest,
 * or a very large one. Its bytes were verified and are sent from the store.
 *
 * @param blob the receiver closes it
 */
public record UncachedManifest(String mediaType, Blob blob) implements LoadedManifest {}
