package spegel.app.demo;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import spegel.oci.Manifest;
import spegel.oci.OciFormatException;

/**
 * The first image of a {@code manifest.json}, by which {@code docker save} says what its files are.
 *
 * @param config the name of the configuration's file
 * @param tag how the image was called; null when it had no name
 * @param layers the names of the layers' files, bottom first
 */
record DockerArchive(String config, @Nullable String tag, List<String> layers) {
  static final String FILE = "manifest.json";

  DockerArchive {
    layers = List.copyOf(layers);
  }

  /**
   * Reads the file.
   *
   * @throws OciFormatException when it is anything else
   */
  static DockerArchive parse(byte[] json) {
    try (JsonReader reader =
        new JsonReader(new StringReader(new String(json, StandardCharsets.UTF_8)))) {
      reader.setStrictness(Strictness.STRICT);
      reader.beginArray();
      return read(reader);
    } catch (IOException | IllegalStateException | JsonParseException e) {
      throw new OciFormatException(FILE + ": not what docker save writes");
    }
  }

  private static DockerArchive read(JsonReader reader) throws IOException {
    String config = null;
    List<String> tags = List.of();
    List<String> layers = List.of();
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "Config" -> config = reader.nextString();
        case "RepoTags" -> tags = texts(reader);
        case "Layers" -> layers = texts(reader);
        default -> reader.skipValue();
      }
    }
    if (config == null) {
      throw new OciFormatException(FILE + ": an image without configuration");
    }
    return new DockerArchive(config, tags.isEmpty() ? null : tags.getFirst(), layers);
  }

  /** A list of texts, for which Go programs write null when it is empty. */
  private static List<String> texts(JsonReader reader) throws IOException {
    List<String> texts = new ArrayList<>();
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return texts;
    }
    reader.beginArray();
    while (reader.hasNext()) {
      if (texts.size() == Manifest.MAX_CHILDREN) {
        throw new OciFormatException(FILE + ": more than " + Manifest.MAX_CHILDREN + " layers");
      }
      texts.add(reader.nextString());
    }
    reader.endArray();
    return texts;
  }
}
