package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import spegel.app.command.CommandFailedException;

class LoopbackTest {
  @Test
  void freePort_isFreeAtEveryAddress() throws IOException {
    List<InetAddress> addresses = Loopback.addresses(3);
    int port = Loopback.freePort(addresses);
    for (InetAddress address : addresses) {
      try (ServerSocket socket = new ServerSocket(port, 1, address)) {
        assertTrue(socket.isBound());
      }
    }
  }

  @Test
  void freePort_namesTheAddressThatThisMachineLacks_andTheCure() throws IOException {
    // Of the range for documentation (RFC 5737): no machine has it.
    InetAddress foreign = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
    String message =
        String.valueOf(
            assertThrows(
                    CommandFailedException.class,
                    () -> Loopback.freePort(List.of(Loopback.addresses(1).getFirst(), foreign)))
                .getMessage());
    assertTrue(message.contains("192.0.2.1") && message.contains("ifconfig lo0"), message);
  }
}
