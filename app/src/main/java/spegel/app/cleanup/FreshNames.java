package spegel.app.cleanup;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.List;

/**
 * The platform's name service without the memory of 30 s that Java has by default: a node that
 * begins to clean up after the first lookup must not be overlooked.
 */
final class FreshNames implements CleanupWait.Resolver {

  /** To be created before this process looks up its first name: the settings are read once. */
  FreshNames() {
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }

  @Override
  public List<InetAddress> resolve(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(host));
  }
}
