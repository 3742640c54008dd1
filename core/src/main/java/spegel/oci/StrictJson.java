package spegel.oci;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * JSON from strangers (RFC 8259): well-formed UTF-8, one object and nothing after it, at most
 * {@value #MAX_DEPTH} levels deep, and no way to fail but an {@link OciFormatException}.
 */
final class StrictJson {
  /** Manifests need six; a reader of these must not run out of stack, nor may any after us. */
  static final int MAX_DEPTH = 64;

  private StrictJson() {}

  /** Reads the fields of an object, from after its brace to before its closing one. */
  @FunctionalInterface
  interface FieldsReader<T> {
    T read(JsonReader fields) throws IOException;
  }

  static <T> T readObject(String what, byte[] json, FieldsReader<T> fields) {
    InputStreamReader characters =
        new InputStreamReader(
            new ByteArrayInputStream(json),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonReader reader = new JsonReader(characters)) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(MAX_DEPTH);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new OciFormatException(what + ": not a JSON object");
      }
      reader.beginObject();
      T value = fields.read(reader);
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new OciFormatException(what + ": more than one JSON value");
      }
      return value;
    } catch (IOException e) {
      // The library's message may quote the input, so it is not passed on.
      throw new OciFormatException(what + ": not well-formed JSON in UTF-8");
    }
  }

  /**
   * Passes over one value. The reader's own skipValue lets control characters in strings go by,
   * which no strict reader after us would.
   */
  static void skip(JsonReader reader) throws IOException {
    int depth = 0;
    do {
      switch (reader.peek()) {
        case BEGIN_ARRAY -> {
          reader.beginArray();
          depth++;
        }
        case BEGIN_OBJECT -> {
          reader.beginObject();
          depth++;
        }
        case END_ARRAY -> {
          reader.endArray();
          depth--;
        }
        case END_OBJECT -> {
          reader.endObject();
          depth--;
        }
        case NAME -> {
          var _ = reader.nextName();
        }
        case STRING, NUMBER -> {
          var _ = reader.nextString();
        }
        case BOOLEAN, NULL -> reader.skipValue();
        case END_DOCUMENT -> throw new OciFormatException("JSON: ends too early");
      }
    } while (depth > 0);
  }

  /** A string, or null for JSON's null. */
  static @Nullable String stringOrNull(JsonReader reader, String what) throws IOException {
    return switch (reader.peek()) {
      case STRING -> reader.nextString();
      case NULL -> {
        reader.nextNull();
        yield null;
      }
      default -> throw new OciFormatException(what + " is not a string");
    };
  }

  /** A whole number that fits, or null for JSON's null. */
  static @Nullable Long longOrNull(JsonReader reader, String what) throws IOException {
    return switch (reader.peek()) {
      case NUMBER -> wholeNumber(reader, what);
      case NULL -> {
        reader.nextNull();
        yield null;
      }
      default -> throw new OciFormatException(what + " is not a number");
    };
  }

  private static long wholeNumber(JsonReader reader, String what) throws IOException {
    try {
      // The reader's nextLong would round what does not fit.
      return Long.parseLong(reader.nextString());
    } catch (NumberFormatException e) {
      throw new OciFormatException(what + " is not a whole number of 64 bits");
    }
  }
}
