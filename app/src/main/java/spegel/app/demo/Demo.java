package spegel.app.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import spegel.app.command.CommandFailedException;
import spegel.app.command.DemoConfiguration;
import spegel.app.demo.PullResult.Source;
import spegel.app.demo.Screen.Style;

/** One run of the command {@code demo}. */
public final class Demo {
  private final DemoConfiguration configuration;
  private final Screen screen;
  private final Workspace workspace;
  private final LogFile log;
  private final TokenBucket link;

  private Demo(DemoConfiguration configuration, Screen screen, Workspace workspace, LogFile log) {
    this.configuration = configuration;
    this.screen = screen;
    this.workspace = workspace;
    this.log = log;
    this.link = new TokenBucket(configuration.upstreamBytesPerSecond(), System::nanoTime);
  }

  /**
   * Runs until all is shown, or with {@code --serve} until the thread is interrupted, which ends it
   * at any time. Nothing is left of it.
   *
   * @param agentVersion what the nodes call themselves
   * @param out takes what is shown
   * @param terminal whether that is a terminal
   * @param environment the environment variables
   * @return whether all pulls succeeded, and every byte came from where it should
   * @throws CommandFailedException when it cannot begin; the message says why
   */
  public static boolean run(
      DemoConfiguration configuration,
      String agentVersion,
      PrintStream out,
      boolean terminal,
      Map<String, String> environment) {
    Screen screen = Screen.of(out, terminal, environment);
    try (Workspace workspace = Workspace.create();
        LogFile log = LogFile.in(workspace.folder())) {
      return new Demo(configuration, screen, workspace, log).run(agentVersion);
    } catch (IOException e) {
      throw new CommandFailedException("the demo: " + e + ".", e);
    }
  }

  private boolean run(String agentVersion) throws IOException {
    try {
      return show(agentVersion);
    } catch (InterruptedException e) {
      return interrupted();
    } catch (IOException e) {
      // A file that was read or a socket may hear of the interrupt first.
      if (Thread.interrupted()) {
        return interrupted();
      }
      screen.line(Style.BAD, "failed: " + e.getMessage());
      log.troubles().forEach(screen::line);
      return false;
    }
  }

  private boolean interrupted() {
    screen.line("interrupted: all is stopped and removed");
    return false;
  }

  private boolean show(String agentVersion) throws IOException, InterruptedException {
    Layout source = Layout.create(workspace.folder().resolve("registry"));
    DemoImage image = image(source);
    screen.line(
        "image      %s, %s in %d parts"
            .formatted(image.name(), Figures.bytes(image.totalBytes()), image.content().size()));
    try (Upstream upstream = Upstream.start(source, image.name());
        DemoNodes nodes = startNodes(agentVersion, upstream)) {
      List<PullResult> pulls = pulls(image, upstream, nodes);
      boolean good = conclude(pulls);
      if (configuration.serve()) {
        serve(image, nodes);
      }
      return good;
    }
  }

  private DemoImage image(Layout source) throws IOException {
    Path given = configuration.image();
    if (given != null) {
      DemoImage image = ImageImport.read(given, source);
      workspace.checkRoom(DemoNodes.COUNT * image.totalBytes(), "Try a smaller image.");
      return image;
    }
    long bytes = configuration.imageBytes();
    workspace.checkRoom((DemoNodes.COUNT + 1) * bytes, "Try a smaller --image-size.");
    return ImageMaker.make(source, bytes, new SplittableRandom());
  }

  private DemoNodes startNodes(String agentVersion, Upstream upstream)
      throws IOException, InterruptedException {
    screen.line(
        "registry   http://%s, behind a link of %s/s"
            .formatted(
                shown(upstream.address()), Figures.bytes(configuration.upstreamBytesPerSecond())));
    long startNanos = System.nanoTime();
    DemoNodes nodes = DemoNodes.start(workspace.folder(), agentVersion);
    for (int i = 0; i < DemoNodes.COUNT; i++) {
      DemoNode node = nodes.get(i);
      screen.line("%s     http://%s".formatted(node.name(), shown(node.registryAddress())));
    }
    screen.line(
        "They started and found each other within %s."
            .formatted(Figures.time(Duration.ofNanos(System.nanoTime() - startNanos))));
    return nodes;
  }

