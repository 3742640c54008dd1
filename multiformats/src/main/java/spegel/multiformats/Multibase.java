package spegel.multiformats;

import java.util.Base64;
import java.util.HexFormat;

/**
 * Texts for bytes, led by a character that names the encoding (multiformats "multibase"): of these
 * the ones that peer ids, CIDs and multiaddresses use.
 */
public enum Multibase {
  BASE16('f') {
    @Override
    public String encode(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }

    @Override
    public byte[] decode(String text) {
      try {
        return HexFormat.of().parseHex(text);
      } catch (IllegalArgumentException e) {
        throw new MultiformatException("base16: " + e.getMessage());
      }
    }
  },

  /** RFC 4648, lower case, without padding. */
  BASE32('b') {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    @Override
    public String encode(byte[] bytes) {
      StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
      int bits = 0;
      int pending = 0;
      for (byte b : bytes) {
        pending = (pending << 8) | (b & 0xff);
        bits += 8;
        while (bits >= 5) {
          bits -= 5;
          text.append(ALPHABET.charAt((pending >> bits) & 31));
        }
        pending &= (1 << bits) - 1;
      }
      if (bits > 0) {
        text.append(ALPHABET.charAt((pending << (5 - bits)) & 31));
      }
      return text.toString();
    }

    @Override
    public byte[] decode(String text) {
      byte[] bytes = new byte[(int) (text.length() * 5L / 8)];
      int filled = 0;
      int bits = 0;
      int pending = 0;
      for (int i = 0; i < text.length(); i++) {
        int digit = ALPHABET.indexOf(text.charAt(i));
        if (digit < 0) {
          throw new MultiformatException("base32: character " + (int) text.charAt(i) + " at " + i);
        }
        pending = (pending << 5) | digit;
        bits += 5;
        if (bits >= 8) {
          bits -= 8;
          bytes[filled++] = (byte) (pending >> bits);
          pending &= (1 << bits) - 1;
        }
      }
      if (bits >= 5 || pending != 0) {
        throw new MultiformatException("base32: a last character that stands for no byte");
      }
      return bytes;
    }
  },

  /** Bitcoin's alphabet; each leading zero byte is a leading '1'. */
  BASE58BTC('z') {
    @Override
    public String encode(byte[] bytes) {
      return Base58.encode(bytes);
    }

    @Override
    public byte[] decode(String text) {
      return Base58.decode(text);
    }
  },

  /** RFC 4648 "base64url", without padding. */
  BASE64URL('u') {
    @Override
    public String encode(byte[] bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public byte[] decode(String text) {
      try {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (!encode(bytes).equals(text)) {
          throw new MultiformatException("base64url: padded, or stray bits at its end");
        }
        return bytes;
      } catch (IllegalArgumentException e) {
        throw new MultiformatException("base64url: " + e.getMessage());
      }
    }
  };

  private final char prefix;

  Multibase(char prefix) {
    this.prefix = prefix;
  }

  /** The text for the bytes, without the leading character. */
  public abstract String encode(byte[] bytes);

  /**
   * The bytes of a text that has no leading character.
   *
   * @throws MultiformatException when it is not such a text
   */
  public abstract byte[] decode(String text);

  /** The text for the bytes, led by the character that names this encoding. */
  public String encodeWithPrefix(byte[] bytes) {
    return prefix + encode(bytes);
  }

  /**
   * The bytes of a text whose first character names its encoding.
   *
   * @throws MultiformatException when the encoding is not one of these, or the text not of that
   *     encoding
   */
  public static byte[] decodeWithPrefix(String text) {
    if (text.isEmpty()) {
      throw new MultiformatException("multibase: empty text");
    }
    for (Multibase base : values()) {
      if (base.prefix == text.charAt(0)) {
        return base.decode(text.substring(1));
      }
    }
    throw new MultiformatException("multibase: unknown prefix, character " + (int) text.charAt(0));
  }
}
