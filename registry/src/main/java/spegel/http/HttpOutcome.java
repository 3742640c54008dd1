package spegel.http;

/**
 * How a request ended.
 *
 * @param route the name that its handler gave with {@link HttpExchange#route}
 * @param method the request's method when it is a registered one, else {@code other}: safe as a
 *     metric's label
 * @param status the answer's status; {@value #NO_STATUS} when the client left before there was one
 * @param bodyBytes bytes of the body that were handed to the network
 * @param nanos time from the end of the request's head to the end of the answer
 * @param complete whether the whole answer was handed to the network
 */
public record HttpOutcome(
    String route, String method, int status, long bodyBytes, long nanos, boolean complete) {

  /** Stands where no status was sent; the convention of proxies' logs for a client that left. */
  public static final int NO_STATUS = 499;
}
