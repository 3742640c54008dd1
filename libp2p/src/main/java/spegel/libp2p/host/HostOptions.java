package spegel.libp2p.host;

import java.net.InetSocketAddress;
import java.time.Duration;
import spegel.libp2p.Identity;

/**
 * How a host behaves; begin with {@link #of}.
 *
 * @param identity its key
 * @param listen where it listens; a wildcard address listens on all interfaces, port 0 on any port
 * @param agentVersion what it calls itself towards peers
 * @param maxConnections connections at a time, in both directions
 * @param maxConnectionsPerNetwork and with one IPv4 address, or one /64 of IPv6
 * @param maxInboundStreams streams that one connection's peer may have open at a time
 * @param maxSharedStreams and that all peers together may have, beyond a few of each connection
 * @param maxHandshakes inbound connections that may be in their handshake at a time
 * @param maxDials dials under way at a time; further ones wait
 * @param dialTimeout for one address, from connect to the end of the handshake
 * @param handshakeTimeout for inbound connections
 * @param maxUndeliveredBytes received bytes that may wait for readers, over all connections
 */
public record HostOptions(
    Identity identity,
    InetSocketAddress listen,
    String agentVersion,
    int maxConnections,
    int maxConnectionsPerNetwork,
    int maxInboundStreams,
    int maxSharedStreams,
    int maxHandshakes,
    int maxDials,
    Duration dialTimeout,
    Duration handshakeTimeout,
    long maxUndeliveredBytes) {

  /** The defaults of a node in a cluster of thousands. */
  public static HostOptions of(Identity identity, InetSocketAddress listen) {
    return new HostOptions(
        identity,
        listen,
        "spegel-jvm",
        1024,
        128,
        256,
        2048,
        64,
        32,
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        8L * 1024 * 1024);
  }

  /** The same with another name of the software. */
  public HostOptions withAgentVersion(String name) {
    return new HostOptions(
        identity,
        listen,
        name,
        maxConnections,
        maxConnectionsPerNetwork,
        maxInboundStreams,
        maxSharedStreams,
        maxHandshakes,
        maxDials,
        dialTimeout,
        handshakeTimeout,
        maxUndeliveredBytes);
  }

  /** The same with other limits of connections, and of streams on each. */
  public HostOptions withLimits(int connections, int inboundStreams) {
    return new HostOptions(
        identity,
        listen,
        agentVersion,
        connections,
        maxConnectionsPerNetwork,
        inboundStreams,
        maxSharedStreams,
        maxHandshakes,
        maxDials,
        dialTimeout,
        handshakeTimeout,
        maxUndeliveredBytes);
  }

  /** The same with other time-outs. */
  public HostOptions withTimeouts(Duration dial, Duration handshake) {
    return new HostOptions(
        identity,
        listen,
        agentVersion,
        maxConnections,
        maxConnectionsPerNetwork,
        maxInboundStreams,
        maxSharedStreams,
        maxHandshakes,
        maxDials,
        dial,
        handshake,
        maxUndeliveredBytes);
  }

  /** The same with another limit of connections with one network. */
  public HostOptions withConnectionsPerNetwork(int connections) {
    return new HostOptions(
        identity,
        listen,
        agentVersion,
        maxConnections,
        connections,
        maxInboundStreams,
        maxSharedStreams,
        maxHandshakes,
        maxDials,
        dialTimeout,
        handshakeTimeout,
        maxUndeliveredBytes);
  }
}
