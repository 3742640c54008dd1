package spegel.libp2p.noise;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    // A handshake costs its Diffie-Hellman.
    super(new NoiseDecoders(), 10_000);
  }
}
