package spegel.containerd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import org.jspecify.annotations.Nullable;

/**
 * What containerd's CRI plugin is told about images, as far as it is known.
 *
 * @param discardUnpackedLayers whether layers are collected once they are unpacked; null when
 *     unknown
 * @param configPath the folders with registry configuration, separated by colons, empty for none;
 *     null when unknown
 */
record CriConfiguration(@Nullable Boolean discardUnpackedLayers, @Nullable String configPath) {
  static final CriConfiguration UNKNOWN = new CriConfiguration(null, null);

  /** Whether both facts are known. */
  boolean complete() {
    return discardUnpackedLayers != null && configPath != null;
  }

  /** What is known here, or else there. */
  CriConfiguration or(CriConfiguration other) {
    return new CriConfiguration(
        discardUnpackedLayers == null ? other.discardUnpackedLayers : discardUnpackedLayers,
        configPath == null ? other.configPath : configPath);
  }

  /**
   * Reads the plugin's own account, the entry "config" of its status. containerd 1.x tells both
   * facts; from 2.0 on they belong to another plugin, which tells nothing.
   */
  static CriConfiguration ofStatus(String json) {
    JsonElement config;
    try {
      config = JsonParser.parseString(json);
    } catch (JsonParseException e) {
      return UNKNOWN;
    }
    JsonPrimitive discard = primitive(config, "containerd", "discardUnpackedLayers");
    JsonPrimitive path = primitive(config, "registry", "configPath");
    return new CriConfiguration(
        (discard != null && discard.isBoolean()) ? discard.getAsBoolean() : null,
        (path != null && path.isString()) ? path.getAsString() : null);
  }

  private static @Nullable JsonPrimitive primitive(JsonElement root, String section, String key) {
    if (root instanceof JsonObject object
        && object.get(section) instanceof JsonObject inner
        && inner.get(key) instanceof JsonPrimitive primitive) {
      return primitive;
    }
    return null;
  }
}
