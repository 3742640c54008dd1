package spegel.multiformats;

/** Bytes or text that are not the multiformat they were taken for. */
public final class MultiformatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MultiformatException(String message) {
    super(message);
  }
}
