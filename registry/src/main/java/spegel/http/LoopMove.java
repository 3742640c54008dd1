package spegel.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;

/**
 * Moves a channel from its event loop to another one.
 *
 * <p>Between the two it is registered with neither: nothing is read, written or told. What makes it
 * sound: the move begins in a task of its own, because a write that has just ended may have queued
 * a flush for the channel on the loop it leaves, and Netty deregisters in a further task; so
 * whatever that loop still had to do for the channel is done before the other one begins; the
 * arrival is told before anything else that happens to the channel there. The channel must not read
 * by itself and nothing may be waiting to be written.
 */
final class LoopMove {
  private LoopMove() {}

  /**
   * Begins the move; called on the channel's loop.
   *
   * @param arrived called on the target loop. It is not when the channel is closed on the way: then
   *     its close future says so
   */
  static void begin(Channel channel, EventLoop target, Runnable arrived) {
    channel.eventLoop().execute(() -> leave(channel, target, arrived));
  }

  private static void leave(Channel channel, EventLoop target, Runnable arrived) {
    channel
        .deregister()
        .addListener(
            left -> {
              if (channel.isOpen()) {
                register(channel, target, arrived);
              }
            });
  }

  private static void register(Channel channel, EventLoop target, Runnable arrived) {
    // Listened to before it can come true: else the channel's first events, its end among them,
    // could be told before the arrival is.
    ChannelPromise registered = new DefaultChannelPromise(channel, target);
    var _ =
        registered.addListener(
            done -> {
              if (done.isSuccess()) {
                arrived.run();
              }
            });
    var _ = target.register(registered);
  }
}
