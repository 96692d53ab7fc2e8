"""Signing in with pycognito, which does SRP and verifies the tokens against the key set."""

from pycognito import Cognito
from pycognito.exceptions import ForceChangePasswordException, TokenVerificationException

from harness import API_REGION, SETUP, check, expect, use

PASSWORD = "Correct-horse-7"
NEW_PASSWORD = "Correct-horse-8"


def user_of(name, app=None):
    app = app or {"clientId": SETUP["userPoolClientId"], "clientSecret": None}
    return Cognito(
        SETUP["userPoolId"],
        app["clientId"],
        client_secret=app["clientSecret"],
        username=name,
        boto3_client_kwargs={
            "endpoint_url": SETUP["endpoint"],
            "aws_access_key_id": SETUP["admin"]["accessKeyId"],
            "aws_secret_access_key": SETUP["admin"]["secretAccessKey"],
            "aws_session_token": SETUP["admin"]["sessionToken"],
            "region_name": API_REGION,
        },
    )


def srp():
    user = user_of("alice")
    user.authenticate(SETUP["users"]["alice"]["password"])
    expect(user.id_claims["iss"], SETUP["issuer"])
    user.renew_access_token()
    user.verify_tokens()
    expect(user.get_user().email, "alice@example.com")
    user.logout()


def srp_with_secret():
    user = user_of("alice", SETUP["web"])
    user.authenticate(SETUP["users"]["alice"]["password"])
    user.renew_access_token()
    expect(user.access_claims["username"], "alice")


def admin_sign_in():
    user = user_of("bob")
    user.admin_authenticate(SETUP["users"]["bob"]["password"])
    expect(user.id_claims["cognito:groups"], ["ReadOnlyAccess"])


def new_password():
    admin = user_of("gerd")
    admin.admin_create_user("gerd", temporary_password=PASSWORD, email="gerd@example.com")
    user = user_of("gerd")
    try:
        user.authenticate(PASSWORD)
        raise AssertionError("expected a new password to be required")
    except ForceChangePasswordException:
        user.new_password_challenge(PASSWORD, NEW_PASSWORD)
    user.change_password(NEW_PASSWORD, PASSWORD)
    expect(user.admin_get_user().email, "gerd@example.com")
    user.admin_delete_user()


def altered_token():
    user = user_of("alice")
    user.authenticate(SETUP["users"]["alice"]["password"])
    head, payload, signature = user.id_token.split(".")
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    try:
        user.verify_token(f"{head}.{payload}.{other}", "id_token", "id")
    except TokenVerificationException:
        return
    raise AssertionError("an altered token was accepted")


if __name__ == "__main__":
    use("pycognito")
    check("SRP, refresh, key set", srp)
    check("SRP with SECRET_HASH", srp_with_secret)
    check("administrator's sign-in", admin_sign_in)
    check("a new password is required", new_password)
    check("an altered token", altered_token)
