package spegel.e2e.harness;

import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import spegel.oci.Descriptor;
import spegel.oci.Digest;

/**
 * containerd's interface, as far as its command-line client does not reach: an image comes to be
 * although some of its content is missing, as after a pull for one platform. The messages are
 * written field by field, by their numbers.
 */
final class ContainerdApi implements AutoCloseable {
  private static final String SERVICES = "containerd.services.";
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> LEASE =
      Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);
  private static final String LEASE_ID = "e2e-put";
  private static final int COMMIT = 2;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ManagedChannel channel;

  ContainerdApi(Path socket, String namespace) {
    Metadata headers = new Metadata();
    headers.put(NAMESPACE, namespace);
    headers.put(LEASE, LEASE_ID);
    ClientInterceptor withHeaders = MetadataUtils.newAttachHeadersInterceptor(headers);
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
            .usePlaintext()
            .intercept(withHeaders)
            .build();
  }

  /**
   * Stores what is not there of the blobs, and gives the target this name or moves it there. The
   * target holds all the blobs, and a lease does before that, as when a client pulls.
   */
  void putImage(String name, Descriptor target, List<byte[]> blobs) {
    call("leases.v1.Leases/Create", message(out -> out.writeString(1, LEASE_ID)));
    for (byte[] blob : blobs) {
      boolean root = Digest.sha256(blob).equals(target.digest());
      write(blob, root ? blobs : List.of());
    }
    byte[] request = imageRequest(name, target);
    if (!callUnlessPresent("images.v1.Images/Create", request)) {
      call("images.v1.Images/Update", request);
    }
    call("leases.v1.Leases/Delete", message(out -> out.writeString(1, LEASE_ID)));
  }

  /**
   * One message: commit (1) as ref (2) the total (3) of the digest (4), data (6) and labels (7).
   */
  private void write(byte[] blob, List<byte[]> held) {
    Digest digest = Digest.sha256(blob);
    byte[] request =
        message(
            out -> {
              out.writeEnum(1, COMMIT);
              out.writeString(2, "e2e-" + digest);
              out.writeInt64(3, blob.length);
              out.writeString(4, digest.toString());
              out.writeByteArray(6, blob);
              for (int i = 0; i < held.size(); i++) {
                Digest child = Digest.sha256(held.get(i));
                if (!child.equals(digest)) {
                  out.writeByteArray(7, label("containerd.io/gc.ref.content." + i, child));
                }
              }
            });
    callUnlessPresent("content.v1.Content/Write", request);
  }

  private static byte[] label(String key, Digest value) {
    return message(
        out -> {
          out.writeString(1, key);
          out.writeString(2, value.toString());
        });
  }

  /** Field 1 of both requests is the image: its name, 1, and its target, 3. */
  private static byte[] imageRequest(String name, Descriptor target) {
    byte[] descriptor =
        message(
            out -> {
              out.writeString(1, target.mediaType());
              out.writeString(2, target.digest().toString());
              out.writeInt64(3, target.size());
            });
    byte[] image =
        message(
            out -> {
              out.writeString(1, name);
              out.writeByteArray(3, descriptor);
            });
    return message(out -> out.writeByteArray(1, image));
  }

  private boolean callUnlessPresent(String method, byte[] request) {
    try {
      call(method, request);
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
        return false;
      }
      throw e;
    }
  }

  /** Sends one message and takes all that come back: enough for every kind of method. */
  private void call(String method, byte[] request) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName(SERVICES + method)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    ClientCalls.blockingServerStreamingCall(channel, descriptor, CallOptions.DEFAULT, request)
        .forEachRemaining(_ -> {});
  }

  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    var _ = channel.shutdownNow();
    var _ = loop.shutdownGracefully();
  }
}
