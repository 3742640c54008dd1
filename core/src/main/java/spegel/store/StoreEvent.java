package spegel.store;

/**
 * A key that others can ask this node for from now on, or no longer.
 *
 * @param type what happened; a tag that moves to another digest is created once more
 * @param key what it happened to: a tagged name, {@code docker.io/library/nginx:latest}, or a
 *     digest, {@code sha256:…}
 */
public record StoreEvent(Type type, String key) {

  /** What happened to the key. */
  public enum Type {
    CREATE,
    DELETE
  }
}
