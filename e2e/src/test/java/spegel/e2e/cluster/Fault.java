package spegel.e2e.cluster;

/** What befalls a node that others get content from. */
enum Fault {
  /** Its mirror is gone at once, and the kernel says so to whoever is connected. */
  KILLED {
    @Override
    void strike(ClusterNode node) {
      node.killMirror();
    }
  },
  /** It is silent from now on. */
  UNPLUGGED {
    @Override
    void strike(ClusterNode node) {
      node.unplug();
    }
  },
  /** It goes on, too slowly to be waited for. */
  SLOWED {
    @Override
    void strike(ClusterNode node) {
      node.slowDown();
    }
  };

  abstract void strike(ClusterNode node);
}
