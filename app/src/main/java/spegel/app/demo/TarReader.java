package spegel.app.demo;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive from front to back (POSIX.1-2017, pax interchange format; GNU's long names
 * and large numbers). Names are told as they are: whoever takes one for a path has to look at it.
 */
final class TarReader {
  static final int MAX_NAME_BYTES = 4096;
  static final int MAX_EXTENSION_BYTES = 64 * 1024;

  private static final int BLOCK_BYTES = 512;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM_BYTES = 8;
  private static final int SIZE_AT = 124;
  private static final int SIZE_BYTES = 12;
  private static final int TYPE_AT = 156;
  private static final int LINK_AT = 157;
  private static final int MAGIC_AT = 257;
  private static final int PREFIX_AT = 345;

  private final InputStream archive;
  private Content content = new Content(0);

  /** What an entry is, as far as it matters to us. */
  enum Kind {
    FILE,
    LINK,
    OTHER
  }

  /**
   * One entry.
   *
   * @param name as the archive has it
   * @param kind what it is
   * @param target where a link leads, as the archive has it
   * @param size bytes of its content
   */
  record Entry(String name, Kind kind, String target, long size) {}

  /**
   * @param archive is read with large buffers; not closed
   */
  TarReader(InputStream archive) {
    this.archive = archive;
  }

  /**
   * The next entry; what is left of the content of the one before is passed over. Null at the end.
   */
  @Nullable Entry next() throws IOException {
    Extensions extensions = new Extensions();
    while (true) {
      content.passOver();
      byte[] header = archive.readNBytes(BLOCK_BYTES);
      if (header.length == 0 || isZero(header)) {
        return null;
      }
      checkHeader(header);
      char type = (char) header[TYPE_AT];
      long size = number(header, SIZE_AT, SIZE_BYTES);
      switch (type) {
        case 'x' -> extensions.pax(extension(size));
        case 'g' -> extension(size); // Global ones say nothing that matters to us.
        case 'L' -> extensions.name = text(extension(size), 0, MAX_EXTENSION_BYTES);
        case 'K' -> extensions.target = text(extension(size), 0, MAX_EXTENSION_BYTES);
        default -> {
          return entry(header, type, extensions.size < 0 ? size : extensions.size, extensions);
        }
      }
    }
  }

  private Entry entry(byte[] header, char type, long size, Extensions extensions)
      throws IOException {
    Kind kind =
        switch (type) {
          case '0', '\0', '7' -> Kind.FILE;
          case '1', '2' -> Kind.LINK;
          case '3', '4', '5', '6' -> Kind.OTHER;
          default -> throw new IOException("an entry of a kind that images have not: " + type);
        };
    content = new Content(kind == Kind.FILE ? size : 0);
    String name = extensions.name == null ? name(header) : extensions.name;
    String target = extensions.target == null ? text(header, LINK_AT, 100) : extensions.target;
    if (name.length() > MAX_NAME_BYTES || target.length() > MAX_NAME_BYTES) {
      throw new IOException("a name longer than " + MAX_NAME_BYTES + " bytes");
    }
    return new Entry(name, kind, target, content.left);
  }

  /** The content of the last entry. */
  InputStream content() {
    return content;
  }

  private static String name(byte[] header) {
    String name = text(header, 0, 100);
    boolean posix = text(header, MAGIC_AT, 6).equals("ustar"); // GNU: "ustar  ", other fields.
    String prefix = posix ? text(header, PREFIX_AT, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private byte[] extension(long size) throws IOException {
    if (size > MAX_EXTENSION_BYTES) {
      throw new IOException("an extended header of " + size + " bytes");
    }
    content = new Content(size);
    return content.readAllBytes();
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** The sum of all bytes, with that of the sum itself counted as blanks. */
  private static void checkHeader(byte[] header) throws IOException {
    if (header.length < BLOCK_BYTES) {
      throw new EOFException("it ends in the middle of an entry's header");
    }
    long sum = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      boolean ofSum = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES;
      sum += ofSum ? ' ' : header[i] & 0xff;
    }
    if (sum != number(header, CHECKSUM_AT, CHECKSUM_BYTES)) {
      throw new IOException("it is no tar archive, or damaged");
    }
  }

  /** Octal digits; or, of what needs more than these, 255 or 128 and a number in base 256. */
  private static long number(byte[] header, int at, int length) throws IOException {
    if ((header[at] & 0x80) != 0) {
      long value = header[at] & 0x7f;
      for (int i = at + 1; i < at + length; i++) {
        if (value > Long.MAX_VALUE >>> 8) {
          throw new IOException("a number out of range");
        }
        value = value << 8 | (header[i] & 0xff);
      }
      return value;
    }
    String digits = text(header, at, length).strip();
    try {
      return digits.isEmpty() ? 0 : checkedSize(Long.parseLong(digits, 8));
    } catch (NumberFormatException e) {
      throw new IOException("it is no tar archive, or damaged: not an octal number", e);
    }
  }

  private static long checkedSize(long size) throws IOException {
    if (size < 0) {
      throw new IOException("a negative number");
    }
    return size;
  }

  private static String text(byte[] bytes, int at, int maxLength) {
    int end = at;
    while (end < Math.min(bytes.length, at + maxLength) && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, StandardCharsets.UTF_8);
  }

  /** What extended headers say of the entry that follows. */
  private static final class Extensions {
    private @Nullable String name;
    private @Nullable String target;
    private long size = -1;

    /** Records of the form {@code "LENGTH KEY=VALUE\n"}; the length counts all of it. */
    void pax(byte[] records) throws IOException {
      int at = 0;
      while (at < records.length) {
        int blank = at;
        while (blank < records.length && records[blank] != ' ') {
          blank++;
        }
        long length = decimal(new String(records, at, blank - at, StandardCharsets.US_ASCII));
        if (length <= blank - at + 1 || length > records.length - at) {
          throw new IOException("a malformed extended header");
        }
        int end = at + (int) length;
        set(new String(records, blank + 1, end - blank - 2, StandardCharsets.UTF_8));
        at = end;
      }
    }

    private void set(String record) throws IOException {
      int equals = record.indexOf('=');
      String value = record.substring(equals + 1);
      switch (record.substring(0, Math.max(equals, 0))) {
        case "path" -> name = value;
        case "linkpath" -> target = value;
        case "size" -> size = decimal(value);
        default -> {} // Times, owners and others' own.
      }
    }

    private static long decimal(String digits) throws IOException {
      try {
        return checkedSize(Long.parseLong(digits));
      } catch (NumberFormatException e) {
        throw new IOException("a malformed extended header", e);
      }
    }
  }

  /** An entry's content, which ends with the entry. */
  private final class Content extends FilterInputStream {
    private long left;
    private int padding;

    Content(long size) {
      super(archive);
      this.left = size;
      this.padding = (int) (-size & (BLOCK_BYTES - 1));
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = super.read(bytes, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("it ends in the middle of an entry");
      }
      left -= count;
      return count;
    }

    @Override
    public void close() {
      // The archive goes on.
    }

    void passOver() throws IOException {
      try {
        archive.skipNBytes(left + padding);
      } catch (EOFException e) {
        throw new EOFException("it ends in the middle of an entry");
      }
      left = 0;
      padding = 0;
    }
  }
}
