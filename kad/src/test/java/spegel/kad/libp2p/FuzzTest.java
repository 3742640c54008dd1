package spegel.kad.libp2p;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    super(new KadDecoders());
  }
}
