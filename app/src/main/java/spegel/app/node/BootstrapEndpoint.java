package spegel.app.node;

import java.io.IOException;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpObserver;
import spegel.http.HttpRoutes;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;
import spegel.http.ListenAddress;
import spegel.routing.bootstrap.PeerInfoJson;
import spegel.routing.kad.KadRouter;

/** Tells other nodes of this one, {@code /id}, so that they may begin with it. */
final class BootstrapEndpoint {
  private static final HttpFields JSON = HttpFields.of("Content-Type", "application/json");

  private BootstrapEndpoint() {}

  static HttpServer start(
      ListenAddress address, Bootstrap.Http bootstrap, KadRouter router, HttpObserver observer)
      throws IOException {
    return HttpServer.start(
        HttpServerOptions.of("bootstrap", address).withObserver(observer),
        HttpRoutes.none()
            .with(
                "/id",
                // Listing the interfaces asks the system.
                exchange -> exchange.runBlocking(blocking -> tell(blocking, bootstrap, router))));
  }

  private static void tell(HttpExchange exchange, Bootstrap.Http bootstrap, KadRouter router) {
    exchange.respond(
        200, JSON, PeerInfoJson.write(router.id(), router.addresses(), bootstrap.answersBare()));
  }
}
