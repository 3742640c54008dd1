package spegel.containerd.hosts;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** The permissions of what is written anew. */
final class Permissions {
  static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");
  static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  private Permissions() {}

  /** Those of a set that are its owner's: for a file with a password in it. */
  static Set<PosixFilePermission> ofOwner(Set<PosixFilePermission> permissions) {
    Set<PosixFilePermission> owner = EnumSet.copyOf(OWNER);
    owner.retainAll(permissions);
    return owner;
  }
}
