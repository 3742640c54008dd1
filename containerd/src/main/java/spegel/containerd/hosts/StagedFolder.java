package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;

/**
 * A registry's folder as it shall be: its {@code hosts.toml}, and copies of the user's files.
 *
 * @param name its name under the registry config path
 * @param text the content of its file
 * @param permissions those of its file
 * @param entries the user's files that are copied beside it, a directory before its content
 * @param relocation where the user's files are found after that
 */
record StagedFolder(
    String name,
    String text,
    Set<PosixFilePermission> permissions,
    List<ExistingFolder.Entry> entries,
    Relocation relocation) {

  /** Writes the folder at another place, so that it can be put in place complete and at once. */
  void write(FileOperations files, OriginalFiles originals, Path folder) throws IOException {
    files.createDirectory(folder, Permissions.DIRECTORY);
    for (ExistingFolder.Entry entry : entries) {
      copy(files, originals, entry, folder.resolve(entry.relative()));
    }
    files.write(folder.resolve(HostsFile.NAME), text.getBytes(StandardCharsets.UTF_8), permissions);
    for (ExistingFolder.Entry entry : entries) {
      if (entry.attributes().isDirectory()) {
        files.sync(folder.resolve(entry.relative()));
      }
    }
    files.sync(folder);
  }

  private void copy(
      FileOperations files, OriginalFiles originals, ExistingFolder.Entry entry, Path copy)
      throws IOException {
    Path source = originals.now(entry.original());
    if (entry.attributes().isDirectory()) {
      files.createDirectory(copy, entry.attributes().permissions());
    } else if (entry.attributes().isSymbolicLink()) {
      files.createLink(copy, relocation.link(entry.relative(), files.readLink(source)));
    } else {
      byte[] content = files.read(source, ExistingFolder.MAX_FILE_BYTES);
      files.write(copy, content, entry.attributes().permissions());
    }
  }
}
