package spegel.libp2p.noise;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    // A handshake costs its Diffie-Hellman and signatures.
    super(new NoiseDecoders(), 1_500);
  }
}
