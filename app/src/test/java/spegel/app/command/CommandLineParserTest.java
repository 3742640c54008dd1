package spegel.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.app.command.RegistryConfiguration.Store;
import spegel.app.log.LogLevel;
import spegel.containerd.ContainerdOptions;
import spegel.containerd.hosts.MirrorOptions;
import spegel.containerd.hosts.MirroredRegistry;

class CommandLineParserTest {

  private static ParsedCommand parse(Map<String, String> environment, String... arguments) {
    return new CommandLineParser(environment, false).parse(arguments);
  }

  private static CommandConfiguration configuration(
      Map<String, String> environment, String... arguments) {
    ParsedCommand parsed = parse(environment, arguments);
    return assertInstanceOf(ParsedCommand.Run.class, parsed, parsed::toString).configuration();
  }

  private static RegistryConfiguration registry(String... arguments) {
    return registry(Map.of(), arguments);
  }

  private static RegistryConfiguration registry(
      Map<String, String> environment, String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "registry";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return assertInstanceOf(RegistryConfiguration.class, configuration(environment, all));
  }

  @Test
  void parse_givesDocumentedDefaults_whenNothingIsGiven() {
    RegistryConfiguration registry = registry();
    assertEquals(":5000", registry.registryAddress().toString());
    assertEquals(":5001", registry.routerAddress().toString());
    assertEquals(":9090", registry.metricsAddress().toString());
    assertEquals(
        new Store.Containerd(
            new ContainerdOptions(
                Path.of("/run/containerd/containerd.sock"),
                "k8s.io",
                Path.of("/var/lib/containerd/io.containerd.content.v1.content"),
                Path.of("/etc/containerd/certs.d"),
                Path.of("/etc/containerd/config.toml"))),
        registry.store());
    assertEquals(Duration.ofMillis(20), registry.mirrorResolve().timeout());
    assertEquals(3, registry.mirrorResolve().retries());
    assertEquals(new Bootstrap.Alone(), registry.bootstrap());
    assertEquals(List.of(), registry.content().mirroredRegistries());
    assertEquals(List.of(), registry.content().registryFilters());
    assertNull(registry.dataDirectory());
    assertTrue(registry.debugWebEnabled());
  }

  @Test
  void parse_prefersCommandLine_whenEnvironmentIsSetToo() {
    Map<String, String> environment = Map.of("REGISTRY_ADDR", ":1", "METRICS_ADDR", ":2");
    RegistryConfiguration registry = registry(environment, "--registry-addr", ":3");
    assertEquals(":3", registry.registryAddress().toString());
    assertEquals(":2", registry.metricsAddress().toString());
  }

  @Test
  void parse_readsLists_inEachForm() {
    List<String> expected = List.of("a{1,3}", "b");
    String[][] forms = {
      {"--registry-filters", "a{1,3}", "b"},
      {"--registry-filters=a{1,3}", "--registry-filters=b"},
      {"--registry-filters", "a{1,3}", "--registry-filters", "b", "--debug-web-enabled"},
    };
    for (String[] form : forms) {
      assertEquals(expected, registry(form).content().registryFilters());
    }
    assertEquals(
        expected, registry(Map.of("REGISTRY_FILTERS", "\"a{1,3}\",b")).content().registryFilters());
    assertEquals(List.of(), registry("--registry-filters").content().registryFilters());
    assertEquals(List.of(), registry(Map.of("REGISTRY_FILTERS", "")).content().registryFilters());
  }

  @Test
  void parse_lastValueHolds_whenSingleFlagIsRepeated() {
    assertEquals(
        ":2", registry("--registry-addr=:1", "--registry-addr=:2").registryAddress().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "--debug-web-enabled,true",
    "--debug-web-enabled=true,true",
    "--debug-web-enabled=false,false"
  })
  void parse_readsSwitch_inEachForm(String argument, boolean expected) {
    assertEquals(expected, registry(argument).debugWebEnabled());
  }

  @Test
  void parse_leavesContentPathOpen_whenEmpty() {
    Store.Containerd store =
        assertInstanceOf(Store.Containerd.class, registry("--containerd-content-path=").store());
    assertNull(store.options().contentPath());
    assertEquals(store, registry(Map.of("CONTAINERD_CONTENT_PATH", "")).store());
  }

  @Test
  void parse_takesOciLayout_whenStoreNamesOne() {
    assertEquals(
        new Store.OciLayout(Path.of("/images")), registry("--store", "oci-layout:/images").store());
  }

  @Test
  void parse_appendsId_whenOlderBootstrapFlagIsUsed() {
    for (String base : List.of("http://peers:5002", "http://peers:5002/")) {
      Bootstrap.Http bootstrap =
          assertInstanceOf(
              Bootstrap.Http.class,
              registry("--bootstrap-kind=http", "--http-bootstrap-peer=" + base).bootstrap());
      assertEquals(URI.create("http://peers:5002/id"), bootstrap.url());
    }
  }

  @Test
  void parse_readsLogLevel_beforeAndAfterTheCommand() {
    String[][] forms = {
      {"--log-level=warn", "version"}, {"version", "--log-level", "WARN"},
    };
    for (String[] form : forms) {
      ParsedCommand.Run run =
          assertInstanceOf(ParsedCommand.Run.class, parse(Map.of("LOG_LEVEL", "DEBUG"), form));
      assertEquals(LogLevel.WARN, run.logLevel());
    }
  }

