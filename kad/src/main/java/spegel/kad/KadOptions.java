package spegel.kad;

import java.time.Duration;

/**
 * A node's parameters; {@link #DEFAULT} holds those of the network.
 *
 * @param k peers that keep a record, and that an answer names
 * @param alpha requests of one lookup under way at a time
 * @param requestTimeout for one request
 * @param recordLifetime how long a provider record of another node is kept
 * @param reprovideInterval how often each own key is announced anew
 * @param refreshInterval how often a bucket is looked through
 * @param checkInterval how often silent peers are asked whether they are there
 * @param silence how long a peer may go unheard before it is asked
 * @param maxRecords provider records of other nodes, in all; k for each key that a node holds on
 *     average, 375 bytes or less each
 * @param maxProvidersPerKey and for one key
 */
public record KadOptions(
    int k,
    int alpha,
    Duration requestTimeout,
    Duration recordLifetime,
    Duration reprovideInterval,
    Duration refreshInterval,
    Duration checkInterval,
    Duration silence,
    int maxRecords,
    int maxProvidersPerKey) {
  public static final KadOptions DEFAULT =
      new KadOptions(
          20,
          10,
          Duration.ofSeconds(10),
          Duration.ofMinutes(19),
          Duration.ofMinutes(15),
          Duration.ofMinutes(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          65_536,
          128);

  /** The same with another interval of announcing. */
  public KadOptions withReprovideInterval(Duration interval) {
    return new KadOptions(
        k,
        alpha,
        requestTimeout,
        recordLifetime,
        interval,
        refreshInterval,
        checkInterval,
        silence,
        maxRecords,
        maxProvidersPerKey);
  }
}
