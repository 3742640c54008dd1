package spegel.app.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.avaje.json.mapper.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class JsonLoggerTest {
  private static final long SEED = 20_261_102;

  /** Keeps every write as one element. */
  private static final class Lines extends OutputStream {
    private final List<String> writes = new ArrayList<>();

    @Override
    public void write(int b) {
      throw new AssertionError("a line is one write");
    }

    @Override
    public void write(byte[] bytes) {
      writes.add(new String(bytes, StandardCharsets.UTF_8));
    }

    private Map<String, Object> only() {
      assertEquals(1, writes.size(), writes::toString);
      String line = writes.getFirst();
      assertTrue(line.endsWith("}\n"), line);
      assertEquals(line.length() - 1, line.indexOf('\n'), line);
      return JsonMapper.builder().build().fromJsonObject(line);
    }
  }

  private final Lines lines = new Lines();
  private final LogOutput output =
      new LogOutput(InstantSource.fixed(Instant.parse("2026-01-02T03:04:05.000678900Z")), lines);
  private final Logger log = new JsonLogger("spegel.test", output);

  @Test
  void log_writesOneLine_withTimeLevelSourceMessageAndFields() {
    log.atInfo()
        .addKeyValue("key", "docker.io/library/nginx:latest")
        .addKeyValue("count", 3)
        .log("OCI event");
    String line = lines.writes.getFirst();
    assertTrue(
        line.startsWith(
            "{\"time\":\"2026-01-02T03:04:05.000678900Z\",\"level\":\"INFO\",\"source\":{\"function\":\""
                + JsonLoggerTest.class.getName()
                + ".log_writesOneLine_withTimeLevelSourceMessageAndFields\",\"file\":\"JsonLoggerTest.java\",\"line\":"),
        line);
    assertTrue(
        line.endsWith(
            "},\"msg\":\"OCI event\",\"key\":\"docker.io/library/nginx:latest\",\"count\":3}\n"),
        line);
  }

  @Test
  void log_fillsPlaceholders_whenThereAreArguments() {
    log.warn("{} of {}", 1, "two");
    assertEquals("1 of two", lines.only().get("msg"));
  }

  @Test
  void log_callsNothing_whenBelowThreshold() {
    AtomicInteger calls = new AtomicInteger();
    log.atDebug().addKeyValue("x", () -> calls.incrementAndGet()).log("no");
    log.debug("no {}", 1);
    log.trace("never");
    output.level(LogLevel.ERROR);
    log.warn("no");
    assertFalse(log.isWarnEnabled());
    assertEquals(0, calls.get());
    assertEquals(List.of(), lines.writes);
  }

  @Test
  void log_writesMessagesOfCauses_whenAnExceptionIsGiven() {
    log.error("failed", new IllegalStateException("outer", new java.io.IOException("inner")));
    Map<String, Object> line = lines.only();
    assertEquals("outer: inner", line.get("err"));
    assertFalse(line.toString().contains("\tat "));
  }

  @Test
  void log_writesStackAsOneString_whenLevelIsDebug() {
    output.level(LogLevel.DEBUG);
    log.error("failed", new IllegalStateException("outer"));
    assertTrue(String.valueOf(lines.only().get("err")).contains("\n\tat " + getClass().getName()));
  }

  @Test
  void log_leavesLibrariesDebuggingOut_whenLevelIsDebug() {
    output.level(LogLevel.DEBUG);
    assertTrue(log.isDebugEnabled());
    assertFalse(new JsonLogger("io.netty.channel", output).isDebugEnabled());
  }

  @Test
  void log_staysBounded_whenValuesAreLong() {
    String longText = "\u0001".repeat(1_000_000);
    var event = log.atInfo();
    for (int i = 0; i < 100; i++) {
      event = event.addKeyValue("key" + i, longText);
    }
    event.log(longText);
    Map<String, Object> line = lines.only();
    assertEquals(true, line.get("truncated"));
    assertTrue(lines.writes.getFirst().length() < JsonLine.MAX_LINE_CHARS + 100);
  }

  @Test
  void log_keepsAnyTextInsideItsString() {
    RandomGenerator random = RandomGeneratorFactory.getDefault().create(SEED);
    String special = "\"\\\n\r\t\0\u001f\u007f\u0085\u2028\ud800\udc00{}[]:,é";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(30), 0, special.length())
          .forEach(index -> text.append(special.charAt(index)));
      lines.writes.clear();
      log.atInfo().addKeyValue(text.toString(), text).log("fixed");
      Map<String, Object> line = new HashMap<>(lines.only());
      assertEquals("fixed", line.get("msg"), () -> "seed " + SEED + ": " + text);
      String expected =
          new String(
              text.toString().getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
      assertEquals(expected, line.get(expected), () -> "seed " + SEED + ": " + text);
    }
  }

  @Test
  void log_doesNotFail_whenToStringThrows() {
    Object broken =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("broken");
          }
        };
    log.atInfo().addKeyValue("value", broken).log("x");
    assertTrue(String.valueOf(lines.only().get("value")).endsWith("toString: broken"));
  }

  @Test
  void start_bringsTheJdksLoggingHere() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (AutoCloseable _ = Log.redirect(bytes)) {
      Log.start(LogLevel.INFO);
      java.util.logging.Logger jul = java.util.logging.Logger.getLogger("io.grpc.test");
      jul.fine("no");
      jul.warning("yes");
      LoggerFactory.getLogger("spegel.test").info("own");
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(2, text.lines().count(), text);
    assertTrue(text.contains("\"level\":\"WARN\"") && text.contains("\"msg\":\"yes\""), text);
    assertTrue(text.contains("JsonLoggerTest.start_bringsTheJdksLoggingHere"), text);
    assertTrue(text.contains("\"msg\":\"own\""), text);
  }
}
