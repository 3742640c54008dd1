package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdOptionsTest {
  @ParameterizedTest
  @ValueSource(strings = {"k8s.io", "default", "moby", "a", "a-b_c.d"})
  void namespace_isAccepted(String namespace) {
    assertDoesNotThrow(() -> options("/run/c.sock", namespace));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a..b", "-a", "a b", "a\",topic==\"x", "a\nb", "ä"})
  void namespace_isRefused_whenContainerdWouldRefuseIt(String namespace) {
    assertThrows(IllegalArgumentException.class, () -> options("/run/c.sock", namespace));
  }

  @Test
  void namespace_isRefused_whenTooLong() {
    assertThrows(IllegalArgumentException.class, () -> options("/run/c.sock", "a".repeat(77)));
  }

  @Test
  void socket_isRefused_whenTooLongForTheKernel() {
    assertDoesNotThrow(() -> options("/" + "a".repeat(106), "k8s.io"));
    assertThrows(IllegalArgumentException.class, () -> options("/" + "a".repeat(107), "k8s.io"));
  }

  private static ContainerdOptions options(String socket, String namespace) {
    return new ContainerdOptions(
        Path.of(socket),
        namespace,
        null,
        ContainerdOptions.DEFAULT_REGISTRY_CONFIG_PATH,
        ContainerdOptions.DEFAULT_CONFIG_FILE);
  }
}
