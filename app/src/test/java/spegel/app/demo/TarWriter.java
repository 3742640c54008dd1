package spegel.app.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tar archives as tests need them, malformed ones too. */
final class TarWriter {
  private static final int BLOCK_BYTES = 512;

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();

  TarWriter file(String name, byte[] content) {
    return entry(name, '0', "", content);
  }

  TarWriter file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  TarWriter link(String name, String target) {
    return entry(name, '2', target, new byte[0]);
  }

  /** A pax header with one record, of the entry that follows. */
  TarWriter pax(String key, String value) {
    int rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
    int length = rest + 1;
    while (Integer.toString(length).length() + rest != length) {
      length++;
    }
    byte[] record = (length + " " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
    return entry("PaxHeaders/0", 'x', "", record);
  }

  TarWriter entry(String name, char type, String target, byte[] content) {
    byte[] header =
        header(
            name,
            type,
            target,
            "%011o".formatted(content.length).getBytes(StandardCharsets.US_ASCII));
    archive.writeBytes(header);
    archive.writeBytes(content);
    archive.writeBytes(new byte[-content.length & (BLOCK_BYTES - 1)]);
    return this;
  }

  /** A header alone, with this for its size. */
  TarWriter header(String name, byte[] size) {
    archive.writeBytes(header(name, '0', "", size));
    return this;
  }

  TarWriter raw(byte[] bytes) {
    archive.writeBytes(bytes);
    return this;
  }

  private static byte[] header(String name, char type, String target, byte[] size) {
    byte[] header = new byte[BLOCK_BYTES];
    put(header, 0, name.getBytes(StandardCharsets.UTF_8));
    put(header, 100, "0000644\0".getBytes(StandardCharsets.US_ASCII));
    put(header, 124, size);
    put(header, 157, target.getBytes(StandardCharsets.UTF_8));
    put(header, 257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
    header[156] = (byte) type;
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0".formatted(sum).getBytes(StandardCharsets.US_ASCII));
    return header;
  }

  private static void put(byte[] header, int at, byte[] field) {
    System.arraycopy(field, 0, header, at, field.length);
  }

  /** The archive with the two empty blocks at its end. */
  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(archive.toByteArray());
    whole.writeBytes(new byte[2 * BLOCK_BYTES]);
    return whole.toByteArray();
  }
}
