package spegel.e2e.kubernetes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.RunFolder;

/** The image and the chart as a release has them, built from these sources. */
final class SpegelRelease {
  private static final Duration BUILT_WITHIN = Duration.ofMinutes(8);
  private static final String REPOSITORY = "spegel-jvm/spegel";

  private final UpstreamRegistries registries;
  private final Path folder = RunFolder.current().newFolder("release");
  private final String version = Helm.version();
  private final String repository;

  private SpegelRelease(UpstreamRegistries registries) {
    this.registries = registries;
    pushImage();
    repository = Helm.publish(registries.registry());
  }

  /** Builds both and pushes them where the cluster finds the image by the name in the chart. */
  static SpegelRelease publish(UpstreamRegistries registries) {
    return new SpegelRelease(registries);
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

  /** The chart where a user installs it from. */
  String chart() {
    return repository + "/spegel";
  }

  String version() {
    return version;
  }
}
