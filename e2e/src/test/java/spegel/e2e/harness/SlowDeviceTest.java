package spegel.e2e.harness;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowDeviceTest {
  @Test
  void reads_areSlow_forTheWrappedCommandOnly() throws IOException {
    try (SlowDevice device = SlowDevice.create(32L << 20, 1 << 20)) {
      Path file = device.folder().resolve("file");
      Files.write(file, new byte[3 << 20]);
      List<String> read = List.of("cat", file.toString());
      Duration fast = timeUncached(device, read);
      Duration slow = timeUncached(device, device.wrap(read));
      assertTrue(fast.compareTo(Duration.ofSeconds(1)) < 0, "others read in " + fast);
      assertTrue(slow.compareTo(Duration.ofSeconds(2)) > 0, "the group reads in " + slow);
    }
  }

  private static Duration timeUncached(SlowDevice device, List<String> command) {
    device.dropCache();
    long began = System.nanoTime();
    Command.run(command).orFail();
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
