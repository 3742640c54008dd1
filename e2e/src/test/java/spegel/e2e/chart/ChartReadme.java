package spegel.e2e.chart;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** The chart's page: written by hand up to the table, which is made of values.yaml. */
final class ChartReadme {
  private static final String MARK = "<!-- Made of values.yaml. -->\n";

  private ChartReadme() {}

  /** The page with a new table. */
  static String of(String page) {
    StringBuilder made = new StringBuilder(page);
    made.setLength(page.indexOf(MARK) + MARK.length());
    made.append("| Key | Default | |\n|---|---|---|\n");
    for (ChartValues.Key key : ChartValues.keys()) {
      made.append(
          "| `%s` | `%s` | %s |%n"
              .formatted(key.name(), inline(key.preset()), key.description().replace("|", "\\|")));
    }
    return made.toString();
  }

  private static String inline(@Nullable Object preset) {
    if (preset == null) {
      return "null";
    }
    if (preset instanceof String text) {
      return "\"" + text + "\"";
    }
    if (preset instanceof Map<?, ?> map && map.isEmpty()) {
      return "{}";
    }
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.FLOW)
            .setWidth(Integer.MAX_VALUE)
            .build();
    return new Dump(settings).dumpToString(preset).strip();
  }
}
