package spegel.registry;

import spegel.oci.RegistryError;
import spegel.store.ContentStore;

/**
 * Says that there is nothing: containerd hears 404 and goes upstream; a peer hears 503 while the
 * store does not know what it has, so that it does not take the node for one that has nothing.
 */
final class NotFound implements MissingContent {
  private final ContentStore store;
  private final RegistryObserver observer;

  NotFound(ContentStore store, RegistryObserver observer) {
    this.store = store;
    this.observer = observer;
  }

  @Override
  public void answer(ContentRequest request) {
    answer(request, 0);
  }

  /**
   * The same after peers were asked.
   *
   * @param asked how many
   */
  void answer(ContentRequest request, int asked) {
    if (request.isFromPeer()) {
      answerPeer(request);
      return;
    }
    observer.mirrorRequest(request.registry(), false);
    RegistryError error =
        new RegistryError(
            request.kind().unknown(), "could not find peer for " + request.key(), asked);
    RegistryAnswers.error(request.exchange(), error);
  }

  private void answerPeer(ContentRequest request) {
    if (store.connected()) {
      RegistryAnswers.error(
          request.exchange(),
          new RegistryError(request.kind().unknown(), request.key() + " is not here"));
    } else {
      RegistryAnswers.unavailable(request.exchange(), "the content store is not connected");
    }
  }
}
