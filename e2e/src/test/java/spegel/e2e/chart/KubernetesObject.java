package spegel.e2e.chart;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An object of Kubernetes as a document has it.
 *
 * @param fields its fields, as maps, lists and scalars
 */
record KubernetesObject(Map<String, Object> fields) {
  KubernetesObject {
    Objects.requireNonNull(fields.get("kind"), "kind");
    Objects.requireNonNull(Yaml.map(fields.get("metadata")).get("name"), "metadata.name");
  }

  static List<KubernetesObject> parse(String yaml) {
    return Yaml.documents(yaml).stream().map(KubernetesObject::new).toList();
  }

  /** {@code Kind name}, by which it is told from the others. */
  String id() {
    return fields.get("kind") + " " + Yaml.map(fields.get("metadata")).get("name");
  }

  /** Whether Helm makes it only at another time than the installation. */
  boolean isHook() {
    return at("metadata", "annotations") instanceof Map<?, ?> annotations
        && annotations.containsKey("helm.sh/hook");
  }

  /** The value there, or null; an element of a list is named by its field {@code name}. */
  @Nullable Object at(String... path) {
    Object value = fields;
    for (String step : path) {
      value = value instanceof List<?> list ? named(list, step) : child(value, step);
    }
    return value;
  }

  private static @Nullable Object child(@Nullable Object value, String step) {
    return value instanceof Map<?, ?> map ? map.get(step) : null;
  }

  private static @Nullable Object named(List<?> list, String name) {
    return list.stream().filter(each -> name.equals(child(each, "name"))).findFirst().orElse(null);
  }

  List<String> texts(String... path) {
    return Yaml.texts(at(path));
  }

  /**
   * Every scalar by the path that leads to it. Elements of a list are named by their field {@code
   * name}, else by their place. Empty maps and lists are as good as none.
   */
  Map<String, String> flat() {
    Map<String, String> flat = new TreeMap<>();
    flatten("", fields, flat);
    return flat;
  }

  private static void flatten(String path, @Nullable Object value, Map<String, String> flat) {
    switch (value) {
      case Map<?, ?> map -> map.forEach((key, each) -> flatten(path + "." + key, each, flat));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          Object name = child(list.get(i), "name");
          String step = "[" + Objects.requireNonNullElse(name, i) + "]";
          if (flat.keySet().stream().anyMatch(known -> known.startsWith(path + step + "."))) {
            throw new AssertionError("twice the same name: " + path + step);
          }
          flatten(path + step, list.get(i), flat);
        }
      }
      case null, default -> flat.put(path.substring(1), String.valueOf(value));
    }
  }
}
