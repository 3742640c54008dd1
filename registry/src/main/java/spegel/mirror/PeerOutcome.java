package spegel.mirror;

/** What became of a question to a peer. */
public enum PeerOutcome {
  /** It gave what was asked for. */
  FOUND,
  /** It does not have it, or not any more. */
  MISSING,
  /** It has enough to do. */
  BUSY,
  /** It could not be reached or was too slow, while blobs went on coming from it. */
  LATE,
  /** It could not be reached, was too slow, or its answer made no sense. */
  FAILED,
  /** What it gave is not what its digest promises. */
  WRONG
}
