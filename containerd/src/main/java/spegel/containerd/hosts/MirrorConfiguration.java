package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirror configuration of a containerd under its registry config path, {@code
 * /etc/containerd/certs.d} by default.
 *
 * <p>containerd reads it at each pull, so a folder appears complete or not at all. Both commands
 * may be run again whenever, also after the process died at any point: the user's files are told
 * from ours by the states of {@link BackupFolder}. Two must not run at the same time.
 */
public final class MirrorConfiguration {
  private static final Logger log = LoggerFactory.getLogger(MirrorConfiguration.class);

  private final FileOperations files;
  private final Path configPath;
  private final BackupFolder backup;
  private final OwnFolders own;

  /**
   * The configuration under a path, which is created when something is written.
   *
   * @param configPath the registry config path, of which links are followed
   */
  public MirrorConfiguration(Path configPath) {
    this(new DiskFiles(), configPath);
  }

  MirrorConfiguration(FileOperations files, Path configPath) {
    this.files = files;
    this.configPath = real(configPath.toAbsolutePath().normalize());
    this.backup = new BackupFolder(files, this.configPath);
    this.own = new OwnFolders(files, this.configPath, backup);
  }

  /**
   * Moves what the user has aside, if that is not done yet, and puts ours in the place of all that
   * is left. Nothing is changed when the user's files that are to be kept are malformed.
   *
   * @throws MirrorConfigurationException when a file is malformed, cannot be read or written
   */
  public void write(MirrorOptions options) {
    try {
      boolean created = isCreated();
      List<StagedFolder> folders = stage(options);
      if (!created) {
        createConfigPath(configPath);
      }
      backup.moveAside();
      own.replace(folders);
    } catch (IOException e) {
      throw failed("written", e);
    }
    for (MirroredRegistry registry : options.registries()) {
      log.atInfo()
          .addKeyValue("registry", registry.server().orElse(registry.folder()))
          .addKeyValue("path", configPath.resolve(registry.folder()).resolve(HostsFile.NAME))
          .log("added containerd mirror configuration");
    }
  }

  /**
   * Puts back what the user had.
   *
   * @return false when nothing had been moved aside: then nothing is changed
   * @throws MirrorConfigurationException when a file cannot be read, moved or deleted
   */
  public boolean cleanup() {
    try {
      if (!isCreated()) {
        return false;
      }
      BackupFolder.State state = backup.state();
      if (state == BackupFolder.State.PLAIN) {
        return false;
      }
      if (state == BackupFolder.State.SAVED) {
        own.clear();
      }
      backup.restore();
      log.atInfo().addKeyValue("path", configPath).log("restored containerd mirror configuration");
      return true;
    } catch (IOException e) {
      throw failed("restored", e);
    }
  }

  /** Reads all that is needed of the user's files, and decides what is written. */
  private List<StagedFolder> stage(MirrorOptions options) throws IOException {
    OriginalFiles originals = new OriginalFiles(files, configPath, backup.locations());
    List<StagedFolder> folders = new ArrayList<>();
    for (MirroredRegistry registry : options.registries()) {
      Optional<ExistingFolder> existing =
          options.prependExisting()
              ? ExistingFolder.find(originals, files, configPath, registry)
              : Optional.empty();
      folders.add(
          existing.isPresent()
              ? prepended(options, registry, existing.get())
              : alone(options, registry, originals));
    }
    return folders;
  }

  private StagedFolder alone(
      MirrorOptions options, MirroredRegistry registry, OriginalFiles originals)
      throws IOException {
    Path folder = configPath.resolve(registry.folder());
    Set<PosixFilePermission> permissions = Permissions.FILE;
    if (originals.attributes(folder).filter(PosixFileAttributes::isDirectory).isPresent()) {
      permissions =
          originals
              .attributes(folder.resolve(HostsFile.NAME))
              .filter(PosixFileAttributes::isRegularFile)
              .map(PosixFileAttributes::permissions)
              .orElse(Permissions.FILE);
    }
    String text = new MirrorHosts(options).text(registry);
    return new StagedFolder(
        registry.folder(),
        text,
        restricted(options, permissions),
        List.of(),
        relocation(folder, folder));
  }

  private StagedFolder prepended(
      MirrorOptions options, MirroredRegistry registry, ExistingFolder existing) {
    Path folder = configPath.resolve(registry.folder());
    Relocation relocation = relocation(existing.path(), folder);
    HostsFile hosts = existing.hosts().relocated(relocation::key);
    String text = new MirrorHosts(options).text(registry, hosts);
    return new StagedFolder(
        registry.folder(),
        text,
        restricted(options, existing.permissions()),
        existing.entries(),
        relocation);
  }

  private Relocation relocation(Path original, Path copy) {
    return new Relocation(configPath, backup.saved(), original, copy);
  }

  /** A file with a password in it is for its owner alone. */
  private static Set<PosixFilePermission> restricted(
      MirrorOptions options, Set<PosixFilePermission> permissions) {
    return options.credentials() == null ? permissions : Permissions.ofOwner(permissions);
  }

  private boolean isCreated() throws IOException {
    Optional<PosixFileAttributes> attributes = files.attributes(configPath);
    if (attributes.isPresent() && !attributes.get().isDirectory()) {
      throw new NotDirectoryException(configPath.toString());
    }
    return attributes.isPresent();
  }

  private void createConfigPath(Path directory) throws IOException {
    if (files.attributes(directory).isPresent()) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createConfigPath(parent);
      files.createDirectory(directory, Permissions.DIRECTORY);
      files.sync(parent);
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (NoSuchFileException e) {
      return path;
    } catch (IOException e) {
      throw new MirrorConfigurationException(path + " cannot be read: " + reason(e), e);
    }
  }

  private MirrorConfigurationException failed(String done, IOException e) {
    return new MirrorConfigurationException(
        "The mirror configuration under " + configPath + " cannot be " + done + ": " + reason(e),
        e);
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
