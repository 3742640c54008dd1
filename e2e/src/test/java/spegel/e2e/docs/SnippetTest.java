package spegel.e2e.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.Repository;

/** The chart takes the values that the pages give, and what they say is in its objects. */
class SnippetTest {
  private static final List<String> PAGES = List.of("docs/install.md", "docs/compatibility.md");

  /** A block of YAML whose first line says that it is values. */
  private static final Pattern VALUES =
      Pattern.compile("(?ms)^```yaml\\n# values\\.yaml.*?\\n(.*?)^```$");

  /** A line's value: nothing that is said by an object's presence only. */
  private static final Pattern VALUE = Pattern.compile("(?m)^ *(?:[A-Za-z]+: |- )(.+)$");

  @TempDir Path folder;

  static Stream<String> snippets() throws IOException {
    List<String> snippets = new ArrayList<>();
    for (String page : PAGES) {
      String text = Files.readString(Path.of(Repository.file(page)));
      VALUES.matcher(text).results().map(match -> match.group(1)).forEach(snippets::add);
    }
    assertTrue(snippets.size() >= 5, () -> "snippets: " + snippets);
    return snippets.stream();
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void values_areInTheObjects(String values) throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), values);
    String objects =
        Helm.run("template", "spegel", Helm.CHART, "--values", file.toString()).orFail().output();
    for (MatchResult match : VALUE.matcher(values).results().toList()) {
      String value = match.group(1);
      assertTrue(
          value.matches("true|false") || objects.contains(value),
          () -> "the chart makes nothing of " + value);
    }
  }
}
