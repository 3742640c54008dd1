package spegel.registry;

/** Answers requests for what this node does not have. */
interface MissingContent {

  /** Answers the request, now or later. Called on an event loop or a virtual thread. */
  void answer(ContentRequest request);
}
