package spegel.mirror;

/** When the blobs that a peer has are read and hashed before anything of them is passed on. */
public enum VerifyBlobs {
  /**
   * When a client asks again for what a peer has just delivered in full: it must have found the
   * content wrong.
   */
  SUSPICION,
  /** Each blob of each peer. Costs a second transfer between the nodes, and its time. */
  ALWAYS,
  /** Not at all: containerd verifies every blob before it commits it, and fails the pull. */
  NEVER
}
