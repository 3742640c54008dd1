package spegel.libp2p;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A host's own Ed25519 key pair. The file form is PKCS#8 in PEM, as Go's x509 package writes it.
 */
public final class Identity {
  private static final int SEED_BYTES = 32;
  private static final int MAX_FILE_BYTES = 4096;

  /** The PKCS#8 PrivateKeyInfo of an Ed25519 key, up to the seed itself (RFC 8410). */
  private static final byte[] PKCS8_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");

  private static final String PEM_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String PEM_END = "-----END PRIVATE KEY-----";

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private Identity(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** A new identity, held in memory only. */
  public static Identity generate() {
    byte[] seed = new byte[SEED_BYTES];
    new SecureRandom().nextBytes(seed);
    return ofSeed(seed);
  }

  /** The identity of a private key's 32 bytes (RFC 8032, 5.1.5). */
  public static Identity ofSeed(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("an Ed25519 seed of " + seed.length + " bytes");
    }
    try {
      // The JDK gives no public key for a private one; a generator whose randomness is the seed
      // does.
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, new SeedAsRandomness(seed));
      KeyPair pair = generator.generateKeyPair();
      if (!(pair.getPrivate() instanceof EdECPrivateKey made)
          || !Arrays.equals(seed, made.getBytes().orElse(new byte[0]))) {
        throw new IllegalStateException("this JDK does not derive Ed25519 keys from a seed");
      }
      byte[] x509 = pair.getPublic().getEncoded();
      PublicKey publicKey =
          PublicKey.ofRaw(Arrays.copyOfRange(x509, x509.length - SEED_BYTES, x509.length));
      return new Identity(made, publicKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks Ed25519", e);
    }
  }

  /**
   * Reads the identity's file, or makes it, with mode 0600, when there is none. A file that cannot
   * be read as a key is left as it is.
   *
   * @throws IOException when it can be neither read nor made; the message names the file and the
   *     cause
   */
  public static Identity loadOrCreate(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] seed = new byte[SEED_BYTES];
      new SecureRandom().nextBytes(seed);
      try {
        create(file, seed);
        return ofSeed(seed);
      } catch (FileAlreadyExistsException e) {
        // Another process made it at the same moment: its key is the one.
        return load(file);
      }
    }
    return load(file);
  }

  private static void create(Path file, byte[] seed) throws IOException {
    byte[] pkcs8 = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + SEED_BYTES);
    System.arraycopy(seed, 0, pkcs8, PKCS8_PREFIX.length, SEED_BYTES);
    String pem =
        PEM_BEGIN + "\n" + Base64.getEncoder().encodeToString(pkcs8) + "\n" + PEM_END + "\n";
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path temporary =
        Files.createTempFile(
            directory,
            "." + file.getFileName(),
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(temporary, pem, StandardOpenOption.DSYNC);
      // A link does not replace what is there, as a rename would.
      Files.createLink(file, temporary);
    } catch (UnsupportedOperationException e) {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static Identity load(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException(file + ": not a private key, longer than " + MAX_FILE_BYTES + " bytes");
    }
    String pem = Files.readString(file);
    int begin = pem.indexOf(PEM_BEGIN);
    int end = pem.indexOf(PEM_END);
    if (begin < 0 || end < begin) {
      throw new IOException(
          file + ": no PEM block PRIVATE KEY; remove the file to get a new identity");
    }
    try {
      byte[] pkcs8 = Base64.getMimeDecoder().decode(pem.substring(begin + PEM_BEGIN.length(), end));
      boolean ed25519 =
          pkcs8.length == PKCS8_PREFIX.length + SEED_BYTES
              && Arrays.equals(PKCS8_PREFIX, 0, PKCS8_PREFIX.length, pkcs8, 0, PKCS8_PREFIX.length);
      if (ed25519) {
        return ofSeed(Arrays.copyOfRange(pkcs8, PKCS8_PREFIX.length, pkcs8.length));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": the PEM block is not base64", e);
    }
    throw new IOException(
        file + ": not an Ed25519 key in PKCS#8; remove the file to get a new identity");
  }

  /** The public half. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /** The id by which others know this host. */
  public PeerId peerId() {
    return publicKey.peerId();
  }

  /** The signature over the message, 64 bytes. */
  public byte[] sign(byte[] message) {
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(privateKey);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks Ed25519", e);
    }
  }

  @Override
  public String toString() {
    return "identity of " + peerId();
  }

  /** Yields the seed once. */
  private static final class SeedAsRandomness extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] seed;

    SeedAsRandomness(byte[] seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }
}
