package spegel.app.demo;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.LayoutIndex;
import spegel.oci.Manifest;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;
import spegel.oci.VerifyingInputStream;

/**
 * An OCI image layout that is read and filled. Content is written aside and comes to its place in
 * one step, verified, so that whoever serves the layout sees all of it or nothing.
 */
final class Layout {
  static final String LAYOUT_FILE = "oci-layout";
  static final String INDEX_FILE = "index.json";

  private static final String BLOBS = "blobs";
  private static final String INGEST = "ingest";
  private static final int COPY_BYTES = 256 * 1024;

  private final Path root;
  private final AtomicLong ingests = new AtomicLong();

  private Layout(Path root) {
    this.root = root;
  }

  /** One that is there, to be read. */
  static Layout at(Path root) {
    return new Layout(root);
  }

  /** A new one without content. */
  static Layout create(Path root) throws IOException {
    Files.createDirectories(root.resolve(BLOBS).resolve(Digest.Algorithm.SHA256.prefix()));
    Files.createDirectories(root.resolve(INGEST));
    Files.writeString(root.resolve(LAYOUT_FILE), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(root.resolve(INDEX_FILE), "{\"schemaVersion\":2,\"manifests\":[]}");
    return new Layout(root);
  }

  Path root() {
    return root;
  }

  /** Whether there is content of this digest and size; the bytes are not looked at. */
  boolean has(Descriptor content) throws IOException {
    try {
      return Files.size(file(content.digest())) == content.size();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** The content, which fails at its end when it is not what the descriptor says. */
  InputStream open(Descriptor content) throws IOException {
    return new VerifyingInputStream(Files.newInputStream(file(content.digest())), content);
  }

  /**
   * The manifest's bytes, verified.
   *
   * @throws OciFormatException when it is larger than any manifest
   */
  byte[] manifest(Descriptor manifest) throws IOException {
    if (manifest.size() > Manifest.MAX_BYTES) {
      throw new OciFormatException("manifest: too large: " + manifest.digest());
    }
    try (InputStream bytes = open(manifest)) {
      return bytes.readAllBytes();
    }
  }

  /**
   * What it lists.
   *
   * @throws OciFormatException when that is malformed
   */
  LayoutIndex index() throws IOException {
    try (InputStream bytes = Files.newInputStream(root.resolve(INDEX_FILE))) {
      return LayoutIndex.parse(bytes.readNBytes(Manifest.MAX_BYTES + 1));
    }
  }

  /** Adds content, which must be what the descriptor says. */
  void add(Descriptor content, InputStream bytes) throws IOException {
    Path ingest = newIngest();
    try {
      try (OutputStream out = new FileOutputStream(ingest.toFile())) {
        copy(new VerifyingInputStream(bytes, content), out);
      }
      place(ingest, content.digest());
    } finally {
      Files.deleteIfExists(ingest);
    }
  }

  /** Adds content whose digest is not known; gives its descriptor. */
  Descriptor add(String mediaType, InputStream bytes) throws IOException {
    Path ingest = newIngest();
    try {
      MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
      long size;
      try (OutputStream out = new FileOutputStream(ingest.toFile())) {
        size = copy(new DigestInputStream(bytes, hash), out);
      }
      Digest digest = new Digest(Digest.Algorithm.SHA256, HexFormat.of().formatHex(hash.digest()));
      place(ingest, digest);
      return new Descriptor(mediaType, digest, size);
    } finally {
      Files.deleteIfExists(ingest);
    }
  }

  /** Lists one image and no other. Last of all, when its content is there. */
  void list(Reference name, Descriptor image) throws IOException {
    Path ingest = newIngest();
    Files.writeString(
        ingest,
        """
        {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d,\
        "annotations":{"org.opencontainers.image.ref.name":"%s"}}]}"""
            .formatted(image.mediaType(), image.digest(), image.size(), name));
    Files.move(ingest, root.resolve(INDEX_FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** As transferTo does, in larger pieces. */
  private static long copy(InputStream in, OutputStream out) throws IOException {
    byte[] piece = new byte[COPY_BYTES];
    long bytes = 0;
    int count = in.read(piece);
    while (count >= 0) {
      out.write(piece, 0, count);
      bytes += count;
      count = in.read(piece);
    }
    return bytes;
  }

  private Path newIngest() {
    return root.resolve(INGEST).resolve(Long.toString(ingests.incrementAndGet()));
  }

  private void place(Path ingest, Digest digest) throws IOException {
    Files.move(ingest, file(digest), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file(Digest digest) {
    return root.resolve(BLOBS).resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }
}
