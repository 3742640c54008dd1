package spegel.oci;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.OptionalInt;

/**
 * Why a request failed, in the form that clients of registries expect (distribution specification,
 * "Error codes").
 *
 * @param code one of the specification's codes
 * @param message for people
 * @param attempts how many peers were asked, where any could have been
 */
public record RegistryError(Code code, String message, OptionalInt attempts) {

  /** The kinds of failure, each with the HTTP status that goes with it. */
  public enum Code {
    BLOB_UNKNOWN(404),
    DENIED(403),
    DIGEST_INVALID(400),
    MANIFEST_INVALID(400),
    MANIFEST_UNKNOWN(404),
    NAME_INVALID(400),
    NAME_UNKNOWN(404),
    UNAUTHORIZED(401),
    UNSUPPORTED(405),
    /** Not in the specification; Docker's registry says so with a status of 503. */
    UNAVAILABLE(503),
    /** Not in the specification; Docker's registry says so with a status of 500. */
    UNKNOWN(500);

    private final int status;

    Code(int status) {
      this.status = status;
    }

    /** The HTTP status that goes with the code. */
    public int status() {
      return status;
    }
  }

  /** A failure that no peer could have helped. */
  public RegistryError(Code code, String message) {
    this(code, message, OptionalInt.empty());
  }

  /** A failure after so many peers were asked. */
  public RegistryError(Code code, String message, int attempts) {
    this(code, message, OptionalInt.of(attempts));
  }

  /** The document for a response's body, of type {@code application/json}. */
  public String toJson() {
    StringWriter text = new StringWriter(128);
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject().name("errors").beginArray().beginObject();
      json.name("code").value(code.name());
      if (attempts.isPresent()) {
        json.name("detail").beginObject();
        json.name("attempts").value(attempts.getAsInt()).endObject();
      }
      json.name("message").value(message);
      json.endObject().endArray().endObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory failed", e);
    }
    return text.toString();
  }
}
