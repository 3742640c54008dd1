package spegel.http;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import java.util.concurrent.Semaphore;

/**
 * How many unsent bytes the kernel takes from a connection's answer. Left alone it takes up to 4
 * MiB (net.ipv4.tcp_wmem) for each reader, however slow, and that counts in our memory cgroup. A
 * large queue saves some processor time, so a few bodies at a time have one: enough for the layers
 * that one containerd asks for at once. What is on its way in the network is not limited.
 */
final class SendQueue {
  /** The bound that each connection begins with. */
  static final long SMALL_BYTES = 128 * 1024;

  private static final long LARGE_BYTES = 4 * 1024 * 1024;
  private static final int MAX_LARGE = 4;

  private final Semaphore large;
  private final Channel channel;
  private boolean isLarge;
  private boolean wasLarge;

  /**
   * @param large from {@link #permits}, shared by the connections of a server
   */
  SendQueue(Semaphore large, Channel channel) {
    this.large = large;
    this.channel = channel;
  }

  /** Permits for large queues. */
  static Semaphore permits() {
    return new Semaphore(MAX_LARGE);
  }

  /** A file's body begins: the queue becomes large when there are few large ones. */
  void begin() {
    isLarge = large.tryAcquire();
    if (isLarge != wasLarge) {
      // NIO does not know the option, and returns false.
      channel
          .config()
          .setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, isLarge ? LARGE_BYTES : SMALL_BYTES);
      wasLarge = isLarge;
    }
  }

  /** The body has ended; what was the queue's may be another's. */
  void end() {
    if (isLarge) {
      isLarge = false;
      large.release();
    }
  }
}
