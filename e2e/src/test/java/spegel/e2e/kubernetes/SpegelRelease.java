package spegel.e2e.kubernetes;

import spegel.e2e.harness.Command;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.SpegelImage;

/** The image and the chart as a release has them, built from these sources. */
final class SpegelRelease {
  private static final String REPOSITORY = "spegel-jvm/spegel";

  private final UpstreamRegistries registries;
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
            "skopeo",
            "copy",
            "--dest-tls-verify=false",
            "oci:" + SpegelImage.shared().layout(),
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
