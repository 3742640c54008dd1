package spegel.mirror;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import spegel.oci.Digest;

/**
 * What a client of this node asks for, and this node does not have.
 *
 * @param key as nodes announce it: a tagged name or a digest
 * @param digest its digest; null when it is asked for by tag
 * @param target the request's path and query, to be asked of a peer in the same words
 * @param isHead whether only the head is wanted
 * @param range the Range field that counts; null for none
 * @param client who asks
 */
public record MirrorRequest(
    String key,
    @Nullable Digest digest,
    String target,
    boolean isHead,
    @Nullable String range,
    InetAddress client) {

  /** The method to ask a peer with. */
  String method() {
    return isHead ? "HEAD" : "GET";
  }
}
