package spegel.containerd.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://docker.io",
        "http://reg.local:5000",
        "http://10.0.0.1:30020",
        "http://[fd00::1]:30020",
        "https://[::1]",
        "http://my_service.ns.svc.cluster.local.:5000",
        "http://localhost:65535"
      })
  void parse_isInverseOfToString(String url) {
    assertEquals(url, RegistryUrl.parse(url).toString());
  }

  @Test
  void parse_takesSchemeInAnyCase() {
    assertEquals("https://docker.io", RegistryUrl.parse("HTTPS://docker.io").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "docker.io",
        "*",
        "_default",
        "ftp://docker.io",
        "https://",
        "https:///x",
        "https://docker.io/",
        "https://docker.io/path",
        "https://docker.io?query",
        "https://docker.io?",
        "https://docker.io#fragment",
        "https://user@docker.io",
        "https://..",
        "https://.",
        "https://a..b",
        "https://_backup",
        "https://_default",
        "https://_new",
        "https://-a",
        "https://a'b",
        "https://a b",
        "https://a\nb",
        "https://a:",
        "https://a:0",
        "https://a:65536",
        "https://a:99999999999",
        "https://a:1:2",
        "http://fd00::1:30020",
        "http://[fd00::1:30020",
        "http://[fd00::zz]:1",
        "http://[1.2.3.4]:1",
        "http://[]",
        "http://[::1]x:5",
        "https://ü.example"
      })
  void parse_namesWhatItRefuses(String url) {
    RegistryFormatException e =
        assertThrows(RegistryFormatException.class, () -> RegistryUrl.parse(url));
    assertTrue(
        e.toString().contains('"' + url.replace('\n', '?').replace("user@", "…@")), e::toString);
  }

  @Test
  void parse_doesNotRepeatPassword() {
    RegistryFormatException e =
        assertThrows(
            RegistryFormatException.class, () -> RegistryUrl.parse("https://me:secret@docker.io"));
    assertFalse(e.toString().contains("secret"), e::toString);
    assertTrue(e.toString().contains("docker.io"), e::toString);
  }

  @Test
  void parse_isQuickAndBrief_whenInputIsLong() {
    RegistryFormatException e =
        assertThrows(
            RegistryFormatException.class,
            () -> RegistryUrl.parse("https://" + "a.".repeat(1_000_000)));
    assertTrue(e.toString().length() < 400, e::toString);
  }

  @Test
  void mirroredRegistry_isAll_whenNamedSo() {
    assertEquals("_default", MirroredRegistry.parse("*").folder());
    assertEquals(Optional.empty(), MirroredRegistry.parse("_default").server());
  }

  @Test
  void mirroredRegistry_looksWhereContainerdLooks() {
    MirroredRegistry registry = MirroredRegistry.parse("https://reg.local:5000");
    assertEquals(
        List.of("reg.local_5000_", "reg.local:5000", "_default"), registry.existingFolders());
    assertEquals(Optional.of("https://reg.local:5000"), registry.server());
  }

  @Test
  void mirroredRegistry_asksRegistry1_whenItIsDockerHub() {
    assertEquals(
        Optional.of("https://registry-1.docker.io"),
        MirroredRegistry.parse("https://docker.io").server());
  }

  @Test
  void options_takeEachOnce_andRefuseContradictions() {
    List<RegistryUrl> targets =
        List.of(RegistryUrl.parse("http://a"), RegistryUrl.parse("http://a"));
    List<MirroredRegistry> both =
        List.of(MirroredRegistry.parse("http://r"), MirroredRegistry.parse("https://r"));
    List<MirroredRegistry> twice =
        List.of(MirroredRegistry.parse("*"), MirroredRegistry.parse("_default"));

    MirrorOptions options = new MirrorOptions(twice, targets, true, false, null);

    assertEquals(1, options.registries().size());
    assertEquals(1, options.targets().size());
    assertThrows(
        RegistryFormatException.class, () -> new MirrorOptions(both, targets, true, false, null));
    assertThrows(
        RegistryFormatException.class,
        () -> new MirrorOptions(twice, List.of(), true, false, null));
  }
}
