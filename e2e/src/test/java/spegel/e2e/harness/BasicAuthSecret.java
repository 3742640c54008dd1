package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A user name and password, to be mounted as a Pod has them: under {@code /etc/secrets/basic-auth}.
 *
 * @param etc a folder that is laid over {@code /etc}
 */
public record BasicAuthSecret(Path etc, String username, String password) {

  /** Writes the secret's files into a folder that has nothing else. */
  public static BasicAuthSecret write(Path etc, String username, String password) {
    try {
      Path files = Files.createDirectories(etc.resolve("secrets/basic-auth"));
      Files.writeString(files.resolve("username"), username);
      Files.writeString(files.resolve("password"), password);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new BasicAuthSecret(etc, username, password);
  }

  /** The command, to be run with the secret mounted, seen by nobody else. */
  public List<String> mountedFor(List<String> command) {
    String overlay = "mount -t overlay overlay -o 'lowerdir=" + etc + ":/etc' /etc && exec \"$@\"";
    List<String> wrapped =
        new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", overlay, "sh"));
    wrapped.addAll(command);
    return wrapped;
  }

  /** The header's value with which a client shows the secret. */
  public String authorization() {
    return authorization(username + ":" + password);
  }

  /** The header's value for any credentials, {@code user:password}. */
  public static String authorization(String credentials) {
    return "Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }
}
