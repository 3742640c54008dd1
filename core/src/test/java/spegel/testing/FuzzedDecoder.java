package spegel.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/**
 * A decoder of what strangers send, and how to make inputs for it. For every input it has to give a
 * value or the protocol's own error, and may allocate no more than a bound that grows with the
 * input.
 *
 * @param <T> what is decoded
 */
public final class FuzzedDecoder<T> {
  private static final int MAX_NOISE_BYTES = 512;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String name;
  private final Inputs valid;
  private final Decoder<T> decoder;
  private final List<Class<? extends Exception>> errors;
  private final Check<T> check;
  private final long fixedBytes;
  private final long bytesForEach;

  /** Makes valid inputs, of all kinds. */
  @FunctionalInterface
  public interface Inputs {
    byte[] make(Generator generator) throws Exception;
  }

  /** Decodes an input, on the calling thread. */
  @FunctionalInterface
  public interface Decoder<T> {
    T decode(byte[] input) throws Exception;
  }

  /** What has to hold for a value that was decoded of an input. */
  @FunctionalInterface
  public interface Check<T> {
    boolean holds(T value, byte[] input) throws Exception;
  }

  /** How a decoder did on one input. */
  public record Outcome(boolean accepted, int inputBytes, long allocatedBytes) {}

  private FuzzedDecoder(
      String name,
      Inputs valid,
      Decoder<T> decoder,
      List<Class<? extends Exception>> errors,
      Check<T> check,
      long fixedBytes,
      long bytesForEach) {
    this.name = name;
    this.valid = valid;
    this.decoder = decoder;
    this.errors = errors;
    this.check = check;
    this.fixedBytes = fixedBytes;
    this.bytesForEach = bytesForEach;
  }

  /**
   * A decoder.
   *
   * @param error the exception by which it refuses an input
   */
  public static <T> FuzzedDecoder<T> of(
      String name, Inputs valid, Decoder<T> decoder, Class<? extends Exception> error) {
    return new FuzzedDecoder<>(name, valid, decoder, List.of(error), (_, _) -> true, 0, 0);
  }

  /** The same, where another exception says that the input has ended. */
  public FuzzedDecoder<T> endingWith(Class<? extends Exception> end) {
    return new FuzzedDecoder<>(
        name, valid, decoder, List.of(errors.getFirst(), end), check, fixedBytes, bytesForEach);
  }

  /**
   * The same, with a bound on what it allocates: so many bytes, which hold an exception's stack
   * trace, and so many more for each byte of the input.
   */
  public FuzzedDecoder<T> allocating(long bytes, long bytesForEachByte) {
    return new FuzzedDecoder<>(name, valid, decoder, errors, check, bytes, bytesForEachByte);
  }

  /** The same, with what has to hold for each value. */
  public FuzzedDecoder<T> checking(Check<T> more) {
    return new FuzzedDecoder<>(name, valid, decoder, errors, more, fixedBytes, bytesForEach);
  }

  /** What it is called in reports. */
  public String name() {
    return name;
  }

  /**
   * Gives the decoder one input.
   *
   * @throws AssertionError when it throws anything but its protocol's error, allocates too much, or
   *     gives a value that it should not
   */
  public Outcome run(Generator generator) throws Exception {
    byte[] input = input(generator);
    Outcome outcome = decode(input);
    long bound = fixedBytes + bytesForEach * input.length;
    if (outcome.allocatedBytes > bound) {
      // Classes may have been loaded, or call sites linked, on the way: that is done only once.
      outcome = decode(input);
    }
    if (outcome.allocatedBytes > bound) {
      throw new AssertionError(
          "%s: %d bytes allocated for an input of %d"
              .formatted(name, outcome.allocatedBytes, input.length));
    }
    return outcome;
  }

  private Outcome decode(byte[] input) throws Exception {
    T value;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      value = decoder.decode(input);
    } catch (Exception e) {
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      if (errors.stream().noneMatch(error -> error.isInstance(e))) {
        throw new AssertionError(name + ": not an error of the protocol: " + e, e);
      }
      return new Outcome(false, input.length, allocated);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (!check.holds(value, input)) {
      throw new AssertionError(name + ": a value that should not be: " + value);
    }
    return new Outcome(true, input.length, allocated);
  }

  private byte[] input(Generator generator) throws Exception {
    return switch (generator.between(0, 7)) {
      case 0, 1 -> valid.make(generator);
      case 2 -> truncated(valid.make(generator), generator);
      case 3 -> generator.bytes(MAX_NOISE_BYTES);
      default -> generator.mutate(valid.make(generator));
    };
  }

  private static byte[] truncated(byte[] whole, Generator generator) {
    return Arrays.copyOf(whole, generator.between(0, whole.length));
  }

  @Override
  public String toString() {
    return name;
  }
}
