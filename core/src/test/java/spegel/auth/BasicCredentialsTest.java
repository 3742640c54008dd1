package spegel.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BasicCredentialsTest {
  private static final BasicCredentials CREDENTIALS = BasicCredentials.of("hello", "world");

  @TempDir Path folder;

  @Test
  void headerValue_isBase64OfUserAndPassword() {
    assertEquals("Basic aGVsbG86d29ybGQ=", CREDENTIALS.headerValue());
    assertEquals("Basic " + base64("ü:p:ß"), BasicCredentials.of("ü", "p:ß").headerValue());
  }

  @Test
  void matches_acceptsItsOwnValue_inAnyCaseOfTheScheme() {
    assertTrue(CREDENTIALS.matches(CREDENTIALS.headerValue()));
    assertTrue(CREDENTIALS.matches("basic aGVsbG86d29ybGQ="));
    BasicCredentials longest =
        BasicCredentials.of(
            "u".repeat(BasicCredentials.MAX_BYTES), "p".repeat(BasicCredentials.MAX_BYTES));
    assertTrue(longest.matches(longest.headerValue()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic",
        "Basic ",
        "Basic Og==",
        "Basic !!!",
        "Bearer aGVsbG86d29ybGQ=",
        "aGVsbG86d29ybGQ=",
        "Basic aGVsbG86d29ybGQ= x",
        "Basic aGVsbG86d29ybA==",
        "Basic aGVsbG86d29ybGQK"
      })
  void matches_refusesAnythingElse(String authorization) {
    assertFalse(CREDENTIALS.matches(authorization));
  }

  @Test
  void matches_refusesMissingAndOverlongValues() {
    assertFalse(CREDENTIALS.matches(null));
    assertFalse(CREDENTIALS.matches("Basic " + "A".repeat(1_000_000)));
  }

  @Test
  void toString_showsNeitherUserNorPassword() {
    assertFalse(CREDENTIALS.toString().contains("hello"));
    assertFalse(CREDENTIALS.toString().contains("world"));
  }

  @Test
  void of_refusesWhatNoHeaderCanCarry() {
    assertThrows(CredentialsException.class, () -> BasicCredentials.of("a:b", "c"));
    assertThrows(CredentialsException.class, () -> BasicCredentials.of("", ""));
    assertThrows(CredentialsException.class, () -> BasicCredentials.of("u", "é".repeat(1025)));
  }

  @Test
  void load_isEmpty_whenFolderIsMissing() {
    assertTrue(BasicCredentials.load(folder.resolve("none")).isEmpty());
  }

  @Test
  void load_takesFilesAsTheyAre() throws IOException {
    Files.writeString(folder.resolve("username"), "hello");
    Files.writeString(folder.resolve("password"), "world\n");

    BasicCredentials loaded = BasicCredentials.load(folder).orElseThrow();

    assertEquals("Basic " + base64("hello:world\n"), loaded.headerValue());
  }

  @Test
  void load_namesTheFile_whenOneIsMissing() throws IOException {
    Files.writeString(folder.resolve("username"), "hello");

    CredentialsException e =
        assertThrows(CredentialsException.class, () -> BasicCredentials.load(folder));

    assertTrue(e.toString().contains(folder.resolve("password").toString()), e::toString);
  }

  @Test
  void load_namesTheFileAndNotItsContent_whenNotUtf8OrTooLong() throws IOException {
    Path password = folder.resolve("password");
    Files.writeString(folder.resolve("username"), "hello");
    Files.write(password, new byte[] {'s', 'e', 'c', (byte) 0xff});
    CredentialsException notUtf8 =
        assertThrows(CredentialsException.class, () -> BasicCredentials.load(folder));
    assertTrue(notUtf8.toString().contains(password + " is "), notUtf8::toString);

    Files.writeString(password, "s".repeat(BasicCredentials.MAX_BYTES + 1));
    CredentialsException tooLong =
        assertThrows(CredentialsException.class, () -> BasicCredentials.load(folder));
    assertTrue(tooLong.toString().contains(password + " is "), tooLong::toString);
    assertFalse(tooLong.toString().contains("sss"));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
