package spegel.oci;

import org.jspecify.annotations.Nullable;

/**
 * The part of a body that a request's {@code Range} header asks for (RFC 9110, section 14). Only
 * single ranges of bytes are served; a server may ignore the header, and does so for all else.
 */
public sealed interface ByteRange {

  /**
   * What to answer.
   *
   * @param header the header's value, or null when there was none
   * @param sizeBytes of the whole body, not negative
   */
  static ByteRange resolve(@Nullable String header, long sizeBytes) {
    return ByteRangeParser.resolve(header, sizeBytes);
  }

  /** All of it, status 200: nothing else was asked for in a form that we serve. */
  record Whole(long sizeBytes) implements ByteRange {}

  /**
   * One part, status 206.
   *
   * @param first offset of the first byte
   * @param last offset of the last byte, inclusive
   * @param sizeBytes of the whole body
   */
  record Part(long first, long last, long sizeBytes) implements ByteRange {
    public Part {
      if (first < 0 || last < first || last >= sizeBytes) {
        throw new IllegalArgumentException(
            "no part of %d bytes: %d-%d".formatted(sizeBytes, first, last));
      }
    }

    /** The number of bytes, at least one. */
    public long lengthBytes() {
      return last - first + 1;
    }

    /** The value of the {@code Content-Range} header. */
    public String contentRange() {
      return "bytes " + first + "-" + last + "/" + sizeBytes;
    }
  }

  /** Beyond the end, status 416. */
  record Unsatisfiable(long sizeBytes) implements ByteRange {

    /** The value of the {@code Content-Range} header. */
    public String contentRange() {
      return "bytes */" + sizeBytes;
    }
  }
}
