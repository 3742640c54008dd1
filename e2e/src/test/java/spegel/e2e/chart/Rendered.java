package spegel.e2e.chart;

import java.util.List;

/**
 * What was rendered.
 *
 * @param objects in their order
 */
record Rendered(List<KubernetesObject> objects) {
  Rendered {
    objects = List.copyOf(objects);
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
