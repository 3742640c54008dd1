package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import spegel.app.demo.TarReader.Entry;
import spegel.app.demo.TarReader.Kind;

class TarReaderTest {
  private static TarReader reader(TarWriter tar) {
    return new TarReader(new ByteArrayInputStream(tar.bytes()));
  }

  private static Entry next(TarReader tar) throws IOException {
    Entry entry = tar.next();
    assertNotNull(entry);
    return entry;
  }

  @Test
  void next_givesEachEntry_whetherOrNotTheOneBeforeWasRead() throws IOException {
    byte[] content = new byte[1000];
    Arrays.fill(content, (byte) 7);
    TarReader tar =
        reader(
            new TarWriter()
                .file("a", content)
                .file("b", content)
                .entry("folder/", '5', "", new byte[0])
                .link("c", "../b"));
    assertEquals(new Entry("a", Kind.FILE, "", 1000), next(tar));
    assertEquals("b", next(tar).name());
    assertArrayEquals(content, tar.content().readAllBytes());
    assertEquals(Kind.OTHER, next(tar).kind());
    assertEquals(new Entry("c", Kind.LINK, "../b", 0), next(tar));
    assertNull(tar.next());
  }

  @Test
  void next_takesLongNamesAndSizes_fromPaxAndGnuHeaders() throws IOException {
    String name = "d/".repeat(120) + "layer.tar";
    TarReader tar =
        reader(
            new TarWriter()
                .pax("path", name)
                .file("cut", "one")
                .entry("././@LongLink", 'L', "", (name + "\0").getBytes(StandardCharsets.UTF_8))
                .file("cut", "two")
                .file("short", "three"));
    assertEquals(name, next(tar).name());
    assertEquals(name, next(tar).name());
    assertArrayEquals("two".getBytes(StandardCharsets.UTF_8), tar.content().readAllBytes());
    assertEquals("short", next(tar).name());
  }

  @Test
  void next_readsSizes_inBase256() throws IOException {
    byte[] size = new byte[12];
    size[0] = (byte) 0x80;
    size[11] = 3;
    TarReader tar = reader(new TarWriter().header("a", size).raw(new byte[512]));
    assertEquals(3, next(tar).size());
  }

  @Test
  void next_refuses_whatIsNoTar_orIsDamagedOrCutOrBeyondABound() {
    byte[] whole = new TarWriter().file("a", "content").bytes();
    byte[] damaged = whole.clone();
    damaged[1]++;
    byte[] negative = new byte[12];
    Arrays.fill(negative, (byte) 0xff);
    for (byte[] archive :
        new byte[][] {
          "no tar archive, but longer than a header ".repeat(20).getBytes(StandardCharsets.UTF_8),
          damaged,
          Arrays.copyOf(whole, 100),
          Arrays.copyOf(whole, 514),
          Arrays.copyOf(whole, 700),
          new TarWriter().header("a", negative).bytes(),
          new TarWriter().entry("a", 'S', "", new byte[0]).bytes(),
          new TarWriter()
              .pax("path", "x".repeat(TarReader.MAX_NAME_BYTES + 1))
              .file("a", "")
              .bytes(),
          new TarWriter().entry("a", 'x', "", new byte[TarReader.MAX_EXTENSION_BYTES + 1]).bytes(),
          new TarWriter().entry("a", 'x', "", "99 a=b\n".getBytes(StandardCharsets.UTF_8)).bytes(),
          new TarWriter().entry("a", 'x', "", "x".getBytes(StandardCharsets.UTF_8)).bytes(),
        }) {
      TarReader tar = new TarReader(new ByteArrayInputStream(archive));
      assertThrows(IOException.class, () -> readAll(tar));
    }
  }

  private static void readAll(TarReader tar) throws IOException {
    while (tar.next() != null) {
      tar.content().readAllBytes();
    }
  }

  @Test
  void next_failsInNoOtherWay_whateverTheHeadersSay() {
    byte[] whole = new TarWriter().pax("size", "7").file("a", "content").link("b", "a").bytes();
    Random random = new Random(4711);
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = whole.clone();
      // Within headers and records; the sum is mended, so that what was changed is looked at.
      int at = random.nextInt(3 * 512);
      mutated[at] = (byte) random.nextInt();
      mendSum(mutated, at / 512 * 512);
      try {
        readAll(new TarReader(new ByteArrayInputStream(mutated)));
      } catch (IOException e) {
        assertNotNull(e.getMessage());
      }
    }
  }

  private static void mendSum(byte[] archive, int header) {
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? ' ' : archive[header + i] & 0xff;
    }
    byte[] text = "%06o\0".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, archive, header + 148, text.length);
  }
}
