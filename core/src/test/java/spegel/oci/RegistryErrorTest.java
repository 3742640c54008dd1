package spegel.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import spegel.testing.Property;

class RegistryErrorTest {
  @Test
  void toJson_hasTheFieldsInOrder() {
    RegistryError error =
        new RegistryError(
            RegistryError.Code.MANIFEST_UNKNOWN,
            "could not find peer for docker.io/library/x:1",
            0);

    assertEquals(
        "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"detail\":{\"attempts\":0},"
            + "\"message\":\"could not find peer for docker.io/library/x:1\"}]}",
        error.toJson());
  }

  @Test
  void toJson_leavesOutTheDetail_whenNoPeerCouldHelp() {
    assertEquals(
        "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"no\"}]}",
        new RegistryError(RegistryError.Code.UNAUTHORIZED, "no").toJson());
  }

  @Test
  void toJson_escapesTheMessage_whateverItIs() {
    Property.forAll(
        5_000,
        generator -> {
          String message = generator.anyText(60);
          String json = new RegistryError(RegistryError.Code.NAME_INVALID, message).toJson();
          String read =
              JsonParser.parseString(json)
                  .getAsJsonObject()
                  .getAsJsonArray("errors")
                  .get(0)
                  .getAsJsonObject()
                  .get("message")
                  .getAsString();
          assertEquals(message, read);
        });
  }
}
