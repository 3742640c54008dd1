package spegel.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that connections cannot be accepted, mostly because file descriptors have run out. */
final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(AcceptFailures.class);

  private final String server;
  private final LogPace failures = new LogPace();

  AcceptFailures(String server) {
    this.server = server;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failures
        .due()
        .ifPresent(
            failed ->
                log.atError()
                    .addKeyValue("server", server)
                    .addKeyValue("error", cause.toString())
                    .addKeyValue("failures", failed)
                    .log("cannot accept connections"));
  }
}
