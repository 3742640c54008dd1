package spegel.app.web;

import spegel.mirror.MirrorObserver;
import spegel.mirror.PeerOutcome;
import spegel.mirror.Transfer;

/** Tells of blobs of peers. */
record TrafficOfMirror(Traffic traffic, MirrorObserver next) implements MirrorObserver {

  @Override
  public void asked(PeerOutcome outcome) {
    next.asked(outcome);
  }

  @Override
  public void began(Transfer transfer) {
    traffic.began(transfer);
    next.began(transfer);
  }

  @Override
  public void ended(Transfer transfer) {
    traffic.ended(transfer);
    next.ended(transfer);
  }

  @Override
  public void switched(boolean found) {
    next.switched(found);
  }

  @Override
  public void wrongContent(String peerId, String key) {
    next.wrongContent(peerId, key);
  }

  @Override
  public void tagConflict() {
    next.tagConflict();
  }
}
