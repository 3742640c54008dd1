package spegel.e2e.kubernetes;

import java.nio.file.Path;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.TextFile;

/** A certificate authority of the tests' own, and what it has signed. */
final class Certificates {
  private final Path folder;

  Certificates(Path folder) {
    this.folder = folder;
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=spegel tests",
        "-days",
        "2",
        "-keyout",
        key("ca").toString(),
        "-out",
        authority().toString());
  }

  /** The authority's own certificate. */
  Path authority() {
    return certificate("ca");
  }

  Path certificate(String name) {
    return folder.resolve(name + ".crt");
  }

  Path key(String name) {
    return folder.resolve(name + ".key");
  }

  /**
   * Makes a certificate of a server.
   *
   * @param names as in openssl's subjectAltName, such as {@code DNS:docker.io,IP:10.0.0.1}
   */
  void sign(String name, String names) {
    Path request = folder.resolve(name + ".csr");
    Path extensions = folder.resolve(name + ".ext");
    TextFile.write(extensions, "subjectAltName=" + names + "\n");
    openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=" + name,
        "-keyout",
        key(name).toString(),
        "-out",
        request.toString());
    openssl(
        "x509",
        "-req",
        "-in",
        request.toString(),
        "-CA",
        authority().toString(),
        "-CAkey",
        key("ca").toString(),
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        extensions.toString(),
        "-out",
        certificate(name).toString());
  }

  /** Makes a key in the form that tokens of service accounts are signed with. */
  Path signingKey() {
    Path file = key("service-accounts");
    openssl("genrsa", "-traditional", "-out", file.toString(), "2048");
    return file;
  }

  private static void openssl(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "openssl";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Command.run(command).orFail();
  }
}
