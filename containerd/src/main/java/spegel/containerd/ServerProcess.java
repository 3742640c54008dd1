package spegel.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a containerd process has its configuration, as far as it can be seen from here: only with
 * processes in common, so on the node itself or in a Pod with hostPID.
 *
 * @param proc the file system of processes, {@code /proc}
 */
record ServerProcess(Path proc) {
  private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);

  private static final int MAX_COMMAND_LINE_BYTES = 64 * 1024;

  /**
   * The file that the process was started with; empty when the process cannot be seen, or names
   * none.
   *
   * @param pid as the process sees itself; 0 when unknown
   * @param pidNamespace the process's; another than ours means that its pid is another's here
   */
  Optional<Path> configFile(long pid, long pidNamespace) {
    try {
      Path ours = Files.readSymbolicLink(proc.resolve("self/ns/pid"));
      if (pid <= 0 || !ours.toString().equals("pid:[" + pidNamespace + "]")) {
        return Optional.empty();
      }
      Path process = proc.resolve(Long.toString(pid));
      try (var input = Files.newInputStream(process.resolve("cmdline"))) {
        byte[] bytes = input.readNBytes(MAX_COMMAND_LINE_BYTES);
        List<String> arguments = List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
        Optional<String> file = configArgument(arguments);
        return file.isEmpty()
            ? Optional.empty()
            : Optional.of(Files.readSymbolicLink(process.resolve("cwd")).resolve(file.get()));
      }
    } catch (IOException e) {
      log.atDebug()
          .addKeyValue("pid", pid)
          .addKeyValue("reason", e.getMessage())
          .log("containerd process not seen");
      return Optional.empty();
    }
  }

  private static Optional<String> configArgument(List<String> arguments) {
    for (int i = 1; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      boolean named = argument.matches("--?(c|config)");
      if (named && i + 1 < arguments.size()) {
        return Optional.of(arguments.get(i + 1));
      }
      if (argument.matches("--?(c|config)=.+")) {
        return Optional.of(argument.substring(argument.indexOf('=') + 1));
      }
    }
    return Optional.empty();
  }
}
