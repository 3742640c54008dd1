package spegel.e2e.chart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** YAML as maps, lists and scalars. */
final class Yaml {
  private Yaml() {}

  /** The documents of a stream, without those of comments alone. */
  static List<Map<String, Object>> documents(String text) {
    List<Map<String, Object>> documents = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      if (document != null) {
        documents.add(map(document));
      }
    }
    return documents;
  }

  static Map<String, Object> read(Path file) {
    try {
      return documents(Files.readString(file)).getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String write(Object document) {
    return new Dump(DumpSettings.builder().build()).dumpToString(document);
  }

  static Map<String, Object> map(@Nullable Object value) {
    if (value instanceof Map<?, ?> found) {
      Map<String, Object> map = new LinkedHashMap<>();
      found.forEach((key, each) -> map.put(String.valueOf(key), each));
      return map;
    }
    throw new AssertionError("not a map: " + value);
  }

  static List<Object> list(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return List.copyOf(list);
    }
    throw new AssertionError("not a list: " + value);
  }

  static List<String> texts(@Nullable Object value) {
    return list(value).stream().map(Objects::toString).toList();
  }
}
