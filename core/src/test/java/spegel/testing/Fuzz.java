package spegel.testing;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Gives every decoder on the class path as many inputs as are wanted, and keeps how it did:
 * bench/fuzz. Exits 1 when one failed.
 */
public final class Fuzz {
  private static final int MAX_REPORTED_FAILURES = 5;

  private Fuzz() {}

  /**
   * How a decoder did.
   *
   * @param accepted inputs for which it gave a value
   * @param largestAllocationBytes the most that it allocated for one input; what is done only once,
   *     such as to load a class, may count
   * @param inputBytesOfIt the length of that input
   * @param failed what went wrong, with the seed that repeats it: the first few
   */
  record Result(
      String decoder,
      String commit,
      long inputs,
      long seed,
      double seconds,
      long accepted,
      long failures,
      long largestAllocationBytes,
      int inputBytesOfIt,
      List<String> failed) {

    /** Both, which ran side by side. */
    Result and(Result other) {
      Result larger = largestAllocationBytes >= other.largestAllocationBytes ? this : other;
      List<String> both = new ArrayList<>(failed);
      both.addAll(other.failed);
      return new Result(
          decoder,
          commit,
          inputs + other.inputs,
          seed,
          Math.max(seconds, other.seconds),
          accepted + other.accepted,
          failures + other.failures,
          larger.largestAllocationBytes,
          larger.inputBytesOfIt,
          both);
    }
  }

  /**
   * Fuzzes.
   *
   * @param args inputs for each decoder, the seed, a regular expression for the decoders' names,
   *     the file in which the results are kept, and the commit that they are of
   */
  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    long inputs = Long.parseLong(args[0]);
    long seed = Long.parseLong(args[1]);
    String pattern = args[2];
    Path file = Path.of(args[3]);
    String commit = args[4];
    int shards = Runtime.getRuntime().availableProcessors();
    List<Result> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(shards)) {
      for (String name : names(pattern)) {
        List<Future<Result>> running = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
          long first = inputs * shard / shards;
          long end = inputs * (shard + 1) / shards;
          FuzzedDecoder<?> decoder = decoder(name);
          running.add(threads.submit(() -> run(decoder, commit, seed, first, end)));
        }
        Result whole = running.getFirst().get();
        for (Future<Result> part : running.subList(1, shards)) {
          whole = whole.and(part.get());
        }
        System.err.println(whole);
        results.add(whole);
        keep(whole, file);
      }
    }
    if (results.isEmpty() || results.stream().anyMatch(result -> result.failures > 0)) {
      System.exit(1);
    }
  }

  /** Those of other decoders stay. */
  private static void keep(Result result, Path file) throws IOException {
    Gson gson = new GsonBuilder().setPrettyPrinting().create();
    Map<String, Result> byDecoder = new TreeMap<>();
    if (Files.exists(file)) {
      for (Result known : gson.fromJson(Files.readString(file), Result[].class)) {
        byDecoder.put(known.decoder, known);
      }
    }
    byDecoder.put(result.decoder, result);
    Files.writeString(file, gson.toJson(byDecoder.values()) + "\n");
  }

  private static List<FuzzedDecoder<?>> all() {
    List<FuzzedDecoder<?>> all = new ArrayList<>();
    ServiceLoader.load(FuzzedDecoders.class).forEach(module -> all.addAll(module.decoders()));
    return all;
  }

  private static List<String> names(String pattern) {
    return all().stream().map(FuzzedDecoder::name).filter(n -> n.matches(pattern)).toList();
  }

  private static FuzzedDecoder<?> decoder(String name) {
    return all().stream().filter(decoder -> decoder.name().equals(name)).findFirst().orElseThrow();
  }

  private static Result run(
      FuzzedDecoder<?> decoder, String commit, long seed, long first, long end) {
    long accepted = 0;
    long failures = 0;
    List<String> failed = new ArrayList<>();
    FuzzedDecoder.Outcome largest = new FuzzedDecoder.Outcome(false, 0, 0);
    long begin = System.nanoTime();
    for (long i = first; i < end; i++) {
      long caseSeed = Property.caseSeed(seed, i);
      try {
        FuzzedDecoder.Outcome outcome = decoder.run(new Generator(caseSeed));
        accepted += outcome.accepted() ? 1 : 0;
        largest = outcome.allocatedBytes() > largest.allocatedBytes() ? outcome : largest;
      } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError e) {
        failures++;
        if (failed.size() < MAX_REPORTED_FAILURES) {
          failed.add(caseSeed + ": " + e);
        }
      }
    }
    return new Result(
        decoder.name(),
        commit,
        end - first,
        seed,
        Math.round((System.nanoTime() - begin) / 1e8) / 10.0,
        accepted,
        failures,
        largest.allocatedBytes(),
        largest.inputBytes(),
        failed);
  }
}
