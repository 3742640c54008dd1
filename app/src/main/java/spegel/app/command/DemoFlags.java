package spegel.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import spegel.app.command.CommandDefinition.Section;

/** The flags of {@code demo}. */
final class DemoFlags {
  private static final Flag<@Nullable Path> IMAGE =
      Flag.optional(
          "image",
          "PATH",
          "The image to pull: the folder of an OCI image layout, or an archive of one (oci-archive), or"
              + " what docker save writes. Empty: one is made of random bytes.",
          Values::path);
  private static final Flag<Long> IMAGE_SIZE =
      Flag.of(
          "image-size",
          "SIZE",
          "128MiB",
          "How large an image to make. Each node keeps a copy in the temporary folder.",
          ByteSize.between(ByteSize.MIB, 8 * ByteSize.GIB));
  private static final Flag<Long> UPSTREAM_RATE =
      Flag.of(
          "upstream-rate",
          "SIZE",
          "20MiB",
          "What the link to the registry carries each second.",
          ByteSize.between(64 * ByteSize.KIB, 64 * ByteSize.GIB));
  private static final Flag<Boolean> SERVE =
      Flag.toggle(
          "serve", false, "Keep the nodes when all is shown, and tell how to pull from them.");

  static final List<Section> SECTIONS =
      List.of(
          new Section("Image", List.of(IMAGE, IMAGE_SIZE)),
          new Section("Run", List.of(UPSTREAM_RATE, SERVE)));

  private DemoFlags() {}

  static DemoConfiguration configure(FlagValues values) {
    return new DemoConfiguration(
        values.get(IMAGE), values.get(IMAGE_SIZE), values.get(UPSTREAM_RATE), values.get(SERVE));
  }
}
