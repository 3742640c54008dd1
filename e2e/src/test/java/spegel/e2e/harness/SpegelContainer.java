package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A container of the image, by runc and as the chart has it: the root read-only, a limit of memory,
 * and the mounts that it names; and without the capabilities that a Pod has. What runs in it is
 * given to {@link #command}.
 */
public final class SpegelContainer implements AutoCloseable {
  private static final Path RUNC = RunFolder.current().newFolder("runc");
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final String id = ControlGroups.name("container" + COUNTER.incrementAndGet());
  private final Path bundle = RunFolder.current().newFolder("bundle");
  private final Path root;
  private final NetworkNamespace network;
  private final List<String> mounts = new ArrayList<>();
  private final List<String> environment =
      new ArrayList<>(List.of("PATH=/usr/bin", "DATA_DIR=/var/lib/spegel"));
  private int limitMib = 128;

  /** One on this root file system, in the network. */
  public SpegelContainer(Path root, NetworkNamespace network) {
    this.root = root;
    this.network = network;
    bind(RunFolder.current().newFolder("tmp"), "/tmp", "rw");
    bind(RunFolder.current().newFolder("data"), "/var/lib/spegel", "rw");
  }

  /** Mounts the file or folder where it is outside, too, to be read. */
  public SpegelContainer mount(Path path) {
    bind(path, path.toString(), "ro");
    return this;
  }

  /** Mounts the folder where it is outside, too, to be written to. */
  public SpegelContainer mountWritable(Path folder) {
    bind(folder, folder.toString(), "rw");
    return this;
  }

  /** Mounts the socket and the content of the containerd. */
  public SpegelContainer mount(Containerd containerd) {
    return mount(containerd.socket()).mount(containerd.contentPath());
  }

  /** Limits its memory to so many MiB, and not to 128. */
  public SpegelContainer limitMib(int mib) {
    limitMib = mib;
    return this;
  }

  /** Adds a variable, {@code NAME=value}, to the environment. */
  public SpegelContainer environment(String variable) {
    environment.add(variable);
    return this;
  }

  private void bind(Path source, String destination, String mode) {
    mounts.add(
        mountOf(destination, "bind", source.toString(), "\"rbind\",\"rprivate\",\"" + mode + "\""));
  }

  /**
   * The command that runs the program of the image in it, with the arguments of this command, which
   * is the program elsewhere. It ends as the program does.
   */
  public List<String> command(List<String> program) {
    List<String> arguments = new ArrayList<>(List.of("/usr/bin/spegel"));
    arguments.addAll(program.subList(1, program.size()));
    return commandOf(arguments);
  }

  /** The command that runs a program of the image in it. */
  public List<String> commandOf(List<String> arguments) {
    TextFile.write(bundle.resolve("config.json"), configuration(arguments));
    return runc("run", "--bundle", bundle.toString(), "--pid-file", pidFile().toString(), id);
  }

  /** Runs the program of the image in it, beside what runs there. */
  public Command.Outcome exec(String... arguments) {
    List<String> command = runc("exec", id, "/usr/bin/spegel");
    command.addAll(List.of(arguments));
    return Command.run(command);
  }

  /** The process id, outside, of what was started in it. */
  public long pid() {
    try {
      return Long.parseLong(Files.readString(pidFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many of its processes the kernel has killed for want of memory. */
  public long memoryKills() {
    return ControlGroups.memoryKills(id);
  }

  private Path pidFile() {
    return bundle.resolve("pid");
  }

  private static List<String> runc(String... arguments) {
    List<String> command = new ArrayList<>(List.of("runc", "--root", RUNC.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** OCI runtime specification 1.0, config.md and config-linux.md. */
  private String configuration(List<String> arguments) {
    List<String> all = new ArrayList<>();
    all.add(mountOf("/proc", "proc", "proc", ""));
    all.add(mountOf("/dev", "tmpfs", "tmpfs", "\"nosuid\",\"mode=755\",\"size=65536k\""));
    all.add(mountOf("/sys", "sysfs", "sysfs", "\"nosuid\",\"noexec\",\"nodev\",\"ro\""));
    all.add(
        mountOf("/sys/fs/cgroup", "cgroup", "cgroup", "\"nosuid\",\"noexec\",\"nodev\",\"ro\""));
    all.addAll(mounts);
    return """
    {"ociVersion": "1.0.2",
     "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": [%s], "env": [%s],
      "capabilities": {}, "noNewPrivileges": true},
     "root": {"path": "%s", "readonly": true},
     "mounts": [%s],
     "linux": {"cgroupsPath": "/%s", "resources": {"memory": {"limit": %d}},
      "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
       {"type": "network", "path": "%s"}%s]}}
    """
        .formatted(
            quoted(arguments),
            quoted(environment),
            root,
            String.join(",\n  ", all),
            id,
            (long) limitMib << 20,
            network.file(),
            ControlGroups.unified() ? ", {\"type\": \"cgroup\"}" : "");
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(","));
  }

  private static String mountOf(String destination, String type, String source, String options) {
    return "{\"destination\":\"%s\",\"type\":\"%s\",\"source\":\"%s\",\"options\":[%s]}"
        .formatted(destination, type, source, options);
  }

  /** Ends what still runs in it. */
  @Override
  public void close() {
    RunFolder.runQuietly(runc("delete", "--force", id).toArray(String[]::new));
    ControlGroups.remove(id);
  }
}
