package spegel.oci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import spegel.testing.Generator;

/** Valid values of the OCI formats, generated. */
final class OciSamples {
  private static final String HEX = "0123456789abcdef";
  private static final String WORD = "abcxyz019";
  private static final String TAG_START = "abzABZ019_";

  private OciSamples() {}

  static Digest digest(Generator generator) {
    Digest.Algorithm algorithm = generator.oneOf(Digest.Algorithm.values());
    int chars = algorithm.hexChars();
    return new Digest(algorithm, generator.text(HEX, chars, chars));
  }

  static String registry(Generator generator) {
    String host =
        generator.oneOf(
            "docker.io",
            "localhost",
            "ghcr.io",
            "10.0.0.1",
            "[::1]",
            "[2001:db8::a:1]",
            "a-b.example",
            generator.text(WORD, 1, 20));
    return generator.oneIn(3) ? host + ":" + generator.between(1, 65535) : host;
  }

  static Repository repository(Generator generator) {
    StringBuilder path = new StringBuilder(generator.text(WORD, 1, 8));
    int words = generator.between(0, 5);
    for (int i = 0; i < words; i++) {
      path.append(generator.oneOf("/", "/", ".", "_", "__", "-", "---"));
      path.append(generator.text(WORD, 1, 8));
    }
    return new Repository(registry(generator), path.toString());
  }

  static String tag(Generator generator) {
    return generator.text(TAG_START, 1, 1) + generator.text(TAG_START + ".-", 0, 127);
  }

  static Reference reference(Generator generator) {
    Repository repository = repository(generator);
    return switch (generator.between(0, 2)) {
      case 0 -> new Reference(repository, tag(generator), null);
      case 1 -> new Reference(repository, null, digest(generator));
      default -> new Reference(repository, tag(generator), digest(generator));
    };
  }

  static byte[] manifest(Generator generator) {
    String json =
        switch (generator.between(0, 3)) {
          case 0 ->
              "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                  .formatted(
                      generator.oneOf(MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST),
                      descriptor(generator),
                      descriptors(generator));
          case 1 ->
              "{\"schemaVersion\":2,\"manifests\":[%s],\"annotations\":{\"a\":\"é\\n\"}}"
                  .formatted(descriptors(generator));
          case 2 ->
              "{\"layers\":[%s],\"subject\":%s,\"config\":%s,\"x\":[[[null,true,-1.5e3]]]}"
                  .formatted(descriptors(generator), descriptor(generator), descriptor(generator));
          default -> "{\"architecture\":\"amd64\",\"config\":{\"Env\":[\"A=b\"]},\"rootfs\":{}}";
        };
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static String descriptors(Generator generator) {
    List<String> descriptors = new ArrayList<>();
    int count = generator.between(0, 4);
    for (int i = 0; i < count; i++) {
      descriptors.add(descriptor(generator));
    }
    return String.join(",", descriptors);
  }

  private static String descriptor(Generator generator) {
    return "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"%s\","
            .formatted(digest(generator))
        + "\"size\":%d,\"platform\":{\"os\":\"linux\"}}"
            .formatted(generator.between(0, Integer.MAX_VALUE));
  }
}
