package spegel.app.web;

import java.time.Instant;
import java.util.List;

/**
 * What does not change while a node runs.
 *
 * @param agentVersion what it calls itself towards others
 * @param host the machine's or Pod's name; empty when it is not known
 * @param peerId its identity
 * @param addresses under which others find it
 * @param registryAddress where it listens for containerd and peers
 * @param routerAddress where it listens for other nodes' routers
 * @param store where images are
 * @param bootstrap how first peers are found: dns, http, static or none
 * @param mirroredRegistries only these registries' images; empty for all
 * @param registryFilters patterns of names that are left out
 * @param started when
 */
public record NodeFacts(
    String agentVersion,
    String host,
    String peerId,
    List<String> addresses,
    String registryAddress,
    String routerAddress,
    String store,
    String bootstrap,
    List<String> mirroredRegistries,
    List<String> registryFilters,
    Instant started) {
  public NodeFacts {
    addresses = List.copyOf(addresses);
    mirroredRegistries = List.copyOf(mirroredRegistries);
    registryFilters = List.copyOf(registryFilters);
  }
}
