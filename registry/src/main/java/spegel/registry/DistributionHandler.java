package spegel.registry;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import spegel.auth.BasicCredentials;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;
import spegel.oci.DistributionPath;
import spegel.oci.RegistryError;
import spegel.oci.RegistryError.Code;
import spegel.registry.ContentRequest.Kind;

/** {@code /v2/*}: who may ask, and for what. */
final class DistributionHandler implements HttpHandler {
  private static final HttpFields VERSION =
      HttpFields.of("Docker-Distribution-Api-Version", "registry/2.0");

  private final Optional<BasicCredentials> credentials;
  private final BooleanSupplier draining;
  private final ManifestHandler manifests;
  private final BlobHandler blobs;

  DistributionHandler(
      Optional<BasicCredentials> credentials,
      BooleanSupplier draining,
      ManifestHandler manifests,
      BlobHandler blobs) {
    this.credentials = credentials;
    this.draining = draining;
    this.manifests = manifests;
    this.blobs = blobs;
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (!isAuthorized(exchange)) {
      RegistryAnswers.error(
          exchange, new RegistryError(Code.UNAUTHORIZED, "invalid basic authentication"));
    } else if (!RegistryAnswers.isRead(exchange)) {
      RegistryAnswers.methodNotAllowed(exchange);
    } else if (draining.getAsBoolean() && ContentRequest.isFromPeer(exchange)) {
      RegistryAnswers.unavailable(exchange, "this node is shutting down");
    } else {
      pull(exchange);
    }
  }

  /**
   * A failure has no WWW-Authenticate: that would make containerd send a registry's password to us
   * in plain text. Without credentials of ours, any are welcome: Go nodes send empty ones.
   */
  private boolean isAuthorized(HttpExchange exchange) {
    return credentials.isEmpty()
        || credentials.get().matches(exchange.header("Authorization").orElse(null));
  }

  private void pull(HttpExchange exchange) {
    switch (DistributionPath.parse(exchange.path(), exchange.query())) {
      case DistributionPath.VersionCheck check ->
          exchange.respond(200, VERSION, RegistryAnswers.EMPTY);
      case DistributionPath.ManifestByTag(var tagged) ->
          manifests.handle(ContentRequest.ofTag(exchange, tagged), tagged);
      case DistributionPath.ManifestByDigest(var name, var digest, var registry) ->
          manifests.handle(
              ContentRequest.ofDigest(exchange, Kind.MANIFEST, name, digest, registry), digest);
      case DistributionPath.BlobByDigest(var name, var digest, var registry) ->
          blobs.handle(
              ContentRequest.ofDigest(exchange, Kind.BLOB, name, digest, registry), digest);
      case DistributionPath.Refused refused ->
          RegistryAnswers.error(exchange, refused.status(), refused.error());
    }
  }
}
