package spegel.containerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import spegel.containerd.proto.ContentEventPayload;
import spegel.containerd.proto.ContentInfo;
import spegel.containerd.proto.ContentInfoResponse;
import spegel.containerd.proto.EventEnvelope;
import spegel.containerd.proto.EventPayload;
import spegel.containerd.proto.GetImageResponse;
import spegel.containerd.proto.ImageEventPayload;
import spegel.containerd.proto.ImageRecord;
import spegel.containerd.proto.ImageTarget;
import spegel.containerd.proto.ListContentResponse;
import spegel.containerd.proto.ListImagesResponse;
import spegel.containerd.proto.ListPluginsResponse;
import spegel.containerd.proto.RuntimeStatusResponse;
import spegel.containerd.proto.ServerPlugin;
import spegel.containerd.proto.ServerResponse;
import spegel.containerd.proto.VersionResponse;
import spegel.oci.Digest;

/**
 * Speaks containerd's services on a unix socket, for what a real containerd cannot be made to do:
 * lose a stream at a given moment, answer nonsense. Its content directory is real.
 */
final class ContainerdServer implements AutoCloseable {
  static final String NAMESPACE = "k8s.io";
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";

  final Map<String, ImageRecord> images = new ConcurrentHashMap<>();
  final Map<String, ContentInfo> contents = new ConcurrentHashMap<>();
  final Map<String, String> runtimeInfo = new ConcurrentHashMap<>();
  final Set<String> namespacesSeen = ConcurrentHashMap.newKeySet();
  final AtomicInteger listings = new AtomicInteger();
  volatile String version = "v2.4.2";
  volatile ServerResponse process = ServerResponse.getDefaultInstance();

  /** What it says its content path is, when that is another than here. */
  volatile @Nullable Path exportedElsewhere;

  /** Called when an image is asked for, before the answer. */
  volatile Consumer<String> onImageGet = name -> {};

  /** The methods that answer with bytes that are no message. */
  final Set<String> garbage = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final List<StreamObserver<EventEnvelope>> subscribers = new CopyOnWriteArrayList<>();
  private @Nullable Server server;
  private @Nullable EventLoopGroup loop;

  ContainerdServer(Path directory) {
    this.directory = directory;
  }

  Path socket() {
    return directory.resolve("c.sock");
  }

  Path contentPath() {
    return directory.resolve("content");
  }

  private Path exportedPath() {
    Path elsewhere = exportedElsewhere;
    return elsewhere == null ? contentPath() : elsewhere;
  }

