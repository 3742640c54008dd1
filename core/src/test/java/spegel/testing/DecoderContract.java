package spegel.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What every decoder of what strangers send has to stand; the same as {@link Fuzz}, only less. */
public abstract class DecoderContract {
  private static final int DEFAULT_INPUTS = 5_000;

  private final FuzzedDecoders decoders;
  private final int inputs;

  /** Tests the decoders with some thousand inputs each. */
  protected DecoderContract(FuzzedDecoders decoders) {
    this(decoders, DEFAULT_INPUTS);
  }

  /** Tests the decoders with so many inputs each. */
  protected DecoderContract(FuzzedDecoders decoders, int inputs) {
    this.decoders = decoders;
    this.inputs = inputs;
  }

  @TestFactory
  Stream<DynamicTest> decoder_givesAValueOrItsProtocolsError_inBoundedMemory() {
    return decoders.decoders().stream()
        .map(decoder -> DynamicTest.dynamicTest(decoder.name(), () -> run(decoder)));
  }

  private void run(FuzzedDecoder<?> decoder) {
    int[] accepted = new int[1];
    int[] refused = new int[1];
    Property.forAll(
        inputs,
        generator -> {
          int[] count = decoder.run(generator).accepted() ? accepted : refused;
          count[0]++;
        });
    // Inputs that are all refused at their first byte would say little.
    int least = (accepted[0] + refused[0]) / 100;
    assertTrue(accepted[0] >= least, () -> "accepted: " + accepted[0]);
    assertTrue(refused[0] >= least, () -> "refused: " + refused[0]);
  }
}
