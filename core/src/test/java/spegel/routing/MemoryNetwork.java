package spegel.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the {@link MemoryRouter}s of one process tell each other. */
public final class MemoryNetwork {
  // Guarded by this.
  private final Map<String, Set<Provider>> providers = new HashMap<>();

  synchronized void add(Collection<String> keys, Provider provider) {
    for (String key : keys) {
      providers.computeIfAbsent(key, _ -> new LinkedHashSet<>(2)).add(provider);
    }
  }

  synchronized void remove(Collection<String> keys, Provider provider) {
    for (String key : keys) {
      providers.computeIfPresent(
          key,
          (_, ofKey) -> {
            ofKey.remove(provider);
            return ofKey.isEmpty() ? null : ofKey;
          });
    }
  }

  synchronized void removeAll(Provider provider) {
    remove(List.copyOf(providers.keySet()), provider);
  }

  /** In the order in which they announced themselves. */
  synchronized List<Provider> find(String key, Provider except) {
    List<Provider> found = new ArrayList<>(providers.getOrDefault(key, Set.of()));
    found.remove(except);
    return found;
  }
}