  @Test
  void parse_readsMirrors_whenConfigurationIsAsked() {
    HostsConfiguration hosts =
        assertInstanceOf(
            HostsConfiguration.class,
            configuration(
                Map.of("MIRRORED_REGISTRIES", "https://docker.io,http://reg.local:5000"),
                "configuration",
                "--mirror-targets",
                "http://10.0.0.1:30020",
                "http://[fd00::1]:30021"));
    MirrorOptions mirrors = hosts.mirrors();
    assertEquals("[http://10.0.0.1:30020, http://[fd00::1]:30021]", mirrors.targets().toString());
    assertEquals(
        List.of(
            MirroredRegistry.parse("https://docker.io"),
            MirroredRegistry.parse("http://reg.local:5000")),
        mirrors.registries());
    assertTrue(mirrors.resolveTags());
    assertEquals(Path.of("/etc/containerd/certs.d"), hosts.configPath());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "registry --bogus | --bogus",
        "registry surplus | surplus",
        "registry --registry-filters a --bogus | --bogus",
        "registry --registry-addr=5000 | --registry-addr: listen address: no port",
        "registry --registry-addr=:70000 | port 70000",
        "registry --registry-addr=fd00::1:5000 | needs brackets",
        "registry --registry-addr | --registry-addr: a value must follow",
        "registry --registry-addr --router-addr :1 | --registry-addr: a value must follow",
        "registry --registry-filters=a b | unexpected argument: b",
        "registry -- registry | no such option: --",
        "--registry-addr :1 registry | no such option: --registry-addr",
        "registry --registry-filters=( | --registry-filters: not a regular expression",
        "registry --mirror-resolve-timeout=20 | --mirror-resolve-timeout: not a duration",
        "registry --mirror-resolve-timeout=0 | --mirror-resolve-timeout: not longer",
        "registry --mirror-resolve-retries=x | --mirror-resolve-retries: not a number",
        "registry --mirror-resolve-retries=-1 | --mirror-resolve-retries",
        "registry --debug-web-enabled=maybe | --debug-web-enabled: neither true nor false",
        "registry --bootstrap-kind=mdns | --bootstrap-kind: not one of",
        "registry --bootstrap-kind=dns | --bootstrap-kind dns needs --dns-bootstrap-domain",
        "registry --bootstrap-kind=static | needs --static-bootstrap-peers",
        "registry --http-bootstrap-url=http://a/id --http-bootstrap-peer=http://a | only one",
        "registry --store=zip:x | --store: neither",
        "registry --mirrored-registries=https://docker.io/library | it has a path",
        "registry --mirrored-registries=https://u@docker.io | it has a user",
        "registry --mirrored-registries=docker.io | --mirrored-registries: Invalid registry",
        "registry --containerd-sock= | --containerd-sock: a path",
        "registry --containerd-namespace=a/b | containerd namespace",
        "registry --log-level=LOUD | --log-level: not one of",
        "configuration | --mirror-targets: at least one",
        "configuration --mirror-targets * | --mirror-targets: Invalid",
        "configuration --mirror-targets http://fd00::1:30020 | --mirror-targets: Invalid registry",
        "cleanup-wait | --probe-endpoint: it must be given",
        "cleanup-wait --probe-endpoint=:8080 | --probe-endpoint: a host",
        "cleanup-wait --probe-endpoint=a:8080 --threshold=0 | --threshold: not within",
        "version --format=xml | --format: not one of text, json",
        "nonsense | nonsense",
        "@/etc/passwd | @/etc/passwd",
      })
  void parse_saysUsageAndReason_whenArgumentsAreWrong(String line, String reason) {
    ParsedCommand.Invalid invalid =
        assertInstanceOf(ParsedCommand.Invalid.class, parse(Map.of(), line.split(" ")));
    assertTrue(invalid.text().startsWith("Usage: spegel"), invalid::text);
    assertTrue(invalid.text().contains(reason), invalid::text);
  }

  @Test
  void parse_namesTheVariable_whenEnvironmentIsWrong() {
    ParsedCommand.Invalid invalid =
        assertInstanceOf(
            ParsedCommand.Invalid.class,
            parse(Map.of("MIRROR_RESOLVE_RETRIES", "many"), "registry"));
    assertTrue(
        invalid.text().contains("environment variable MIRROR_RESOLVE_RETRIES: not a number"),
        invalid::text);
  }

  @Test
  void parse_asksForCommand_whenThereIsNone() {
    assertInstanceOf(ParsedCommand.Invalid.class, parse(Map.of()));
  }

  @Test
  void demo_readsSizes_asPeopleWriteThem() {
    assertEquals(
        new DemoConfiguration(null, 128L << 20, 20L << 20, false), configuration(Map.of(), "demo"));
    assertEquals(
        new DemoConfiguration(Path.of("image.tar"), 3L << 29, 20_000_000, true),
        configuration(
            Map.of("UPSTREAM_RATE", "20MB"),
            "demo",
            "--image=image.tar",
            "--image-size",
            "1.5GiB",
            "--serve"));
    for (String wrong : List.of("", "20", "MiB", "-1MiB", "20 mib", "1.2345MiB", "1e3MiB")) {
      assertInvalid("not a size", "demo", "--upstream-rate=" + wrong);
    }
    assertInvalid("not within 64KiB to 64GiB", "demo", "--upstream-rate=1KiB");
    assertInvalid("not within 1MiB to 8GiB", "demo", "--image-size=9GiB");
  }

  private static void assertInvalid(String reason, String... arguments) {
    ParsedCommand.Invalid invalid =
        assertInstanceOf(ParsedCommand.Invalid.class, parse(Map.of(), arguments));
    assertTrue(invalid.text().contains(reason), invalid.text());
  }
}
