import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Signs the requests of the set-up with the signer of the AWS SDK for Java 2 (http-auth-aws). */
final class AwsSigner {
  private static final Set<String> SET_BY_CLIENT = Set.of("host", "content-length");

  private AwsSigner() {}

  static void run() {
    Harness.report(Harness.line("version", software.amazon.awssdk.core.util.VersionInfo.SDK_VERSION));
    for (Map<String, Object> request : Harness.requests()) {
      Map<String, Object> line = Harness.line("request", request.get("id"));
      try {
        HttpResponse<String> response = send(request);
        line.put("status", response.statusCode());
        line.put("reason", response.headers().firstValue("x-local-reason").orElse(null));
      } catch (Exception error) {
        line.put("error", error.toString());
      }
      Harness.report(line);
    }
  }

  private static HttpResponse<String> send(Map<String, Object> request) throws Exception {
    Map<String, Object> key = Harness.member(Harness.member("keys"), (String) request.get("key"));
    String body = (String) request.get("body");
    byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
    SdkHttpRequest.Builder made =
        SdkHttpRequest.builder()
            .uri(URI.create((String) request.get("url")))
            .method(SdkHttpMethod.fromValue((String) request.get("method")));
    if (body != null) {
      made.putHeader("content-type", "application/json");
    }
    AwsSessionCredentialsIdentity identity =
        AwsSessionCredentialsIdentity.create(
            (String) key.get("accessKeyId"),
            (String) key.get("secretAccessKey"),
            (String) key.get("sessionToken"));
    SignedRequest signed =
        AwsV4HttpSigner.create()
            .sign(
                signing ->
                    signing
                        .identity(identity)
                        .request(made.build())
                        .payload(ContentStreamProvider.fromByteArray(bytes))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, Harness.text("region")));
    return sendSigned(signed.request(), bytes, body != null);
  }

  private static HttpResponse<String> sendSigned(SdkHttpRequest signed, byte[] bytes, boolean hasBody)
      throws Exception {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(signed.getUri())
            .method(
                signed.method().name(),
                hasBody
                    ? HttpRequest.BodyPublishers.ofByteArray(bytes)
                    : HttpRequest.BodyPublishers.noBody());
    signed.forEachHeader(
        (name, values) -> {
          if (!SET_BY_CLIENT.contains(name.toLowerCase())) {
            values.forEach(value -> builder.header(name, value));
          }
        });
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .send(builder.build(), HttpResponse.BodyHandlers.ofString());
  }
}
