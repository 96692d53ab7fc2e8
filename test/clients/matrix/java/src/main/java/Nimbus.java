import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.net.URI;
import java.util.Map;

/** OAuth 2.0 and OpenID Connect with Nimbus, which Spring Security is built on. */
final class Nimbus {
  private static final Scope SCOPE = new Scope("openid", "email");

  private Nimbus() {}

  private static OIDCProviderMetadata discover() throws Exception {
    return OIDCProviderMetadata.resolve(new Issuer(Harness.text("issuer")));
  }

  static void run() {
    String version = com.nimbusds.oauth2.sdk.AuthorizationRequest.class.getProtectionDomain()
        .getCodeSource().getLocation().getPath().replaceAll(".*sdk-([\\d.]+)\\.jar", "$1");
    Harness.report(Harness.line("version", version));
    Map<String, Object> web = Harness.member("web");
    ClientID id = new ClientID((String) web.get("clientId"));
    Secret secret = new Secret((String) web.get("clientSecret"));
    Harness.check(
        "discovery, code flow with PKCE, ID token, userInfo, without a secret",
        () -> codeFlow(new ClientID(Harness.text("userPoolClientId")), null));
    Harness.check("code flow and refresh with Basic", () -> codeFlow(id, new ClientSecretBasic(id, secret)));
    Harness.check(
        "code flow and refresh with the secret in the form",
        () -> codeFlow(id, new ClientSecretPost(id, secret)));
    Harness.check("client credentials", Nimbus::clientCredentials);
    Harness.check("a wrong secret is invalid_client", Nimbus::wrongSecret);
  }

  private static TokenResponse token(ClientID id, ClientAuthentication authentication, AuthorizationGrant grant)
      throws Exception {
    URI endpoint = discover().getTokenEndpointURI();
    TokenRequest request =
        authentication == null
            ? new TokenRequest(endpoint, id, grant, (Scope) null)
            : new TokenRequest(endpoint, authentication, grant, (Scope) null);
    return OIDCTokenResponseParser.parse(request.toHTTPRequest().send());
  }

  private static void codeFlow(ClientID id, ClientAuthentication authentication) throws Exception {
    OIDCProviderMetadata found = discover();
    CodeVerifier verifier = new CodeVerifier();
    Nonce nonce = new Nonce();
    URI callback = URI.create(Harness.text("callback"));
    AuthenticationRequest request =
        new AuthenticationRequest.Builder(new ResponseType("code"), SCOPE, id, callback)
            .endpointURI(found.getAuthorizationEndpointURI())
            .state(new State())
            .nonce(nonce)
            .codeChallenge(verifier, CodeChallengeMethod.S256)
            .build();
    AuthorizationCode code =
        AuthenticationResponseParser.parse(Harness.signInAt(request.toURI()))
            .toSuccessResponse()
            .getAuthorizationCode();
    TokenResponse response =
        token(id, authentication, new AuthorizationCodeGrant(code, callback, verifier));
    Harness.expect(response.indicatesSuccess(), true);
    OIDCTokenResponse tokens = (OIDCTokenResponse) response.toSuccessResponse();
    IDTokenValidator validator =
        new IDTokenValidator(found.getIssuer(), id, JWSAlgorithm.RS256, found.getJWKSetURI().toURL());
    validator.validate(tokens.getOIDCTokens().getIDToken(), nonce);
    UserInfoRequest ask =
        new UserInfoRequest(
            found.getUserInfoEndpointURI(), tokens.getOIDCTokens().getBearerAccessToken());
    UserInfoResponse info = UserInfoResponse.parse(ask.toHTTPRequest().send());
    Harness.expect(info.toSuccessResponse().getUserInfo().getEmailAddress(), "alice@example.com");
    TokenResponse refreshed =
        token(id, authentication, new RefreshTokenGrant(tokens.getOIDCTokens().getRefreshToken()));
    Harness.expect(refreshed.indicatesSuccess(), true);
  }

  private static void clientCredentials() throws Exception {
    Map<String, Object> machine = Harness.member("machine");
    ClientID id = new ClientID((String) machine.get("clientId"));
    Secret secret = new Secret((String) machine.get("clientSecret"));
    TokenResponse response = token(id, new ClientSecretBasic(id, secret), new ClientCredentialsGrant());
    Harness.expect(response.indicatesSuccess(), true);
  }

  private static void wrongSecret() throws Exception {
    ClientID id = new ClientID((String) Harness.member("machine").get("clientId"));
    ClientAuthentication wrong = new ClientSecretBasic(id, new Secret("wrong"));
    TokenResponse response = token(id, wrong, new ClientCredentialsGrant());
    Harness.expect(response.toErrorResponse().getErrorObject().getCode(), "invalid_client");
  }
}
