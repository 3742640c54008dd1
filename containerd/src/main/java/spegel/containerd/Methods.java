package spegel.containerd;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import spegel.containerd.proto.ContentInfoRequest;
import spegel.containerd.proto.ContentInfoResponse;
import spegel.containerd.proto.EmptyRequest;
import spegel.containerd.proto.EventEnvelope;
import spegel.containerd.proto.GetImageRequest;
import spegel.containerd.proto.GetImageResponse;
import spegel.containerd.proto.ListContentRequest;
import spegel.containerd.proto.ListContentResponse;
import spegel.containerd.proto.ListImagesRequest;
import spegel.containerd.proto.ListImagesResponse;
import spegel.containerd.proto.ListPluginsRequest;
import spegel.containerd.proto.ListPluginsResponse;
import spegel.containerd.proto.RuntimeStatusRequest;
import spegel.containerd.proto.RuntimeStatusResponse;
import spegel.containerd.proto.ServerResponse;
import spegel.containerd.proto.SubscribeRequest;
import spegel.containerd.proto.VersionResponse;

/** The methods of containerd's services that are called. */
final class Methods {
  static final MethodDescriptor<EmptyRequest, VersionResponse> VERSION =
      unary(
          "containerd.services.version.v1.Version/Version",
          EmptyRequest.getDefaultInstance(),
          VersionResponse.getDefaultInstance());

  static final MethodDescriptor<ListPluginsRequest, ListPluginsResponse> LIST_PLUGINS =
      unary(
          "containerd.services.introspection.v1.Introspection/Plugins",
          ListPluginsRequest.getDefaultInstance(),
          ListPluginsResponse.getDefaultInstance());

  static final MethodDescriptor<EmptyRequest, ServerResponse> SERVER =
      unary(
          "containerd.services.introspection.v1.Introspection/Server",
          EmptyRequest.getDefaultInstance(),
          ServerResponse.getDefaultInstance());

  static final MethodDescriptor<ListImagesRequest, ListImagesResponse> LIST_IMAGES =
      unary(
          "containerd.services.images.v1.Images/List",
          ListImagesRequest.getDefaultInstance(),
          ListImagesResponse.getDefaultInstance());

  static final MethodDescriptor<GetImageRequest, GetImageResponse> GET_IMAGE =
      unary(
          "containerd.services.images.v1.Images/Get",
          GetImageRequest.getDefaultInstance(),
          GetImageResponse.getDefaultInstance());

  static final MethodDescriptor<ContentInfoRequest, ContentInfoResponse> CONTENT_INFO =
      unary(
          "containerd.services.content.v1.Content/Info",
          ContentInfoRequest.getDefaultInstance(),
          ContentInfoResponse.getDefaultInstance());

  static final MethodDescriptor<ListContentRequest, ListContentResponse> LIST_CONTENT =
      streaming(
          "containerd.services.content.v1.Content/List",
          ListContentRequest.getDefaultInstance(),
          ListContentResponse.getDefaultInstance());

  static final MethodDescriptor<SubscribeRequest, EventEnvelope> SUBSCRIBE =
      streaming(
          "containerd.services.events.v1.Events/Subscribe",
          SubscribeRequest.getDefaultInstance(),
          EventEnvelope.getDefaultInstance());

  static final MethodDescriptor<RuntimeStatusRequest, RuntimeStatusResponse> RUNTIME_STATUS =
      unary(
          "runtime.v1.RuntimeService/Status",
          RuntimeStatusRequest.getDefaultInstance(),
          RuntimeStatusResponse.getDefaultInstance());

  private Methods() {}

  private static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> unary(
      String name, Q request, R response) {
    return method(MethodType.UNARY, name, request, response);
  }

  private static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> streaming(
      String name, Q request, R response) {
    return method(MethodType.SERVER_STREAMING, name, request, response);
  }

  private static <Q extends MessageLite, R extends MessageLite> MethodDescriptor<Q, R> method(
      MethodType type, String name, Q request, R response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setType(type)
        .setFullMethodName(name)
        .setRequestMarshaller(ProtoLiteUtils.marshaller(request))
        .setResponseMarshaller(ProtoLiteUtils.marshaller(response))
        .build();
  }
}
