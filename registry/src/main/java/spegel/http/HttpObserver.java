package spegel.http;

/**
 * Hears of the requests of a server, for metrics and access logs. Called on event loops: must not
 * wait.
 */
public interface HttpObserver {

  /** An observer that does not listen. */
  HttpObserver NONE =
      new HttpObserver() {
        @Override
        public void requestStarted(String route) {}

        @Override
        public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {}
      };

  /** A request has taken its route. */
  void requestStarted(String route);

  /** The request's answer is sent, or will not be: once for each one that started. */
  void requestEnded(HttpExchange exchange, HttpOutcome outcome);
}
