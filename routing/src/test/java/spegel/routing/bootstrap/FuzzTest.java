package spegel.routing.bootstrap;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    super(new PeerInfoDecoders());
  }
}
