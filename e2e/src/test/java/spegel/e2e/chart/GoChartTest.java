package spegel.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values for the Go program's charts make the same objects of ours. */
class GoChartTest {
  /** What differs on purpose; docs/adr says why. */
  private static final Set<String> DIFFERENCES =
      Set.of(
          // The JVM: no limit of Go's runtime, and a place for its recordings.
          "DaemonSet full: spec.template.spec.containers[registry].env[GOMEMLIMIT]",
          "DaemonSet full: spec.template.spec.containers[registry].volumeMounts[tmp]",
          "DaemonSet full: spec.template.spec.volumes[tmp]",
          // Cleaning up happens where Spegel ran, and as it ran.
          "DaemonSet full-cleanup: spec.template.spec.affinity",
          "DaemonSet full-cleanup: spec.template.spec.nodeSelector",
          "DaemonSet full-cleanup: spec.template.spec.containers[cleanup].securityContext",
          "Pod full-cleanup-wait: spec.affinity",
          "Pod full-cleanup-wait: spec.imagePullSecrets",
          "Pod full-cleanup-wait: spec.nodeSelector",
          "Pod full-cleanup-wait: spec.tolerations",
          "Pod full-cleanup-wait: spec.containers[cleanup-wait].securityContext");

  /** Each chart's own: its version, and its dashboard. */
  private static final Set<String> OWN =
      Set.of(
          ".helm.sh/chart",
          ".app.kubernetes.io/version",
          "ConfigMap full-dashboard: data.spegel.json",
          "GrafanaDashboard full-dashboard: spec.json");

  private static final Map<String, Object> VALUES_OF_OURS_ALONE =
      Yaml.documents(
              """
              spegel: {verifyBlobs: always}
              prometheusRule: {enabled: true, labels: {release: prometheus}}
              """)
          .getFirst();

  @ParameterizedTest
  @EnumSource
  void sameValues_makeTheSameObjects_fieldByField(GoChartValues chart) {
    Map<String, String> theirs = fields(chart.objects());
    Map<String, String> ours = fields(KubernetesObject.parse(GoChartValues.render(chart.input())));
    Set<String> differences = new TreeSet<>();
    for (String field : union(theirs.keySet(), ours.keySet())) {
      String difference = "%s: %s, not %s".formatted(field, ours.get(field), theirs.get(field));
      if (!Objects.equals(ours.get(field), theirs.get(field))) {
        differences.add(explanation(field).orElse(difference));
      }
    }
    assertEquals(new TreeSet<>(DIFFERENCES), differences);
  }

  private static Optional<String> explanation(String field) {
    return DIFFERENCES.stream()
        .filter(known -> field.startsWith(known + ".") || field.startsWith(known + "["))
        .findFirst();
  }

  private static Map<String, String> fields(List<KubernetesObject> objects) {
    Map<String, String> fields = new HashMap<>();
    for (KubernetesObject object : objects) {
      object.flat().forEach((path, value) -> fields.put(object.id() + ": " + path, value));
    }
    fields.keySet().removeIf(field -> OWN.stream().anyMatch(field::endsWith));
    return fields;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> union = new TreeSet<>(some);
    union.addAll(others);
    return union;
  }

  /** Every key, so that the comparison above leaves none out. */
  @Test
  void everyKey_isAKeyOfTheGoProgramsCharts_orOursAlone() {
    Set<String> set = new HashSet<>();
    for (ChartValues.Key key : ChartValues.keys()) {
      if (inputs().anyMatch(values -> ChartValues.has(values, key.path()))) {
        set.add(key.name());
      }
    }
    assertEquals(
        ChartValues.keys().stream().map(ChartValues.Key::name).collect(Collectors.toSet()), set);
  }

  private static Stream<Map<String, Object>> inputs() {
    return Stream.concat(
        Stream.of(GoChartValues.values()).map(GoChartValues::input),
        Stream.of(VALUES_OF_OURS_ALONE));
  }

  /** A key that changes nothing would be one that the templates have forgotten. */
  @Test
  void everyKey_changesWhatIsRendered_toWhatIsValid() {
    Queue<String> rendered = new ConcurrentLinkedQueue<>();
    Set<String> effective = ConcurrentHashMap.newKeySet();
    inputs()
        .parallel()
        .forEach(
            values -> {
              String before = GoChartValues.render(values);
              rendered.add(before);
              for (ChartValues.Key key : ChartValues.keys()) {
                if (ChartValues.has(values, key.path())) {
                  String after = GoChartValues.render(GoChartValues.without(values, key.path()));
                  rendered.add(after);
                  if (!after.equals(before)) {
                    effective.add(key.name());
                  }
                }
              }
            });
    assertEquals(
        List.of(),
        ChartValues.keys().stream()
            .map(ChartValues.Key::name)
            .filter(name -> !effective.contains(name))
            .toList());
    ManifestCheck.check(String.join("\n---\n", rendered));
  }
}
