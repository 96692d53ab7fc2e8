"""OAuth 2.0 and OpenID Connect with Authlib: discovery, code flow with PKCE, client credentials, key set."""

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from harness import SETUP, check, expect, sign_in_at, use


def metadata():
    url = f"{SETUP['issuer']}/.well-known/openid-configuration"
    found = requests.get(url, timeout=20).json()
    expect(found["issuer"], SETUP["issuer"])
    return found


def verified(token):
    keys = KeySet.import_key_set(requests.get(metadata()["jwks_uri"], timeout=20).json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def code_flow(method, app):
    """Signs alice in with a code and refreshes, with one way of authenticating the client."""
    found = metadata()
    session = OAuth2Session(
        app["clientId"],
        app.get("clientSecret"),
        token_endpoint_auth_method=method,
        scope="openid email",
        redirect_uri=SETUP["callback"],
        code_challenge_method="S256",
        token_endpoint=found["token_endpoint"],
    )
    verifier = generate_token(48)
    nonce = generate_token(20)
    url, _ = session.create_authorization_url(
        found["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    callback = sign_in_at(url)
    token = session.fetch_token(
        found["token_endpoint"], authorization_response=callback, code_verifier=verifier
    )
    claims = verified(token["id_token"])
    expect(claims["nonce"], nonce)
    expect(claims["iss"], SETUP["issuer"])
    expect(session.get(found["userinfo_endpoint"], timeout=20).json()["username"], "alice")
    session.refresh_token(found["token_endpoint"], refresh_token=token["refresh_token"])
    revoked = session.revoke_token(
        found["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token"
    )
    expect(revoked.status_code, 200)


def public_client():
    code_flow("none", {"clientId": SETUP["userPoolClientId"]})


def basic():
    code_flow("client_secret_basic", SETUP["web"])


def post():
    code_flow("client_secret_post", SETUP["web"])


def client_credentials():
    machine = SETUP["machine"]
    for method in ("client_secret_basic", "client_secret_post"):
        session = OAuth2Session(
            machine["clientId"],
            machine["clientSecret"],
            scope=machine["scope"],
            token_endpoint_auth_method=method,
        )
        token = session.fetch_token(metadata()["token_endpoint"], grant_type="client_credentials")
        expect(verified(token["access_token"])["scope"], machine["scope"])


if __name__ == "__main__":
    use("Authlib")
    check("discovery and code flow with PKCE, without a secret", public_client)
    check("code flow, refresh and revocation with Basic", basic)
    check("code flow, refresh and revocation with the secret in the form", post)
    check("client credentials", client_credentials)
