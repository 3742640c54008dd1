package spegel.app.demo;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import spegel.app.command.CommandFailedException;

/** The addresses of this machine that stand for nodes, and free ports at all of them. */
final class Loopback {
  private static final int ATTEMPTS = 50;

  private Loopback() {}

  /** 127.0.0.1 and those after it. */
  static List<InetAddress> addresses(int count) {
    List<InetAddress> addresses = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      try {
        addresses.add(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) i}));
      } catch (UnknownHostException e) {
        throw new IllegalStateException("four bytes are an address", e);
      }
    }
    return addresses;
  }

  /**
   * A port that is free at each of the addresses now.
   *
   * @throws CommandFailedException when one of them is no address of this machine
   */
  static int freePort(List<InetAddress> addresses) {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = attempt(addresses);
      if (port > 0) {
        return port;
      }
    }
    throw new CommandFailedException(
        "no port is free at all of " + addresses + ". End what listens on so many ports.");
  }

  /** A port, or 0 when the one that the first address offered is taken at another. */
  private static int attempt(List<InetAddress> addresses) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      int port = 0;
      for (InetAddress address : addresses) {
        ServerSocket socket = new ServerSocket();
        held.add(socket);
        if (!bind(socket, new InetSocketAddress(address, port))) {
          return 0;
        }
        port = socket.getLocalPort();
      }
      return port;
    } catch (IOException e) {
      throw new CommandFailedException("no port to listen on: " + e.getMessage(), e);
    } finally {
      held.forEach(Loopback::close);
    }
  }

  private static boolean bind(ServerSocket socket, InetSocketAddress address) throws IOException {
    try {
      socket.bind(address);
      return true;
    } catch (BindException e) {
      if (isThere(address.getAddress())) {
        return false;
      }
      throw new CommandFailedException(
          "%s is no address of this machine, and each node needs one of its own: all serve at one"
                  .formatted(address.getAddress().getHostAddress())
              + " port. Linux has all of 127.0.0.0/8; on macOS: sudo ifconfig lo0 alias 127.0.0.2"
              + " && sudo ifconfig lo0 alias 127.0.0.3",
          e);
    }
  }

  private static boolean isThere(InetAddress address) throws IOException {
    try (ServerSocket any = new ServerSocket()) {
      any.bind(new InetSocketAddress(address, 0));
      return true;
    } catch (BindException e) {
      return false;
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException("a socket that nobody uses does not close", e);
    }
  }
}
