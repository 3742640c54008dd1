package spegel.kad;

import java.util.Arrays;
import java.util.HexFormat;

/** The key of a provider record, as its bytes are on the wire. */
final class RecordKey {
  private final byte[] bytes;

  RecordKey(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  byte[] bytes() {
    return bytes.clone();
  }

  KadKey point() {
    return KadKey.of(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
