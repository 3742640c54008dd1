package spegel.oci;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which references this node advertises and serves: those of the mirrored registries that no filter
 * matches. Names are chosen by strangers, so the expressions are RE2's, which never backtrack.
 */
public final class ReferenceFilter {
  private static final Set<String> EVERY_REGISTRY = Set.of("*", "_default");

  /** Lets everything pass. */
  public static final ReferenceFilter NONE = new ReferenceFilter(Set.of(), List.of());

  private final Set<String> registries;
  private final List<Pattern> filters;

  private ReferenceFilter(Set<String> registries, List<Pattern> filters) {
    this.registries = Set.copyOf(registries);
    this.filters = List.copyOf(filters);
  }

  /**
   * A filter as it is configured.
   *
   * @param mirroredRegistries what may pass: URLs ({@code https://docker.io}) or hosts; when there
   *     are none, or one of them is {@code *} or {@code _default}, every registry
   * @param registryFilters what may not: regular expressions in RE2's syntax, found anywhere in
   *     {@code registry/repository[:tag]}
   * @throws OciFormatException when one of them is malformed; the message names it
   */
  public static ReferenceFilter of(List<String> mirroredRegistries, List<String> registryFilters) {
    Set<String> registries = HashSet.newHashSet(mirroredRegistries.size());
    boolean every = false;
    for (String registry : mirroredRegistries) {
      every |= EVERY_REGISTRY.contains(registry);
      if (!EVERY_REGISTRY.contains(registry)) {
        registries.add(host(registry));
      }
    }
    List<Pattern> filters = registryFilters.stream().map(ReferenceFilter::compile).toList();
    return new ReferenceFilter(every ? Set.of() : registries, filters);
  }

  private static String host(String registry) {
    int scheme = registry.indexOf("://");
    String host = registry;
    if (scheme >= 0) {
      String name = registry.substring(0, scheme);
      if (!name.equals("https") && !name.equals("http")) {
        throw new OciFormatException(
            "mirrored registry: neither http nor https: " + OciFormatException.quote(registry));
      }
      host = registry.substring(scheme + 3);
    }
    try {
      return RegistryHost.normalize(host);
    } catch (OciFormatException e) {
      throw new OciFormatException(
          "mirrored registry: not a host or scheme://host[:port]: "
              + OciFormatException.quote(registry));
    }
  }

  private static Pattern compile(String filter) {
    try {
      return Pattern.compile(filter);
    } catch (PatternSyntaxException e) {
      throw new OciFormatException(
          "registry filter: not a regular expression: %s: %s"
              .formatted(OciFormatException.quote(filter), e.getDescription()));
    }
  }

  /** Whether this reference may be advertised and served. */
  public boolean passes(Reference reference) {
    Repository repository = reference.repository();
    return reference.tag() == null
        ? passes(repository)
        : passes(repository.registry(), reference.taggedName());
  }

  /** Whether content of this repository, of no tag in particular, may be. */
  public boolean passes(Repository repository) {
    return passes(repository.registry(), repository.toString());
  }

  private boolean passes(String registry, String name) {
    if (!registries.isEmpty() && !registries.contains(registry)) {
      return false;
    }
    for (Pattern filter : filters) {
      if (filter.matcher(name).find()) {
        return false;
      }
    }
    return true;
  }
}
