package spegel.routing.bootstrap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a client by the files of a folder, each of which may be missing: {@code ca.crt}, whom to
 * trust, and {@code tls.crt} with {@code tls.key}, who this node is; in PEM.
 */
public final class ClientTls {
  private static final String AUTHORITIES = "ca.crt";
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";
  private static final int MAX_FILE_BYTES = 1024 * 1024;
  private static final char[] NO_PASSWORD = {};

  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN (RSA |EC )?PRIVATE KEY-----([^-]+)-----END");

  /** AlgorithmIdentifier of rsaEncryption (RFC 8017, appendix C). */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /** The object identifier of EC public keys (RFC 5480, 2.1.1). */
  private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");

  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private ClientTls() {}

  /**
   * Reads the folder.
   *
   * @throws IOException when a file cannot be used; the message names it and the cause
   */
  public static SSLSocketFactory load(Path folder) throws IOException {
    return context(folder).getSocketFactory();
  }

  static SSLContext context(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(folder + ": no such folder");
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(folder), trust(folder.resolve(AUTHORITIES)), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(folder + ": " + e.getMessage(), e);
    }
  }

  private static TrustManager @Nullable [] trust(Path file)
      throws IOException, GeneralSecurityException {
    if (!Files.exists(file)) {
      return null;
    }
    KeyStore store = emptyStore();
    int count = 0;
    for (Certificate authority : certificates(file)) {
      store.setCertificateEntry("ca-" + count++, authority);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager @Nullable [] keys(Path folder)
      throws IOException, GeneralSecurityException {
    Path certificate = folder.resolve(CERTIFICATE);
    Path key = folder.resolve(KEY);
    if (!Files.exists(certificate) && !Files.exists(key)) {
      return null;
    }
    for (Path file : List.of(certificate, key)) {
      if (!Files.exists(file)) {
        throw new IOException(file + ": missing; " + CERTIFICATE + " and " + KEY + " go together");
      }
    }
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "client",
        privateKey(key),
        NO_PASSWORD,
        certificates(certificate).toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException(file + ": longer than " + MAX_FILE_BYTES + " bytes");
    }
    return Files.readAllBytes(file);
  }

  private static Collection<? extends Certificate> certificates(Path file) throws IOException {
    try {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(read(file)));
      if (certificates.isEmpty() || !(certificates.iterator().next() instanceof X509Certificate)) {
        throw new IOException(file + ": no certificate in it");
      }
      return certificates;
    } catch (CertificateException e) {
      throw new IOException(file + ": not certificates in PEM: " + e.getMessage(), e);
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException {
    Matcher block = PRIVATE_KEY.matcher(new String(read(file), StandardCharsets.US_ASCII));
    if (!block.find()) {
      throw new IOException(
          file + ": no private key in PEM (PKCS#8, PKCS#1 or SEC 1, unencrypted)");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(block.group(2));
      String kind = block.group(1);
      byte[] pkcs8 =
          switch (kind) {
            case "RSA " -> pkcs8(RSA, der);
            case "EC " -> pkcs8(der(0x30, EC_OID, curve(der)), der);
            case null, default -> der;
          };
      for (String algorithm : KEY_ALGORITHMS) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
          // Of another algorithm; which one, the encoding alone knows.
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(file + ": malformed private key", e);
    }
    throw new IOException(file + ": not a private key of RSA, EC or Ed25519");
  }

  /** PrivateKeyInfo around a key in its algorithm's own form (RFC 5208). */
  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return der(0x30, new byte[] {0x02, 0x01, 0x00}, algorithm, der(0x04, key));
  }

  /** The curve's identifier, the content of field [0] of ECPrivateKey (RFC 5915). */
  private static byte[] curve(byte[] key) {
    // SEQUENCE { INTEGER 1, OCTET STRING of at most 66 bytes, [0] { OID }, … }
    int octets = (key[1] & 0x80) == 0 ? 5 : 5 + (key[1] & 0x7f);
    int field = octets + 2 + key[octets + 1];
    if ((key[field] & 0xff) == 0xa0) {
      return Arrays.copyOfRange(key, field + 2, field + 2 + key[field + 1]);
    }
    throw new IllegalArgumentException("an EC key that names no curve");
  }

  private static byte[] der(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length >= 0x80) {
      out.write(length > 0xff ? 0x82 : 0x81);
      if (length > 0xff) {
        out.write(length >>> 8);
      }
    }
    out.write(length & 0xff);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }
}
