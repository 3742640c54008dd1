package spegel.containerd;

/** The content directory is not this containerd's. */
final class WrongContentPathException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Finding finding;

  WrongContentPathException(Finding finding) {
    super(finding.problem());
    this.finding = finding;
  }

  Finding finding() {
    return finding;
  }
}
