package spegel.auth;

/**
 * Credentials that are incomplete, unreadable or not fit for a header; the message names the file
 * and never the content.
 */
public final class CredentialsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CredentialsException(String message) {
    super(message);
  }

  CredentialsException(String message, Throwable cause) {
    super(message, cause);
  }
}
