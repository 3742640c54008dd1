package spegel.auth;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A user name and a password for HTTP basic authentication (RFC 7617). Neither is shown by {@link
 * #toString}; neither can be asked for.
 */
public final class BasicCredentials {
  /** The most bytes a user name or a password may have: both must fit into one header line. */
  public static final int MAX_BYTES = 2048;

  private static final String SCHEME = "Basic ";

  /** A longer header cannot hold credentials of ours: base64 of two values and the colon. */
  private static final int MAX_HEADER_CHARS = SCHEME.length() + (2 * MAX_BYTES + 1 + 2) / 3 * 4;

  private final String headerValue;
  private final byte[] digest;

  private BasicCredentials(String username, String password) {
    byte[] userPass = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    this.headerValue = SCHEME + Base64.getEncoder().encodeToString(userPass);
    this.digest = sha256(userPass);
  }

  /**
   * Credentials of a user name without colon (RFC 7617, section 2) and a password, each of at most
   * {@link #MAX_BYTES} in UTF-8, not both empty.
   *
   * @throws CredentialsException when they are not of that form
   */
  public static BasicCredentials of(String username, String password) {
    if (username.indexOf(':') >= 0) {
      throw new CredentialsException("The user name for basic auth contains a colon");
    }
    if (username.isEmpty() && password.isEmpty()) {
      throw new CredentialsException("User name and password for basic auth are both empty");
    }
    requireLength("user name", username);
    requireLength("password", password);
    return new BasicCredentials(username, password);
  }

  /**
   * The credentials in the files {@code username} and {@code password} of a folder (a mounted
   * Kubernetes secret), or none when there is no such folder. The files are taken as they are: a
   * line end belongs to the value, because nodes that run the Go program count it, too.
   *
   * @throws CredentialsException when one of the files is missing, unreadable, too long or not
   *     UTF-8
   */
  public static Optional<BasicCredentials> load(Path folder) {
    if (Files.notExists(folder)) {
      return Optional.empty();
    }
    String username = read(folder.resolve("username"));
    String password = read(folder.resolve("password"));
    try {
      return Optional.of(of(username, password));
    } catch (CredentialsException e) {
      throw new CredentialsException(e.getMessage() + ": " + folder, e);
    }
  }

  /** The value of an {@code Authorization} header that carries these credentials. */
  public String headerValue() {
    return headerValue;
  }

  /**
   * Whether the value of an {@code Authorization} header carries these credentials. What it takes
   * does not depend on where a wrong value differs, nor on the length of the right one. A missing,
   * malformed or overlong value does not match.
   */
  public boolean matches(@Nullable String authorization) {
    if (authorization == null
        || authorization.length() > MAX_HEADER_CHARS
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] userPass;
    try {
      userPass = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip());
    } catch (IllegalArgumentException e) {
      return false;
    }
    return MessageDigest.isEqual(digest, sha256(userPass));
  }

  @Override
  public String toString() {
    return "BasicCredentials[…]";
  }

  private static void requireLength(String what, String value) {
    if (value.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new CredentialsException(
          "The " + what + " for basic auth is longer than " + MAX_BYTES + " bytes");
    }
  }

  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CredentialsException(file + " is longer than " + MAX_BYTES + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new CredentialsException(
          file + " is missing: basic auth needs the files username and password", e);
    } catch (CharacterCodingException e) {
      throw new CredentialsException(file + " is not UTF-8", e);
    } catch (IOException e) {
      throw new CredentialsException(file + " cannot be read: " + e, e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      // Every Java platform has SHA-256 (java.security.MessageDigest).
      throw new IllegalStateException(e);
    }
  }
}
