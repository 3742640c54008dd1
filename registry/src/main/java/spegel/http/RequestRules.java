package spegel.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/**
 * What a request's head must be before a handler sees it, beyond what Netty's decoder refuses by
 * itself (two Content-Lengths, Content-Length beside Transfer-Encoding, bare CR or LF).
 */
final class RequestRules {
  static final int MAX_INITIAL_LINE_BYTES = 8 * 1024;
  static final int MAX_HEADER_BYTES = 16 * 1024;
  static final int MAX_HEADERS = 100;

  /** Requests need no body; what comes is read to this bound, and forgotten. */
  static final int MAX_BODY_BYTES = 64 * 1024;

  /** Stands for a head that is as it must be. */
  static final int ACCEPTED = 0;

  private RequestRules() {}

  /** The status with which the head is refused, or {@link #ACCEPTED}. */
  static int refusal(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return refusal(request.decoderResult().cause());
    }
    HttpVersion version = request.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      return 505;
    }
    HttpHeaders headers = request.headers();
    if (headers.size() > MAX_HEADERS) {
      return 431;
    }
    if (!isHostGiven(version, headers) || !isTarget(request.uri())) {
      return 400;
    }
    if (HttpUtil.getContentLength(request, 0L) > MAX_BODY_BYTES) {
      return 413;
    }
    String expect = headers.get(HttpHeaderNames.EXPECT);
    if (expect != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
      return 417;
    }
    return ACCEPTED;
  }

  private static int refusal(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException tooLong -> 414;
      case TooLongHttpHeaderException tooLong -> 431;
      default -> 400;
    };
  }

  /** RFC 9112, section 3.2: one Host, which only HTTP/1.0 may leave out. */
  private static boolean isHostGiven(HttpVersion version, HttpHeaders headers) {
    int hosts = headers.getAll(HttpHeaderNames.HOST).size();
    return hosts == 1 || (hosts == 0 && version.equals(HttpVersion.HTTP_1_0));
  }

  /** Visible ASCII without a fragment, in origin form or absolute form. */
  private static boolean isTarget(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c > '~' || c == '#') {
        return false;
      }
    }
    return target.startsWith("/") || schemeLength(target) > 0;
  }

  /** The characters of {@code http://} or {@code https://} at the beginning, 0 without. */
  private static int schemeLength(String target) {
    if (target.regionMatches(true, 0, "http://", 0, 7)) {
      return 7;
    }
    return target.regionMatches(true, 0, "https://", 0, 8) ? 8 : 0;
  }

  /** The target in origin form: absolute form (RFC 9112, section 3.2.2) loses its authority. */
  static String originForm(String target) {
    int scheme = schemeLength(target);
    if (scheme == 0) {
      return target;
    }
    for (int i = scheme; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '/') {
        return target.substring(i);
      }
      if (c == '?') {
        return "/" + target.substring(i);
      }
    }
    return "/";
  }
}
