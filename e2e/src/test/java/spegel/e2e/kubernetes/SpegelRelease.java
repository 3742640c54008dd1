package spegel.e2e.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.RunFolder;

/** The image and the chart as a release has them, built from these sources. */
final class SpegelRelease {
  private static final Duration BUILT_WITHIN = Duration.ofMinutes(8);
  private static final String REPOSITORY = "spegel-jvm/spegel";

  private final UpstreamRegistries registries;
  private final Path folder = RunFolder.current().newFolder("release");
  private final String version = chartVersion();

  private SpegelRelease(UpstreamRegistries registries) {
    this.registries = registries;
  }

  /** Builds both and pushes them where the cluster finds the image by the name in the chart. */
  static SpegelRelease publish(UpstreamRegistries registries) {
    SpegelRelease release = new SpegelRelease(registries);
    release.pushImage();
    release.pushChart();
    return release;
  }

  private void pushImage() {
    Command.run(
            BUILT_WITHIN,
            List.of(Repository.file("deploy/image/build"), "--output", folder.toString()))
        .orFail();
    Command.run(
            "skopeo",
            "copy",
            "--dest-tls-verify=false",
            "oci:" + folder.resolve("oci"),
            "docker://" + registries.authority() + "/" + REPOSITORY + ":" + version)
        .orFail();
  }

  private void pushChart() {
    String helm = ControlPlane.program("helm");
    Command.run(
            helm, "package", Repository.file("charts/spegel"), "--destination", folder.toString())
        .orFail();
    Command.run(
            helm,
            "push",
            folder.resolve("spegel-" + version + ".tgz").toString(),
            "oci://" + registries.authority() + "/charts",
            "--plain-http")
        .orFail();
  }

  /** The chart where a user installs it from. */
  String chart() {
    return "oci://" + registries.authority() + "/charts/spegel";
  }

  String version() {
    return version;
  }

  private static String chartVersion() {
    try {
      return Files.readAllLines(Path.of(Repository.file("charts/spegel/Chart.yaml"))).stream()
          .filter(line -> line.startsWith("version: "))
          .map(line -> line.substring("version: ".length()))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
