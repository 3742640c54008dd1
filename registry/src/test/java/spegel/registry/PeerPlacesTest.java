package spegel.registry;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import spegel.http.BodyStream;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;
import spegel.http.HttpObserver;
import spegel.http.HttpOutcome;
import spegel.store.Blob;

class PeerPlacesTest {
  private static final HttpOutcome SENT = new HttpOutcome("/v2/*", "GET", 200, 1, 1, true);

  private final PeerPlaces places = new PeerPlaces(3, 2, HttpObserver.NONE);

  @Test
  void take_isBounded_forAllAndForEachPeer() {
    Request first = new Request("127.0.0.2");
    assertTrue(places.take(first));
    assertTrue(places.take(new Request("127.0.0.2")));
    assertFalse(places.take(new Request("127.0.0.2")));
    assertTrue(places.take(new Request("127.0.0.3")));
    assertFalse(places.take(new Request("127.0.0.4")));

    first.over = true;
    places.requestEnded(first, SENT);

    assertTrue(places.take(new Request("127.0.0.4")));
  }

  @Test
  void take_keepsNoPlace_whenTheClientHasLeftAlready() {
    for (int i = 0; i < 10; i++) {
      Request left = new Request("127.0.0.2");
      left.over = true;
      places.requestEnded(left, SENT);
      assertFalse(places.take(left));
    }
    assertTrue(places.take(new Request("127.0.0.2")));
  }

  /** A request of a peer, of which only that counts. */
  private static final class Request implements HttpExchange {
    private final InetSocketAddress peer;
    private boolean over;

    Request(String address) {
      peer = new InetSocketAddress(address, 1);
    }

    @Override
    public boolean isOver() {
      return over;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return peer;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/";
    }

    @Override
    public String query() {
      return "";
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public void route(String route) {}

    @Override
    public void respond(int status, HttpFields fields, byte[] body) {}

    @Override
    public void respond(int status, HttpFields fields, Blob blob, long offset, long length) {}

    @Override
    public void respond(int status, HttpFields fields, BodyStream body) {}

    @Override
    public void runBlocking(HttpHandler rest) {}
  }
}
