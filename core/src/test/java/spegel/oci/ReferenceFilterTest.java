package spegel.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceFilterTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  private static Reference reference(String text) {
    return Reference.parse(text);
  }

  @Test
  void passes_everything_whenNothingIsConfigured() {
    for (ReferenceFilter filter :
        List.of(ReferenceFilter.NONE, ReferenceFilter.of(List.of(), List.of()))) {
      assertTrue(filter.passes(reference("docker.io/library/nginx:latest")));
      assertTrue(filter.passes(new Repository("h:1", "x")));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://docker.io, docker.io/x:1, true",
    "https://docker.io, ghcr.io/x:1, false",
    "https://docker.io, notdocker.io/x:1, false",
    "https://index.docker.io, docker.io/x:1, true",
    "docker.io, docker.io/x:1, true",
    "DOCKER.io, docker.io/x:1, true",
    "http://reg.local:5000, reg.local:5000/x:1, true",
    "http://reg.local:5000, reg.local/x:1, false",
    "http://[::1]:5000, [::1]:5000/x:1, true",
    "[::1], [::1]/x:1, true",
    "*, h/x:1, true",
    "_default, h/x:1, true",
  })
  void passes_onlyMirroredRegistries(String registry, String name, boolean expected) {
    ReferenceFilter filter = ReferenceFilter.of(List.of(registry), List.of());
    assertEquals(expected, filter.passes(reference(name)));
    assertEquals(expected, filter.passes(reference(name).repository()));
  }

  @Test
  void passes_everyRegistry_whenADefaultIsAmongOthers() {
    ReferenceFilter filter = ReferenceFilter.of(List.of("https://docker.io", "*"), List.of());
    assertTrue(filter.passes(reference("ghcr.io/x:1")));
  }

  @ParameterizedTest
  @CsvSource({
    "latest$, h/x:latest, false",
    "latest$, h/x:latest2, true",
    ":latest, h/latest:1, true",
    "^docker\\.io/, docker.io/x:1, false",
    "^docker\\.io/, h/docker.io/x:1, true",
    "secret, h/my-secrets/x:1, false",
    "(?i)SECRET, h/secret:1, false",
    "\\pN$, h/x:v, true",
  })
  void passes_whatNoFilterMatchesAnywhere(String regex, String name, boolean expected) {
    ReferenceFilter filter = ReferenceFilter.of(List.of(), List.of("^never/", regex));
    assertEquals(expected, filter.passes(reference(name)));
  }

  @Test
  void passes_looksAtTheRepository_whenThereIsNoTag() {
    ReferenceFilter filter = ReferenceFilter.of(List.of(), List.of("x$"));

    assertEquals(false, filter.passes(new Repository("h", "x")));
    assertEquals(false, filter.passes(reference("h/x@sha256:" + HEX)));
    assertEquals(true, filter.passes(reference("h/x:1@sha256:" + HEX)));
  }

  @Test
  void passes_takesNoLonger_whenARegexWouldBacktrack() {
    ReferenceFilter filter = ReferenceFilter.of(List.of(), List.of("^h/(a+)+$"));
    Reference hostile = reference("h/" + "a".repeat(250) + ":1");

    assertTimeout(Duration.ofSeconds(5), () -> assertTrue(filter.passes(hostile)));
  }

  @Test
  void of_namesTheRegex_whenItIsMalformed() {
    OciFormatException e =
        assertThrows(
            OciFormatException.class, () -> ReferenceFilter.of(List.of(), List.of("fine", "a(b")));
    assertTrue(e.getMessage().contains("\"a(b\""), e.getMessage());
    assertThrows(
        OciFormatException.class, () -> ReferenceFilter.of(List.of(), List.of("(?=ahead)")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "https://", "ftp://docker.io", "https://docker.io/", "https://docker.io/v2",
        "https://user@docker.io", "https://docker.io?x", "https://docker.io:x", "docker.io/x", "**",
      })
  void of_namesTheRegistry_whenItIsMalformed(String registry) {
    OciFormatException e =
        assertThrows(
            OciFormatException.class, () -> ReferenceFilter.of(List.of(registry), List.of()));
    assertTrue(e.getMessage().contains("\"" + registry + "\""), e.getMessage());
  }
}
