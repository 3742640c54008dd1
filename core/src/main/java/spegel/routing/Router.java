package spegel.routing;

import java.util.Collection;

/**
 * Tells the cluster what this node has, and finds the nodes that have what it has not. A key is a
 * tagged name or a digest as text, at most {@value #MAX_KEY_CHARS} characters.
 */
public interface Router extends AutoCloseable {
  int MAX_KEY_CHARS = 1024;

  /** Whether lookups can be expected to find what the cluster has. */
  boolean ready();

  /**
   * From now on other nodes find this one for these keys. Returns at once; the announcement goes on
   * in the background.
   */
  void advertise(Collection<String> keys);

  /**
   * From now on this node no longer answers for these keys; records that others hold of it expire.
   * Returns at once.
   */
  void withdraw(Collection<String> keys);

  /** Begins to look for the nodes, other than this one, that advertise the key. Never blocks. */
  Lookup lookup(String key);

  @Override
  void close();
}
