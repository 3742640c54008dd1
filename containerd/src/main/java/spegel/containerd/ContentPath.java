package spegel.containerd;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import spegel.oci.Digest;
import spegel.store.StoreException;

/**
 * The content directory of one containerd, as configured or as containerd tells. A configured one
 * need not have the name that containerd has for it, because a container sees it under a mount
 * point; what counts is that containerd's content is found there.
 */
final class ContentPath {
  private final ContentDirectory directory;
  private final @Nullable Path exported;
  private final Path socket;

  private ContentPath(ContentDirectory directory, @Nullable Path exported, Path socket) {
    this.directory = directory;
    this.exported = exported;
    this.socket = socket;
  }

  /**
   * Asks containerd where its content is, and decides where to read it.
   *
   * @throws WrongContentPathException when it is no directory
   */
  static ContentPath of(ContainerdOptions options, ContainerdClient client) {
    Optional<Path> exported = client.exportedContentPath();
    Path path = options.contentPath() == null ? exported.orElse(null) : options.contentPath();
    if (path == null) {
      throw new StoreException(
          "the containerd at "
              + options.socket()
              + " does not tell where its content is: set --containerd-content-path");
    }
    ContentPath contentPath =
        new ContentPath(new ContentDirectory(path), exported.orElse(null), options.socket());
    if (!Files.isDirectory(path)) {
      throw contentPath.wrong("is not a directory that this process can see");
    }
    if (!Files.isReadable(path) || !Files.isExecutable(path)) {
      throw contentPath.wrong("may not be read by this process's user");
    }
    return contentPath;
  }

  ContentDirectory directory() {
    return directory;
  }

  /**
   * Refuses a directory that has none of the content that containerd lists, or less of it than the
   * directory that containerd itself names; when it lists nothing, one that is not what containerd
   * names, or does not look like it.
   *
   * @throws WrongContentPathException when that is so
   */
  void check(ContainerdListing listing) {
    Optional<Digest> missing = listing.missing();
    if (missing.isEmpty()) {
      if (!listing.anyPresent() && (isElsewhere() || !isContentStore())) {
        throw wrong("is not the content directory of this containerd");
      }
      return;
    }
    if (!listing.anyPresent()) {
      throw wrong("has none of the content that containerd lists");
    }
    if (exported != null && new ContentDirectory(exported).size(missing.get()).isPresent()) {
      // Two containerds of one node that have some image in common.
      throw wrong("lacks content that containerd lists");
    }
  }

  /** Whether containerd's own name for the directory means another one here. */
  private boolean isElsewhere() {
    try {
      return exported != null
          && Files.isDirectory(exported)
          && !Files.isSameFile(exported, directory.path());
    } catch (IOException e) {
      throw new StoreException("content path cannot be compared: " + e.getMessage(), e);
    }
  }

  /**
   * containerd 1 creates the folder "ingest" before it serves, version 2 with the first content:
   * until then its directory is empty.
   */
  private boolean isContentStore() {
    if (Files.isDirectory(directory.path().resolve("ingest"))) {
      return true;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path())) {
      return !entries.iterator().hasNext();
    } catch (IOException e) {
      throw new StoreException("content path cannot be listed: " + e.getMessage(), e);
    }
  }

  private WrongContentPathException wrong(String what) {
    Path path = directory.path();
    String problem =
        "containerd content path " + path + " " + what + " (containerd at " + socket + ")";
    return new WrongContentPathException(
        new Finding(Finding.Severity.ERROR, problem, advice(path), ""));
  }

  private String advice(Path path) {
    if (exported == null) {
      return "set --containerd-content-path to the content directory of this containerd";
    }
    return exported.equals(path)
        ? "this containerd's content is at " + exported + ": mount it into this container"
        : "this containerd's content is at "
            + exported
            + ": set --containerd-content-path to it, or to where it is mounted";
  }
}
