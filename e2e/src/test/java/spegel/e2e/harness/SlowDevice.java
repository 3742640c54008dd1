package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system on a block device of its own, from which one control group reads slowly: a loop
 * device and the kernel's block throttle. Everybody else reads at full speed.
 */
public final class SlowDevice implements AutoCloseable {
  private static final Path BLKIO = Path.of("/sys/fs/cgroup/blkio");
  private static final String CGROUP_PREFIX = "spegel-e2e-";

  private final Path mountPoint;
  private final Path cgroup;

  private SlowDevice(Path mountPoint, Path cgroup) {
    this.mountPoint = mountPoint;
    this.cgroup = cgroup;
  }

  /** A new device of so many bytes. */
  public static SlowDevice create(long sizeBytes, long readBytesPerSecond) {
    if (!Files.isDirectory(BLKIO)) {
      throw new AssertionError("no block throttle here: " + BLKIO + " is missing");
    }
    Path folder = RunFolder.current().newFolder("slow-device");
    Path image = folder.resolve("image");
    Path mountPoint = folder.resolve("mount");
    Path cgroup = BLKIO.resolve(CGROUP_PREFIX + RunFolder.runId());
    try {
      Files.createDirectory(mountPoint);
      Command.run("truncate", "-s", Long.toString(sizeBytes), image.toString()).orFail();
      Command.run("mkfs.ext4", "-q", "-O", "^has_journal", image.toString()).orFail();
      String device =
          Command.run("losetup", "-f", "--show", image.toString()).orFail().lines().getFirst();
      Command.run("mount", "-o", "noatime", device, mountPoint.toString()).orFail();
      // Detached by itself with the last unmount.
      Command.run("losetup", "-d", device).orFail();
      Path number = Path.of("/sys/block", Path.of(device).getFileName().toString(), "dev");
      Files.createDirectory(cgroup);
      Files.writeString(
          cgroup.resolve("blkio.throttle.read_bps_device"),
          Files.readString(number).strip() + " " + readBytesPerSecond,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SlowDevice(mountPoint, cgroup);
  }

  /** The folder that lies on the device. */
  public Path folder() {
    return mountPoint;
  }

  /** The command, to be run with slow reads. The process id stays that of the command. */
  public List<String> wrap(List<String> command) {
    String join = "echo $$ > '" + cgroup.resolve("cgroup.procs") + "' && exec \"$@\"";
    List<String> wrapped = new ArrayList<>(List.of("sh", "-c", join, "sh"));
    wrapped.addAll(command);
    return wrapped;
  }

  /** Makes the next reads come from the device and not from the page cache. */
  public void dropCache() {
    Command.run("sync").orFail();
    try {
      Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1", StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Command.run("umount", mountPoint.toString()).orFail();
    removeCgroups(RunFolder.runId());
  }

  /** Removes what a run has left. */
  static void removeCgroups(long runId) {
    if (!Files.isDirectory(BLKIO)) {
      return;
    }
    try (DirectoryStream<Path> cgroups =
        Files.newDirectoryStream(BLKIO, CGROUP_PREFIX + runId + "*")) {
      for (Path cgroup : cgroups) {
        RunFolder.runQuietly("rmdir", cgroup.toString());
      }
    } catch (IOException e) {
      System.err.println("cannot list " + BLKIO + ": " + e);
    }
  }
}
