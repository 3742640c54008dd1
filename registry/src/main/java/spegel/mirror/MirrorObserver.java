package spegel.mirror;

/** Hears of what the mirror does, for metrics and the page. Called on any thread: must not wait. */
public interface MirrorObserver {

  /** An observer that does not listen. */
  MirrorObserver NONE =
      new MirrorObserver() {
        @Override
        public void asked(PeerOutcome outcome) {}

        @Override
        public void began(Transfer transfer) {}

        @Override
        public void ended(Transfer transfer) {}

        @Override
        public void switched(boolean found) {}

        @Override
        public void wrongContent(String peerId, String key) {}

        @Override
        public void tagConflict() {}
      };

  /** A peer was asked. */
  void asked(PeerOutcome outcome);

  /** A blob of a peer begins to be passed on. */
  void began(Transfer transfer);

  /** It has ended, whole or not. */
  void ended(Transfer transfer);

  /**
   * A peer failed, ended early or stalled in the middle of a blob.
   *
   * @param found whether another peer goes on; else the client was sent upstream for the rest
   */
  void switched(boolean found);

  /** A peer's content is not what its digest promises. */
  void wrongContent(String peerId, String key);

  /** Two providers of a tag name different digests. */
  void tagConflict();
}
