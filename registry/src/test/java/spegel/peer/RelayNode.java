package spegel.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpObserver;
import spegel.http.HttpOutcome;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;
import spegel.http.HttpTimeouts;
import spegel.http.ListenAddress;
import spegel.http.RawClient;
import spegel.http.Transport;

/** A server that relays every GET from peers, going on with the next where one fails. */
final class RelayNode implements AutoCloseable, HttpObserver {
  static final Duration LONG = Duration.ofSeconds(30);
  static final RelayLimits PATIENT = new RelayLimits(LONG, LONG, 0);

  /** A relay's interruption, as its listener hears it. */
  record Interruption(long offset, String why) {}

  private final Queue<Interruption> interruptions = new ConcurrentLinkedQueue<>();
  private final Queue<Boolean> ends = new ConcurrentLinkedQueue<>();
  private final Queue<HttpOutcome> outcomes = new ConcurrentLinkedQueue<>();
  private final Queue<Relay> relays = new ConcurrentLinkedQueue<>();
  private final List<InetSocketAddress> peers;
  private final RelayLimits limits;
  private final PeerClient client;
  private final HttpServer server;

  RelayNode(Transport transport, Carriers carriers, RelayLimits limits, List<ScriptedPeer> peers)
      throws IOException {
    this(transport, carriers, limits, peers, new HttpTimeouts(30_000, 30_000, 30_000, 2_000));
  }

  RelayNode(
      Transport transport,
      Carriers carriers,
      RelayLimits limits,
      List<ScriptedPeer> peers,
      HttpTimeouts timeouts)
      throws IOException {
    this.peers = peers.stream().map(ScriptedPeer::address).toList();
    this.limits = limits;
    this.client = PeerClient.start(PeerClientOptions.DEFAULT, transport, carriers);
    this.server =
        HttpServer.start(
            HttpServerOptions.of("relay", new ListenAddress("127.0.0.1", 0))
                .withConnections(
                    1024, 16, exchange -> exchange.respond(503, HttpFields.NONE, new byte[0]))
                .withTimeouts(timeouts)
                .withObserver(this),
            exchange -> {
              exchange.route("/*");
              if (exchange.path().equals("/local")) {
                exchange.respond(200, HttpFields.NONE, ScriptedPeer.bytes("local"));
              } else {
                exchange.runBlocking(this::relay);
              }
            },
            transport);
  }

  private void relay(HttpExchange exchange) {
    Lane lane = client.lane();
    Queue<InetSocketAddress> untried = new ArrayDeque<>(peers);
    try {
      PeerResponse first =
          lane.send(request(exchange.method(), exchange.path(), untried.remove(), 0), LONG);
      Relay relay =
          new Relay(
              lane,
              first,
              new ReceivedBytes(System.nanoTime()),
              limits,
              new GoingOn(lane, exchange.path(), untried));
      relays.add(relay);
      exchange.respond(200, HttpFields.NONE, relay);
    } catch (IOException e) {
      exchange.respond(404, HttpFields.NONE, ScriptedPeer.bytes(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static PeerRequest request(String method, String target, InetSocketAddress peer, long from) {
    HttpFields fields = from == 0 ? HttpFields.NONE : HttpFields.of("Range", "bytes=" + from + "-");
    return new PeerRequest(List.of(peer), method, target, fields);
  }

  /** Goes on with the next peer, in a thread of its own; gives up when there is none. */
  private final class GoingOn implements Relay.Listener {
    private final Lane lane;
    private final String target;
    private final Queue<InetSocketAddress> untried;

    GoingOn(Lane lane, String target, Queue<InetSocketAddress> untried) {
      this.lane = lane;
      this.target = target;
      this.untried = untried;
    }

    @Override
    public void interrupted(Relay relay, long offset, String why) {
      interruptions.add(new Interruption(offset, why));
      InetSocketAddress next = untried.poll();
      if (next == null) {
        relay.giveUp();
        return;
      }
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  relay.resume(
                      lane.send(request("GET", target, next, offset), LONG),
                      new ReceivedBytes(System.nanoTime()),
                      limits);
                } catch (IOException e) {
                  relay.giveUp();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }

    @Override
    public void ended(Relay relay, boolean complete) {
      ends.add(complete);
    }
  }

  @Override
  public void requestStarted(String route) {}

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    outcomes.add(outcome);
  }

  RawClient connect() throws IOException {
    return new RawClient(server.address().getPort());
  }

  RawClient connect(int receiveBytes) throws IOException {
    return new RawClient(server.address().getPort(), receiveBytes);
  }

  PeerClient client() {
    return client;
  }

  HttpServer server() {
    return server;
  }

  Queue<Interruption> interruptions() {
    return interruptions;
  }

  /** Of each relay that has ended, whether it was complete. */
  Queue<Boolean> ends() {
    return ends;
  }

  Queue<HttpOutcome> outcomes() {
    return outcomes;
  }

  /** All relays so far. */
  Queue<Relay> relays() {
    return relays;
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