  ContainerdServer start() throws IOException {
    Files.createDirectories(contentPath());
    Files.deleteIfExists(socket());
    loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket()))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .intercept(new NamespaceRecorder())
            .addService(versions())
            .addService(introspection())
            .addService(imageService())
            .addService(contentService())
            .addService(events())
            .addService(runtime())
            .build()
            .start();
    return this;
  }

  /** Ends as a killed process does: at once, with the socket's file left behind. */
  void stop() {
    Server running = server;
    EventLoopGroup group = loop;
    subscribers.clear();
    if (running != null && group != null) {
      running.shutdownNow();
      try {
        running.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
    server = null;
  }

  @Override
  public void close() {
    stop();
  }

  boolean subscribed() {
    return !subscribers.isEmpty();
  }

  /** Writes a blob, and lists it with labels that say where it came from. */
  Digest addBlob(byte[] bytes, String... labels) {
    Digest digest = Digest.sha256(bytes);
    try {
      Files.createDirectories(contentPath().resolve("blobs/sha256"));
      Files.write(new ContentDirectory(contentPath()).file(digest), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    label(digest, bytes.length, labels);
    return digest;
  }

  void label(Digest digest, long size, String... labels) {
    ContentInfo.Builder info =
        ContentInfo.newBuilder().setDigest(digest.toString()).setSizeBytes(size);
    for (String label : labels) {
      int equals = label.indexOf('=');
      info.putLabels(label.substring(0, equals), label.substring(equals + 1));
    }
    contents.put(digest.toString(), info.build());
  }

  /** Writes an image of one configuration and one layer; answers its manifest's digest. */
  Digest addImage(String seed, String... labels) {
    Digest config =
        addBlob(("{\"seed\":\"" + seed + "\"}").getBytes(StandardCharsets.UTF_8), labels);
    Digest layer = addBlob(("layer of " + seed).getBytes(StandardCharsets.UTF_8), labels);
    return addBlob(manifest(config, layer), labels);
  }

  static byte[] manifest(Digest config, Digest... layers) {
    StringBuilder json =
        new StringBuilder("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":")
            .append(descriptor("application/vnd.oci.image.config.v1+json", config))
            .append(",\"layers\":[");
    for (int i = 0; i < layers.length; i++) {
      json.append(i == 0 ? "" : ",")
          .append(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layers[i]));
    }
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  static byte[] index(Digest... manifests) {
    StringBuilder json =
        new StringBuilder("{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[");
    for (int i = 0; i < manifests.length; i++) {
      json.append(i == 0 ? "" : ",").append(descriptor(MANIFEST, manifests[i]));
    }
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String descriptor(String mediaType, Digest digest) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}".formatted(mediaType, digest);
  }

  void tag(String name, String mediaType, Digest target) {
    ImageTarget.Builder descriptor =
        ImageTarget.newBuilder().setMediaType(mediaType).setDigest(target.toString());
    images.put(name, ImageRecord.newBuilder().setName(name).setTarget(descriptor).build());
  }

  void emitImage(String type, String name) {
    ImageEventPayload payload = ImageEventPayload.newBuilder().setName(name).build();
    String simpleName = "Image" + capitalized(type);
    emit(NAMESPACE, "/images/" + type, "containerd.services.images.v1." + simpleName, payload);
  }

  void emitContent(String type, Digest digest) {
    ContentEventPayload payload =
        ContentEventPayload.newBuilder().setDigest(digest.toString()).build();
    String simpleName = "Content" + capitalized(type);
    emit(NAMESPACE, "/content/" + type, "containerd.events." + simpleName, payload);
  }

  private static String capitalized(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  void emit(String namespace, String topic, String typeUrl, MessageLite payload) {
    emit(namespace, topic, typeUrl, payload.toByteString());
  }

  void emit(String namespace, String topic, String typeUrl, ByteString payload) {
    EventEnvelope envelope =
        EventEnvelope.newBuilder()
            .setNamespace(namespace)
            .setTopic(topic)
            .setEvent(EventPayload.newBuilder().setTypeUrl(typeUrl).setValue(payload))
            .build();
    for (StreamObserver<EventEnvelope> subscriber : subscribers) {
      synchronized (subscriber) {
        subscriber.onNext(envelope);
      }
    }
  }

  /** Ends every stream of events, as an error does. */
  void loseStreams() {
    List<StreamObserver<EventEnvelope>> lost = List.copyOf(subscribers);
    subscribers.removeAll(lost);
    lost.forEach(
        subscriber -> subscriber.onError(Status.UNAVAILABLE.withDescription("lost").asException()));
  }

  private ServerServiceDefinition versions() {
    return service(
        "containerd.services.version.v1.Version",
        b ->
            unary(
                b,
                Methods.VERSION,
                request -> VersionResponse.newBuilder().setVersion(version).build()));
  }

  private ServerServiceDefinition introspection() {
    return service(
        "containerd.services.introspection.v1.Introspection",
        b -> {
          unary(b, Methods.SERVER, request -> process);
          unary(
              b,
              Methods.LIST_PLUGINS,
              request ->
                  ListPluginsResponse.newBuilder()
                      .addPlugins(ServerPlugin.newBuilder().setType("other"))
                      .addPlugins(
                          ServerPlugin.newBuilder()
                              .setType("io.containerd.content.v1")
                              .setId("content")
                              .putExports("root", exportedPath().toString()))
                      .build());
        });
  }

  private ServerServiceDefinition imageService() {
    return service(
        "containerd.services.images.v1.Images",
        b -> {
          unary(
              b,
              Methods.LIST_IMAGES,
              request -> {
                listings.incrementAndGet();
                return ListImagesResponse.newBuilder().addAllImages(images.values()).build();
              });
          unary(
              b,
              Methods.GET_IMAGE,
              request -> {
                onImageGet.accept(request.getName());
                ImageRecord image = images.get(request.getName());
                if (image == null) {
                  throw Status.NOT_FOUND.asRuntimeException();
                }
                return GetImageResponse.newBuilder().setImage(image).build();
              });
        });
  }

  private ServerServiceDefinition contentService() {
    return service(
        "containerd.services.content.v1.Content",
        b -> {
          unary(
              b,
              Methods.CONTENT_INFO,
              request -> {
                ContentInfo info = contents.get(request.getDigest());
                if (info == null) {
                  throw Status.NOT_FOUND.asRuntimeException();
                }
                return ContentInfoResponse.newBuilder().setInfo(info).build();
              });
          stream(
              b,
              Methods.LIST_CONTENT,
              observer -> {
                for (ContentInfo info : contents.values()) {
                  observer.onNext(ListContentResponse.newBuilder().addContents(info).build());
                }
                observer.onCompleted();
              });
        });
  }

  private ServerServiceDefinition events() {
    return service(
        "containerd.services.events.v1.Events",
        b -> stream(b, Methods.SUBSCRIBE, subscribers::add));
  }

  private ServerServiceDefinition runtime() {
    return service(
        "runtime.v1.RuntimeService",
        b ->
            unary(
                b,
                Methods.RUNTIME_STATUS,
                request -> {
                  if (runtimeInfo.isEmpty()) {
                    throw Status.UNIMPLEMENTED.asRuntimeException();
                  }
                  return RuntimeStatusResponse.newBuilder().putAllInfo(runtimeInfo).build();
                }));
  }

  private static ServerServiceDefinition service(
      String name, Consumer<ServerServiceDefinition.Builder> methods) {
    ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(name);
    methods.accept(builder);
    return builder.build();
  }

  private interface Answer<Q, R> {
    R to(Q request);
  }

  private <Q, R extends MessageLite> void unary(
      ServerServiceDefinition.Builder builder, MethodDescriptor<Q, R> method, Answer<Q, R> answer) {
    builder.addMethod(
        lax(method),
        ServerCalls.asyncUnaryCall(
            (Q request, StreamObserver<Object> observer) -> {
              try {
                R response = answer.to(request);
                observer.onNext(garbage.contains(method.getFullMethodName()) ? NONSENSE : response);
                observer.onCompleted();
              } catch (StatusRuntimeException e) {
                observer.onError(e);
              }
            }));
  }

  private <Q, R extends MessageLite> void stream(
      ServerServiceDefinition.Builder builder,
      MethodDescriptor<Q, R> method,
      Consumer<StreamObserver<R>> answer) {
    builder.addMethod(
        lax(method),
        ServerCalls.asyncServerStreamingCall(
            (Q request, StreamObserver<Object> observer) -> {
              if (garbage.contains(method.getFullMethodName())) {
                observer.onNext(NONSENSE);
              } else {
                answer.accept(narrowed(observer));
              }
            }));
  }

  private static final byte[] NONSENSE = {(byte) 0xff, (byte) 0xff, (byte) 0xff, 7};

  private static <R> StreamObserver<R> narrowed(StreamObserver<Object> observer) {
    return new StreamObserver<R>() {
      @Override
      public void onNext(R value) {
        observer.onNext(value);
      }

      @Override
      public void onError(Throwable t) {
        observer.onError(t);
      }

      @Override
      public void onCompleted() {
        observer.onCompleted();
      }
    };
  }

  /** The method, with responses that may as well be bytes. */
  private static <Q, R extends MessageLite> MethodDescriptor<Q, Object> lax(
      MethodDescriptor<Q, R> method) {
    return method.toBuilder(
            method.getRequestMarshaller(),
            new MethodDescriptor.Marshaller<Object>() {
              @Override
              public InputStream stream(Object value) {
                return new ByteArrayInputStream(
                    value instanceof MessageLite message ? message.toByteArray() : (byte[]) value);
              }

              @Override
              public Object parse(InputStream stream) {
                throw new UnsupportedOperationException("responses are written only");
              }
            })
        .build();
  }

  private final class NamespaceRecorder implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String namespace =
          headers.get(Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER));
      namespacesSeen.add(String.valueOf(namespace));
      return next.startCall(call, headers);
    }
  }
}
