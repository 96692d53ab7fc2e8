import java.net.URI;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cognitoidentity.CognitoIdentityClient;
import software.amazon.awssdk.services.cognitoidentity.model.Credentials;
import software.amazon.awssdk.services.cognitoidentityprovider.CognitoIdentityProviderClient;
import software.amazon.awssdk.services.cognitoidentityprovider.model.AuthFlowType;
import software.amazon.awssdk.services.cognitoidentityprovider.model.AuthenticationResultType;
import software.amazon.awssdk.services.cognitoidentityprovider.model.NotAuthorizedException;
import software.amazon.awssdk.services.cognitoidentityprovider.model.UserStatusType;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** User pool, identity pool and Secrets Manager with the AWS SDK for Java 2. */
final class AwsServices {
  private static final AwsCredentialsProvider NOBODY = AnonymousCredentialsProvider.create();
  private static final CognitoIdentityProviderClient POOL =
      local(CognitoIdentityProviderClient.builder(), NOBODY).build();

  private AwsServices() {}

  /** Has a client call the stack. */
  private static <B extends AwsClientBuilder<B, ?>> B local(B builder, AwsCredentialsProvider key) {
    return builder
        .region(Region.of(Harness.text("region")))
        .endpointOverride(URI.create(Harness.text("endpoint")))
        .credentialsProvider(key);
  }

  private static AwsCredentialsProvider keyOf(String name) {
    Map<String, Object> key = Harness.member(name);
    return StaticCredentialsProvider.create(
        AwsSessionCredentials.create(
            (String) key.get("accessKeyId"),
            (String) key.get("secretAccessKey"),
            (String) key.get("sessionToken")));
  }

  private static AuthenticationResultType signIn(String password) {
    return POOL.initiateAuth(
            call ->
                call.clientId(Harness.text("userPoolClientId"))
                    .authFlow(AuthFlowType.USER_PASSWORD_AUTH)
                    .authParameters(Map.of("USERNAME", "alice", "PASSWORD", password)))
        .authenticationResult();
  }

  static void run() {
    Harness.report(Harness.line("version", software.amazon.awssdk.core.util.VersionInfo.SDK_VERSION));
    Harness.check("sign-in with a password", AwsServices::password);
    Harness.check("a wrong password is a NotAuthorizedException", AwsServices::wrongPassword);
    Harness.check("administration of users", AwsServices::administration);
    Harness.check("identity pool", AwsServices::exchange);
    Harness.check("Secrets Manager", AwsServices::secret);
  }

  private static void password() {
    AuthenticationResultType tokens = signIn(Harness.passwordOf("alice"));
    String name = POOL.getUser(call -> call.accessToken(tokens.accessToken())).username();
    Harness.expect(name, "alice");
  }

  private static void wrongPassword() {
    try {
      signIn("wrong");
    } catch (NotAuthorizedException refused) {
      Harness.expect(refused.awsErrorDetails().errorMessage(), "Incorrect username or password.");
      return;
    }
    throw new AssertionError("a wrong password was accepted");
  }

  private static void administration() {
    CognitoIdentityProviderClient admin =
        local(CognitoIdentityProviderClient.builder(), keyOf("admin")).build();
    UserStatusType status =
        admin
            .adminGetUser(call -> call.userPoolId(Harness.text("userPoolId")).username("alice"))
            .userStatus();
    Harness.expect(status, UserStatusType.CONFIRMED);
  }

  private static void exchange() {
    Map<String, String> logins =
        Map.of(Harness.text("provider"), signIn(Harness.passwordOf("alice")).idToken());
    CognitoIdentityClient identities = local(CognitoIdentityClient.builder(), NOBODY).build();
    String identity =
        identities
            .getId(call -> call.identityPoolId(Harness.text("identityPoolId")).logins(logins))
            .identityId();
    Credentials credentials =
        identities
            .getCredentialsForIdentity(call -> call.identityId(identity).logins(logins))
            .credentials();
    Harness.expect(credentials.accessKeyId().substring(0, 4), "ASIA");
    Harness.expect(credentials.expiration().isAfter(java.time.Instant.now()), true);
  }

  private static void secret() {
    SecretsManagerClient secrets = local(SecretsManagerClient.builder(), keyOf("service")).build();
    Map<String, Object> machine = Harness.member("machine");
    String value =
        secrets.getSecretValue(call -> call.secretId((String) machine.get("secretName"))).secretString();
    Harness.expect(value.contains((String) machine.get("clientSecret")), true);
    try {
      secrets.getSecretValue(call -> call.secretId("none"));
    } catch (ResourceNotFoundException missing) {
      return;
    }
    throw new AssertionError("a secret that does not exist was returned");
  }
}
