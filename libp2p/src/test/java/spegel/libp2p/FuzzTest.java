package spegel.libp2p;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    super(new Libp2pDecoders());
  }
}
