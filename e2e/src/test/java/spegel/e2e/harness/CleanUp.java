package spegel.e2e.harness;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The command that takes the mirror configuration back: it stays after it is done, to be counted,
 * until it is told to end.
 */
public final class CleanUp implements AutoCloseable {
  private final ChildProcess process;
  private final RegistryClient client;

  private CleanUp(ChildProcess process, RegistryClient client) {
    this.process = process;
    this.client = client;
  }

  /** Starts it on the folder. */
  public static CleanUp start(Path configPath) {
    String address = "127.0.0.1:" + FreePort.next();
    ChildProcess process =
        ChildProcess.start(
            "spegel cleanup",
            RunFolder.current().newFolder("cleanup").resolve("log"),
            Map.of(),
            Spegel.command(
                List.of(
                    "cleanup",
                    "--addr",
                    address,
                    "--containerd-registry-config-path",
                    configPath.toString())));
    return new CleanUp(process, new RegistryClient(URI.create("http://" + address)));
  }

  /** {@code host:port} of its probe. */
  public String authority() {
    return client.base().getAuthority();
  }

  /** Waits until it says that it is done. */
  public void awaitDone() {
    Await.until(
        "the clean-up is done", Duration.ofSeconds(15), () -> process.answers(client, "/readyz"));
  }

  /** Tells it to end, and returns its exit code. */
  public int terminate() {
    process.terminate();
    return process.awaitExit(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    process.close();
  }
}
