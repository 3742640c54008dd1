package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Debian's Chromium without a screen, in a profile of its own, driven by its DevTools protocol. */
public final class Browser implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  private final ChildProcess process;
  private final HttpClient client;
  private final DevTools tools;

  private Browser(ChildProcess process, HttpClient client, DevTools tools) {
    this.process = process;
    this.client = client;
    this.tools = tools;
  }

  /** Starts it and waits until it can be driven. */
  public static Browser start() {
    Path folder = RunFolder.current().newFolder("browser");
    Path profile = folder.resolve("profile");
    ChildProcess process =
        ChildProcess.start(
            "chromium",
            folder.resolve("log"),
            Map.of("HOME", folder.toString()),
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile));
    try {
      URI tools =
          Await.value(
              "Chromium can be driven",
              READY_WITHIN,
              () -> address(process, profile.resolve("DevToolsActivePort")));
      HttpClient client = HttpClient.newHttpClient();
      return new Browser(process, client, DevTools.connect(client, tools));
    } catch (RuntimeException | Error e) {
      process.close();
      throw e;
    }
  }

  /** The file has the port and, once it is whole, the path. */
  private static Optional<URI> address(ChildProcess process, Path file) {
    if (!process.alive()) {
      throw new AssertionError("Chromium ended: " + process.tail(4 << 10));
    }
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      return lines.size() < 2
          ? Optional.empty()
          : Optional.of(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new tab of this size that shows nothing yet. */
  public BrowserPage page(int width, int height) {
    Map<?, ?> target = tools.call("", "Target.createTarget", Map.of("url", "about:blank"));
    Map<?, ?> attached =
        tools.call(
            "",
            "Target.attachToTarget",
            Map.of("targetId", String.valueOf(target.get("targetId")), "flatten", true));
    return new BrowserPage(tools, String.valueOf(attached.get("sessionId")), width, height);
  }

  @Override
  public void close() {
    tools.close();
    process.close();
    client.close();
  }
}
