package spegel.app.node;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import spegel.app.command.CommandFailedException;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.Content;
import spegel.app.command.RegistryConfiguration.Store;
import spegel.containerd.ContainerdStore;
import spegel.containerd.Finding;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.oci.ReferenceFilter;
import spegel.store.ContentStore;
import spegel.store.OciLayoutStore;
import spegel.store.StoreException;

/** Makes the store that the command line names. */
final class Stores {
  private static final Logger log = LoggerFactory.getLogger(Stores.class);

  private Stores() {}

  /**
   * The store, not started yet.
   *
   * @param hopeless told why, when only a new start of this process helps
   */
  static ContentStore open(
      RegistryConfiguration configuration, ReferenceFilter filter, Consumer<String> hopeless) {
    // No switch over types: see Main.
    if (configuration.store() instanceof Store.OciLayout(var directory)) {
      return layout(directory, filter);
    }
    Store.Containerd containerd = (Store.Containerd) configuration.store();
    return new ContainerdStore(
        containerd.options(),
        filter::passes,
        Stores::tell,
        () ->
            hopeless.accept(
                "containerd has put a new socket in the place of "
                    + containerd.options().socket()
                    + ", which this container sees when it is started anew"));
  }

  /** Which names this node deals with. */
  static ReferenceFilter filter(Content content) {
    return ReferenceFilter.of(
        content.mirroredRegistries().stream().map(Stores::name).toList(),
        content.registryFilters());
  }

  private static String name(MirroredRegistry registry) {
    return switch (registry) {
      case MirroredRegistry.Named(var url) -> url.toString();
      case MirroredRegistry.All _ -> "*";
    };
  }

  private static ContentStore layout(Path directory, ReferenceFilter filter) {
    try {
      return new OciLayoutStore(directory, filter::passes);
    } catch (StoreException e) {
      throw new CommandFailedException(
          e.getMessage() + ". --store oci-layout:DIR needs the folder of an OCI image layout.", e);
    }
  }

  private static void tell(Finding finding) {
    Level level =
        switch (finding.severity()) {
          case INFO -> Level.INFO;
          case WARNING -> Level.WARN;
          case ERROR -> Level.ERROR;
        };
    var line = log.atLevel(level).addKeyValue("advice", finding.advice());
    if (!finding.toml().isEmpty()) {
      line = line.addKeyValue("configuration", finding.toml());
    }
    line.log(finding.problem());
  }
}
