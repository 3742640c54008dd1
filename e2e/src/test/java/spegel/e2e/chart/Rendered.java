package spegel.e2e.chart;

import java.util.ArrayList;
import java.util.List;
import spegel.e2e.harness.Helm;

/**
 * What was rendered.
 *
 * @param objects in their order
 */
record Rendered(List<KubernetesObject> objects) {
  Rendered {
    objects = List.copyOf(objects);
  }

  /** What an installation as {@code spegel} into the namespace {@code spegel} makes. */
  static Rendered of(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("template", "spegel", Helm.CHART, "--namespace", "spegel"));
    arguments.addAll(List.of(more));
    return new Rendered(
        KubernetesObject.parse(Helm.run(arguments.toArray(String[]::new)).orFail().output()));
  }

  KubernetesObject one(String id) {
    List<KubernetesObject> found =
        objects.stream().filter(object -> object.id().equals(id)).toList();
    if (found.size() != 1) {
      throw new AssertionError("%d of %s in %s".formatted(found.size(), id, ids()));
    }
    return found.getFirst();
  }

  boolean has(String id) {
    return ids().contains(id);
  }

  List<String> ids() {
    return objects.stream().map(KubernetesObject::id).toList();
  }
}
