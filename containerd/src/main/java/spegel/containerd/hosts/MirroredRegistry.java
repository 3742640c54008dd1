package spegel.containerd.hosts;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A registry that containerd asks mirrors for, or all that have no folder of their own. */
public sealed interface MirroredRegistry {

  /** The folder's name under the registry config path. */
  String folder();

  /** What containerd asks when no mirror has it, or none when it derives that from the image. */
  Optional<String> server();

  /** The folders that containerd would read for this registry, in its order of preference. */
  List<String> existingFolders();

  /**
   * The registry that a text names: an address, or {@code *} or {@code _default} for all.
   *
   * @throws RegistryFormatException when it is neither
   */
  static MirroredRegistry parse(String text) {
    return text.equals("*") || text.equals(All.FOLDER)
        ? new All()
        : new Named(RegistryUrl.parse(text));
  }

  /** One registry, by its address. */
  record Named(RegistryUrl url) implements MirroredRegistry {
    private static final String DOCKER_HUB = "https://docker.io";

    /** Docker Hub's API has another host than its images' names. */
    private static final String DOCKER_HUB_SERVER = "https://registry-1.docker.io";

    @Override
    public String folder() {
      return url.authority();
    }

    @Override
    public Optional<String> server() {
      String server = url.toString();
      return Optional.of(server.equals(DOCKER_HUB) ? DOCKER_HUB_SERVER : server);
    }

    /** As containerd's HostDirFromRoot: {@code host_port_} is another form of {@code host:port}. */
    @Override
    public List<String> existingFolders() {
      List<String> folders = new ArrayList<>();
      int colon = folder().lastIndexOf(':');
      if (colon > 0) {
        folders.add(folder().substring(0, colon) + "_" + folder().substring(colon + 1) + "_");
      }
      folders.add(folder());
      folders.add(All.FOLDER);
      return List.copyOf(folders);
    }
  }

  /** All registries that have no folder of their own. */
  record All() implements MirroredRegistry {
    static final String FOLDER = "_default";

    @Override
    public String folder() {
      return FOLDER;
    }

    @Override
    public Optional<String> server() {
      return Optional.empty();
    }

    @Override
    public List<String> existingFolders() {
      return List.of(FOLDER);
    }
  }
}
