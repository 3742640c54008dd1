package spegel.containerd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.OptionalLong;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.store.Blob;
import spegel.store.StoreException;

/**
 * containerd's content store on disk: a file for each blob, {@code blobs/sha256/<hex>}, which gets
 * there by a rename once it is complete and verified.
 *
 * @param path the store's root
 */
record ContentDirectory(Path path) {

  Path file(Digest digest) {
    return path.resolve("blobs").resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  /** Bytes of the blob; empty when it is not here. */
  OptionalLong size(Digest digest) {
    Path file = file(digest);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? OptionalLong.of(attributes.size()) : OptionalLong.empty();
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The blob, opened; empty when it is not here. */
  Optional<Blob.InFile> open(Digest digest) {
    Path file = file(digest);
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    try {
      return Optional.of(new Blob.InFile(channel, channel.size()));
    } catch (IOException e) {
      StoreException failure = unreadable(file, e);
      try {
        channel.close();
      } catch (IOException closing) {
        failure.addSuppressed(closing);
      }
      throw failure;
    }
  }

  /** The bytes of a blob that is small enough to be a manifest; empty when it is not here. */
  Optional<byte[]> manifest(Digest digest) {
    Path file = file(digest);
    try (var input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of(input.readNBytes(Manifest.MAX_BYTES + 1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static StoreException unreadable(Path file, IOException e) {
    return new StoreException("content cannot be read: " + file + ": " + e.getMessage(), e);
  }
}
