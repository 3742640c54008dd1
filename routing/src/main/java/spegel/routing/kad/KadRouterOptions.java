package spegel.routing.kad;

import java.net.InetSocketAddress;
import spegel.libp2p.Identity;
import spegel.routing.bootstrap.Bootstrapper;

/**
 * How a router works.
 *
 * @param identity the node's key
 * @param listen where other routers connect; a wildcard for all interfaces, port 0 for any port
 * @param agentVersion what the node calls itself towards others
 * @param bootstrapper finds the first peers
 * @param alone whether the node is meant to work alone: then it is ready without peers
 * @param provenOnly whether a provider is yielded only with addresses at which it has proved its
 *     identity, for which a connection is made where there is none
 * @param observer hears of searches
 */
public record KadRouterOptions(
    Identity identity,
    InetSocketAddress listen,
    String agentVersion,
    Bootstrapper bootstrapper,
    boolean alone,
    boolean provenOnly,
    ResolveObserver observer) {}
