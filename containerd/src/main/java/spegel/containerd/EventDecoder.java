package spegel.containerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.containerd.proto.ContentEventPayload;
import spegel.containerd.proto.EventEnvelope;
import spegel.containerd.proto.EventPayload;
import spegel.containerd.proto.ImageEventPayload;
import spegel.oci.Digest;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;

/** Reads containerd's events; what is not for us, or not well-formed, is no change. */
final class EventDecoder {
  private static final Logger log = LoggerFactory.getLogger(EventDecoder.class);

  private EventDecoder() {}

  static Optional<Change> decode(EventEnvelope envelope, String namespace) {
    // The stream carries all namespaces, whatever filter was asked for.
    if (!envelope.getNamespace().equals(namespace)) {
      return Optional.empty();
    }
    try {
      return switch (envelope.getTopic()) {
        case "/images/create" -> image(envelope.getEvent(), "ImageCreate");
        case "/images/update" -> image(envelope.getEvent(), "ImageUpdate");
        case "/images/delete" -> image(envelope.getEvent(), "ImageDelete");
        case "/content/create" -> content(envelope.getEvent(), "ContentCreate");
        case "/content/delete" -> content(envelope.getEvent(), "ContentDelete");
        default -> Optional.empty();
      };
    } catch (OciFormatException | InvalidProtocolBufferException e) {
      log.atDebug()
          .addKeyValue("topic", envelope.getTopic())
          .addKeyValue("reason", e.getMessage())
          .log("containerd event not understood");
      return Optional.empty();
    }
  }

  private static Optional<Change> image(EventPayload payload, String type)
      throws InvalidProtocolBufferException {
    String name = ImageEventPayload.parseFrom(value(payload, type)).getName();
    return imageName(name).map(reference -> new Change.OfImage(reference, name));
  }

  private static Optional<Change> content(EventPayload payload, String type)
      throws InvalidProtocolBufferException {
    String digest = ContentEventPayload.parseFrom(value(payload, type)).getDigest();
    return Optional.of(new Change.OfContent(Digest.parse(digest)));
  }

  /** The payload's bytes, if its type, whatever its package, is the one that the topic promises. */
  private static ByteString value(EventPayload payload, String type) {
    String url = payload.getTypeUrl();
    boolean expected = url.endsWith("." + type) || url.endsWith("/" + type);
    if (!expected) {
      throw new OciFormatException("event: not a " + type);
    }
    return payload.getValue();
  }

  /**
   * An image's name as a reference; empty for a name of containerd's own, such as the bare image id
   * that its CRI plugin stores.
   */
  static Optional<Reference> imageName(String name) {
    return name.indexOf('/') < 0 ? Optional.empty() : Optional.of(Reference.parse(name));
  }
}
