package spegel.containerd;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import spegel.containerd.proto.ContentInfo;
import spegel.containerd.proto.ContentInfoRequest;
import spegel.containerd.proto.ContentInfoResponse;
import spegel.containerd.proto.EmptyRequest;
import spegel.containerd.proto.GetImageRequest;
import spegel.containerd.proto.GetImageResponse;
import spegel.containerd.proto.ImageRecord;
import spegel.containerd.proto.ListContentRequest;
import spegel.containerd.proto.ListContentResponse;
import spegel.containerd.proto.ListImagesRequest;
import spegel.containerd.proto.ListPluginsRequest;
import spegel.containerd.proto.RuntimeStatusRequest;
import spegel.containerd.proto.ServerPlugin;
import spegel.containerd.proto.ServerResponse;
import spegel.containerd.proto.SubscribeRequest;
import spegel.oci.Digest;
import spegel.store.StoreException;

/**
 * Calls to one containerd, in one namespace. Every call blocks its thread, with a deadline, and
 * throws a {@link StoreException} that names the method when it fails.
 */
final class ContainerdClient implements AutoCloseable {
  private static final Metadata.Key<String> NAMESPACE_HEADER =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final String CONTENT_PLUGIN_TYPE = "io.containerd.content.v1";

  private static final long CALL_TIMEOUT_MILLIS = 10_000;
  private static final long LIST_TIMEOUT_MILLIS = 60_000;
  private static final long CLOSE_TIMEOUT_MILLIS = 1_000;

  /** More labelled content than a store index takes in. */
  private static final int MAX_LISTED_CONTENTS = 100_000;

  private final ManagedChannel connection;
  private final Channel channel;
  private final String namespace;

  ContainerdClient(ManagedChannel connection, String namespace) {
    this.connection = connection;
    this.namespace = namespace;
    Metadata headers = new Metadata();
    headers.put(NAMESPACE_HEADER, namespace);
    channel =
        ClientInterceptors.intercept(
            connection, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** What containerd calls its version: {@code v2.4.2}, {@code 1.6.20~ds1}. */
  String version() {
    return call(Methods.VERSION, EmptyRequest.getDefaultInstance()).getVersion();
  }

  /** The process that serves, as it sees itself; zeros when it does not tell. */
  ServerResponse server() {
    return call(Methods.SERVER, EmptyRequest.getDefaultInstance());
  }

  /** Where containerd's content is, in its own view of the file system. */
  Optional<Path> exportedContentPath() {
    List<ServerPlugin> plugins =
        call(Methods.LIST_PLUGINS, ListPluginsRequest.getDefaultInstance()).getPluginsList();
    return plugins.stream()
        .filter(plugin -> plugin.getType().equals(CONTENT_PLUGIN_TYPE))
        .map(plugin -> plugin.getExportsOrDefault("root", ""))
        .filter(root -> root.startsWith("/") && root.indexOf('\0') < 0)
        .map(Path::of)
        .findFirst();
  }

  List<ImageRecord> images() {
    return call(Methods.LIST_IMAGES, ListImagesRequest.getDefaultInstance(), LIST_TIMEOUT_MILLIS)
        .getImagesList();
  }

  Optional<ImageRecord> image(String name) {
    GetImageRequest request = GetImageRequest.newBuilder().setName(name).build();
    return find(Methods.GET_IMAGE, request).map(GetImageResponse::getImage);
  }

  Optional<ContentInfo> content(Digest digest) {
    ContentInfoRequest request =
        ContentInfoRequest.newBuilder().setDigest(digest.toString()).build();
    return find(Methods.CONTENT_INFO, request).map(ContentInfoResponse::getInfo);
  }

  /** Hands over all content of the namespace, as it arrives. */
  void contents(Consumer<ContentInfo> consumer) {
    try {
      Iterator<ListContentResponse> responses =
          ClientCalls.blockingServerStreamingCall(
              channel,
              Methods.LIST_CONTENT,
              options(LIST_TIMEOUT_MILLIS),
              ListContentRequest.getDefaultInstance());
      int listed = 0;
      while (responses.hasNext()) {
        List<ContentInfo> batch = responses.next().getContentsList();
        listed += batch.size();
        if (listed > MAX_LISTED_CONTENTS) {
          throw new StoreException(
              "containerd lists more than " + MAX_LISTED_CONTENTS + " blobs in " + namespace);
        }
        batch.forEach(consumer);
      }
    } catch (StatusRuntimeException e) {
      throw failure(Methods.LIST_CONTENT, e);
    }
  }

  /**
   * Opens the stream of what happens to images and content of the namespace. It is told to
   * containerd, but not acknowledged by it.
   *
   * @param onEnd called once, on the event loop, when the stream ends without having been closed
   */
  ChangeStream subscribe(Runnable onEnd) {
    SubscribeRequest request =
        SubscribeRequest.newBuilder()
            .addFilters("namespace==\"" + namespace + "\",topic~=\"^/images/\"")
            .addFilters("namespace==\"" + namespace + "\",topic~=\"^/content/\"")
            .build();
    ChangeStream stream = new ChangeStream(namespace, onEnd);
    stream.start(channel.newCall(Methods.SUBSCRIBE, CallOptions.DEFAULT), request);
    return stream;
  }

  /** What the CRI plugin tells of itself; empty when it is off. */
  Optional<Map<String, String>> runtimeInfo() {
    RuntimeStatusRequest request = RuntimeStatusRequest.newBuilder().setVerbose(true).build();
    try {
      return Optional.of(unary(Methods.RUNTIME_STATUS, request, CALL_TIMEOUT_MILLIS).getInfoMap());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return Optional.empty();
      }
      throw failure(Methods.RUNTIME_STATUS, e);
    }
  }

  @Override
  public void close() {
    connection.shutdownNow();
    try {
      connection.awaitTermination(CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <Q extends MessageLite, R extends MessageLite> R call(
      MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, CALL_TIMEOUT_MILLIS);
  }

  private <Q extends MessageLite, R extends MessageLite> R call(
      MethodDescriptor<Q, R> method, Q request, long timeoutMillis) {
    try {
      return unary(method, request, timeoutMillis);
    } catch (StatusRuntimeException e) {
      throw failure(method, e);
    }
  }

  private <Q extends MessageLite, R extends MessageLite> Optional<R> find(
      MethodDescriptor<Q, R> method, Q request) {
    try {
      return Optional.of(unary(method, request, CALL_TIMEOUT_MILLIS));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure(method, e);
    }
  }

  private <Q extends MessageLite, R extends MessageLite> R unary(
      MethodDescriptor<Q, R> method, Q request, long timeoutMillis) {
    return ClientCalls.blockingUnaryCall(channel, method, options(timeoutMillis), request);
  }

  private static CallOptions options(long timeoutMillis) {
    return CallOptions.DEFAULT.withDeadlineAfter(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private static StoreException failure(MethodDescriptor<?, ?> method, StatusRuntimeException e) {
    return new StoreException(
        method.getBareMethodName() + ": " + ChangeStream.describe(e.getStatus()), e);
  }
}
