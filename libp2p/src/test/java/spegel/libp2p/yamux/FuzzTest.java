package spegel.libp2p.yamux;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    super(new YamuxDecoders());
  }
}
