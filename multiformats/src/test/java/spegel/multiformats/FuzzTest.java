package spegel.multiformats;

import spegel.testing.DecoderContract;

final class FuzzTest extends DecoderContract {
  FuzzTest() {
    super(new MultiformatDecoders());
  }
}
