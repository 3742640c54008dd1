package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import spegel.oci.Repository;

class SourceLabelsTest {
  private static final String PREFIX = SourceLabels.PREFIX;

  private final SourceLabels labels = new SourceLabels();

  @Test
  void sources_areAllThatAreNamed() {
    assertEquals(
        Set.of(
            new Repository("docker.io", "library/nginx"),
            new Repository("docker.io", "library/alpine"),
            new Repository("ghcr.io", "a/b")),
        labels.sources(
            Map.of(
                PREFIX + "docker.io",
                "library/nginx,library/alpine",
                PREFIX + "ghcr.io",
                "a/b",
                "containerd.io/gc.ref.content.l.0",
                "sha256:00")));
  }

  @Test
  void sources_leaveOutWhatIsMalformed() {
    assertEquals(
        Set.of(new Repository("r.io", "good")),
        labels.sources(
            Map.of(
                PREFIX + "r.io",
                "good,,../bad,BAD,good/../../x,a\nb",
                PREFIX,
                "a",
                PREFIX + "not a host",
                "a")));
  }

  @Test
  void sources_areBounded() {
    String many = "a,".repeat(100_000) + "b";

    assertEquals(1, labels.sources(Map.of(PREFIX + "r.io", many)).size());
    StringBuilder distinct = new StringBuilder("x");
    for (int i = 0; i < 10_000; i++) {
      distinct.append(",x").append(i);
    }
    assertEquals(
        SourceLabels.MAX_SOURCES,
        labels.sources(Map.of(PREFIX + "r.io", distinct.toString())).size());
  }

  @Test
  void sources_haveThePort_whenAnImageIsNamedWithIt() {
    Map<String, String> label = Map.of(PREFIX + "reg.local", "team/app");
    assertEquals(Set.of(new Repository("reg.local", "team/app")), labels.sources(label));

    labels.note(new Repository("reg.local:5000", "other"));
    labels.note(new Repository("docker.io", "library/nginx"));

    assertEquals(Set.of(new Repository("reg.local:5000", "team/app")), labels.sources(label));
    assertEquals(
        Set.of(new Repository("docker.io", "x")),
        labels.sources(Map.of(PREFIX + "docker.io", "x")));
  }

  @Test
  void note_isBounded() {
    for (int i = 0; i < SourceLabels.MAX_HOSTS + 10; i++) {
      labels.note(new Repository("r" + i + ".local:5000", "a"));
    }
    for (int port = 1; port < 100; port++) {
      labels.note(new Repository("r0.local:" + port, "a"));
    }

    assertEquals(
        SourceLabels.MAX_PORTS_OF_HOST, labels.sources(Map.of(PREFIX + "r0.local", "a")).size());
    String last = "r" + (SourceLabels.MAX_HOSTS + 5) + ".local";
    assertEquals(Set.of(new Repository(last, "a")), labels.sources(Map.of(PREFIX + last, "a")));
  }
}