  private List<PullResult> pulls(DemoImage image, Upstream upstream, DemoNodes nodes)
      throws IOException, InterruptedException {
    List<PullResult> pulls = new ArrayList<>();
    heading("1. The first pull: no node has the image, all of it comes from the registry.");
    pulls.add(pull(0, Source.REGISTRY, image, upstream, nodes));
    showFound(0, 1, image, nodes);
    heading("2. The second node pulls: its peer has the image.");
    pulls.add(pull(1, Source.PEERS, image, upstream, nodes));
    showFound(1, 2, image, nodes);
    upstream.close();
    heading("3. The registry is switched off, and the third node pulls.");
    pulls.add(pull(2, Source.PEERS, image, upstream, nodes));
    return pulls;
  }

  private void heading(String text) {
    screen.line("");
    screen.line(Style.HEADING, text);
  }

  private PullResult pull(
      int index, Source source, DemoImage image, Upstream upstream, DemoNodes nodes)
      throws IOException, InterruptedException {
    DemoNode node = nodes.get(index);
    List<Server> senders = new ArrayList<>(nodes.without(index));
    senders.add(upstream);
    Tally tally = Tally.of(senders);
    PullProgress progress = new PullProgress();
    Puller puller =
        new Puller(
            image,
            RegistryClient.of(node.registryAddress()),
            RegistryClient.of(upstream.address()),
            link,
            node.layout(),
            progress);
    long startNanos = System.nanoTime();
    try (PullDisplay _ = PullDisplay.start(screen, node.name(), progress, image.totalBytes())) {
      puller.pull();
    } catch (IOException e) {
      throw new IOException(node.name() + " could not pull: " + e.getMessage(), e);
    }
    Duration time = Duration.ofNanos(System.nanoTime() - startNanos);
    Map<String, Long> sent = tally.sent();
    long upstreamBytes = Optional.ofNullable(sent.remove(upstream.name())).orElse(0L);
    PullResult result =
        new PullResult(node.name(), source, time, image.totalBytes(), upstreamBytes, sent);
    screen.line(
        "%s  %s in %s, %s: %s from the registry, %s from peers"
            .formatted(
                node.name(),
                Figures.bytes(image.totalBytes()),
                Figures.time(time),
                Figures.rate(image.totalBytes(), time),
                Figures.bytes(upstreamBytes),
                Figures.bytes(result.allPeerBytes())));
    return result;
  }

  private void showFound(int owner, int asking, DemoImage image, DemoNodes nodes)
      throws IOException, InterruptedException {
    Duration found = nodes.awaitFound(owner, asking, image);
    screen.line(
        "%s  serves it, and %s finds all of it, %s later"
            .formatted(nodes.get(owner).name(), nodes.get(asking).name(), Figures.time(found)));
  }

  private boolean conclude(List<PullResult> pulls) {
    screen.line("");
    Summary.lines(pulls).forEach(screen::line);
    screen.line("");
    List<String> problems =
        pulls.stream().map(PullResult::problem).flatMap(Optional::stream).toList();
    problems.forEach(problem -> screen.line(Style.BAD, "wrong: " + problem));
    if (problems.isEmpty()) {
      screen.line(
          Style.GOOD,
          "The registry sent the image once; every other byte came from a peer, by the servers' own"
              + " count.");
    }
    return problems.isEmpty();
  }

  private void serve(DemoImage image, DemoNodes nodes) {
    DemoNode node = nodes.get(0);
    String registry = shown(node.registryAddress());
    String metrics = shown(node.metricsAddress());
    String path = image.name().repository().path();
    heading("All nodes stay until Ctrl-C. Try:");
    for (String command :
        List.of(
            "curl -i 'http://%s/v2/%s/manifests/%s?ns=%s'"
                .formatted(
                    registry, path, image.name().tag(), image.name().repository().registry()),
            "curl -o layer 'http://%s/v2/%s/blobs/%s'"
                .formatted(registry, path, image.content().getLast().digest()),
            "skopeo copy --src-tls-verify=false docker://%s/%s@%s oci:copy"
                .formatted(registry, path, image.root().digest()),
            "curl -s http://%s/metrics | grep spegel_".formatted(metrics),
            "cat %s".formatted(log.path()))) {
      screen.line("  " + command);
    }
    screen.line("A page about each node, this one's: http://%s/debug/web/".formatted(metrics));
    park();
  }

  /** Waits to be interrupted, which is how it is told to end, and no failure. */
  private static void park() {
    try {
      Thread.sleep(Duration.ofDays(365_000));
    } catch (InterruptedException e) {
      // Told to end.
    }
  }

  private static String shown(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
