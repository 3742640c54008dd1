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
import java.util.concurrent.atomic.AtomicReference;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.store.Blob;
import spegel.store.StoreException;

/**
 * containerd's content store on disk: a file for each blob, {@code blobs/sha256/<hex>}, which gets
 * there by a rename once it is complete and verified.
 */
final class ContentDirectory {
  private final Path path;
  private final AtomicReference<Unreadable> unreadable =
      new AtomicReference<>(new Unreadable(0, ""));

  /**
   * Blobs that are there and could not be looked at.
   *
   * @param blobs how many times that happened
   * @param reason of the last one
   */
  record Unreadable(int blobs, String reason) {}

  /**
   * @param path the store's root
   */
  ContentDirectory(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  Path file(Digest digest) {
    return path.resolve("blobs").resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  /**
   * Bytes of the blob; empty when it is not here. One that cannot be looked at is not here either:
   * a single bad file must not keep the others from being served.
   */
  OptionalLong size(Digest digest) {
    Path file = file(digest);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? OptionalLong.of(attributes.size()) : OptionalLong.empty();
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      unreadable.updateAndGet(
          before -> new Unreadable(before.blobs() + 1, String.valueOf(e.getMessage())));
      return OptionalLong.empty();
    }
  }

  /** What could not be looked at since the last call. */
  Unreadable takeUnreadable() {
    return unreadable.getAndSet(new Unreadable(0, ""));
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
