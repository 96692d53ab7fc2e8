"""User pool, identity pool and Secrets Manager with boto3, as back ends and CI use them."""

import base64
import hashlib
import hmac
import urllib.parse
import urllib.request

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from harness import API_REGION, SETUP, check, claims_of, expect, refused, use

PASSWORD = "Correct-horse-7"
NEW_PASSWORD = "Correct-horse-8"
POOL = SETUP["userPoolId"]
APP = SETUP["userPoolClientId"]


def client(service, key=None):
    """Returns a client of the stack, signed with a key or unsigned."""
    more = (
        {"config": Config(signature_version=UNSIGNED)}
        if key is None
        else {
            "aws_access_key_id": key["accessKeyId"],
            "aws_secret_access_key": key["secretAccessKey"],
            "aws_session_token": key["sessionToken"],
        }
    )
    return boto3.client(
        service, region_name=API_REGION, endpoint_url=SETUP["endpoint"], **more
    )


idp = client("cognito-idp")
admin = client("cognito-idp", SETUP["admin"])


def hash_of(username, app):
    """Returns the SECRET_HASH of a user name."""
    made = hmac.new(
        app["clientSecret"].encode(), (username + app["clientId"]).encode(), hashlib.sha256
    )
    return base64.b64encode(made.digest()).decode()


def with_password(name, password=None):
    user = SETUP["users"].get(name, {"username": name, "password": password})
    return idp.initiate_auth(
        ClientId=APP,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password or user["password"]},
    )["AuthenticationResult"]


def password_and_refresh():
    tokens = with_password("alice")
    expect(claims_of(tokens["IdToken"])["iss"], SETUP["issuer"])
    for flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
        again = idp.initiate_auth(
            ClientId=APP,
            AuthFlow=flow,
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )["AuthenticationResult"]
        expect("RefreshToken" in again, False)
    again = idp.get_tokens_from_refresh_token(ClientId=APP, RefreshToken=tokens["RefreshToken"])
    expect(claims_of(again["AuthenticationResult"]["IdToken"])["cognito:username"], "alice")
    user = idp.get_user(AccessToken=tokens["AccessToken"])
    expect(user["Username"], "alice")
    idp.revoke_token(ClientId=APP, Token=tokens["RefreshToken"])
    refused(
        lambda: idp.get_user(AccessToken=tokens["AccessToken"]),
        "NotAuthorizedException",
        "revoked",
    )


def alias_sign_in():
    alice = SETUP["users"]["alice"]
    tokens = with_password(alice["email"].upper(), alice["password"])
    expect(claims_of(tokens["IdToken"])["cognito:username"], "alice")


def wrong_password():
    refused(lambda: with_password("alice", "wrong"), "NotAuthorizedException", "Incorrect username")
    refused(lambda: with_password("nobody", "wrong"), "NotAuthorizedException", "Incorrect username")


def secret_hash():
    web = SETUP["web"]
    alice = SETUP["users"]["alice"]

    def sign_in(**more):
        return idp.initiate_auth(
            ClientId=web["clientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "alice", "PASSWORD": alice["password"], **more},
        )["AuthenticationResult"]

    tokens = sign_in(SECRET_HASH=hash_of("alice", web))
    idp.initiate_auth(
        ClientId=web["clientId"],
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={
            "REFRESH_TOKEN": tokens["RefreshToken"],
            "SECRET_HASH": hash_of(alice["sub"], web),
        },
    )
    refused(sign_in, "NotAuthorizedException", "SECRET_HASH was not received")
    refused(
        lambda: sign_in(SECRET_HASH="garbage"),
        "NotAuthorizedException",
        "Unable to verify secret hash",
    )
    refused(
        lambda: idp.initiate_auth(
            ClientId=APP,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={
                "USERNAME": "alice",
                "PASSWORD": alice["password"],
                "SECRET_HASH": "garbage",
            },
        ),
        "InvalidParameterException",
        "not configured for secret",
    )


def self_service():
    idp.sign_up(
        ClientId=APP,
        Username="dora",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "dora@example.com"}],
    )
    refused(lambda: with_password("dora", PASSWORD), "UserNotConfirmedException")
    idp.resend_confirmation_code(ClientId=APP, Username="dora")
    idp.confirm_sign_up(ClientId=APP, Username="dora", ConfirmationCode=code_of("dora"))
    tokens = with_password("dora", PASSWORD)
    idp.change_password(
        PreviousPassword=PASSWORD,
        ProposedPassword=NEW_PASSWORD,
        AccessToken=tokens["AccessToken"],
    )
    idp.forgot_password(ClientId=APP, Username="dora")
    idp.confirm_forgot_password(
        ClientId=APP, Username="dora", ConfirmationCode=code_of("dora"), Password=PASSWORD
    )
    tokens = with_password("dora", PASSWORD)
    idp.update_user_attributes(
        UserAttributes=[{"Name": "locale", "Value": "de"}], AccessToken=tokens["AccessToken"]
    )
    idp.global_sign_out(AccessToken=tokens["AccessToken"])
    idp.delete_user(AccessToken=with_password("dora", PASSWORD)["AccessToken"])
    refused(lambda: with_password("dora", PASSWORD), "NotAuthorizedException")


def code_of(user):
    query = urllib.parse.urlencode({"user": user})
    with urllib.request.urlopen(f"{SETUP['codes']}?{query}", timeout=20) as response:
        return response.read().decode()


def administration():
    admin.admin_create_user(
        UserPoolId=POOL,
        Username="erik",
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": "erik@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    started = admin.admin_initiate_auth(
        UserPoolId=POOL,
        ClientId=APP,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "erik", "PASSWORD": PASSWORD},
    )
    expect(started["ChallengeName"], "NEW_PASSWORD_REQUIRED")
    admin.admin_respond_to_auth_challenge(
        UserPoolId=POOL,
        ClientId=APP,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=started["Session"],
        ChallengeResponses={"USERNAME": "erik", "NEW_PASSWORD": NEW_PASSWORD},
    )
    named = {"UserPoolId": POOL, "Username": "erik"}
    admin.admin_add_user_to_group(**named, GroupName="FullAccess")
    groups = admin.admin_list_groups_for_user(**named)["Groups"]
    expect([group["GroupName"] for group in groups], ["FullAccess"])
    sub = admin.admin_get_user(**named)["UserAttributes"][0]["Value"]
    by_sub = admin.admin_list_groups_for_user(UserPoolId=POOL, Username=sub)["Groups"]
    expect(len(by_sub), 1)
    members = admin.list_users_in_group(UserPoolId=POOL, GroupName="FullAccess")["Users"]
    expect("erik" in [user["Username"] for user in members], True)
    listed = admin.list_users(UserPoolId=POOL, Filter='email = "erik@example.com"')["Users"]
    expect([user["Username"] for user in listed], ["erik"])
    admin.admin_remove_user_from_group(**named, GroupName="FullAccess")
    admin.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
    admin.admin_update_user_attributes(
        **named, UserAttributes=[{"Name": "locale", "Value": "fr"}]
    )
    admin.admin_user_global_sign_out(**named)
    admin.admin_disable_user(**named)
    refused(lambda: with_password("erik", PASSWORD), "NotAuthorizedException", "disabled")
    admin.admin_enable_user(**named)
    with_password("erik", PASSWORD)
    admin.admin_delete_user(**named)
    refused(lambda: admin.admin_get_user(**named), "UserNotFoundException")
    names = [group["GroupName"] for group in admin.list_groups(UserPoolId=POOL)["Groups"]]
    expect(sorted(names), ["FullAccess", "ReadOnlyAccess"])
    expect(admin.describe_user_pool(UserPoolId=POOL)["UserPool"]["Id"], POOL)


def made_client():
    made = admin.create_user_pool_client(
        UserPoolId=POOL,
        ClientName="made",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    admin.describe_user_pool_client(UserPoolId=POOL, ClientId=made["ClientId"])
    admin.describe_user_pool_client(UserPoolId=POOL, ClientId=APP)
    alice = SETUP["users"]["alice"]
    idp.initiate_auth(
        ClientId=made["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": alice["password"]},
    )
    admin.delete_user_pool_client(UserPoolId=POOL, ClientId=made["ClientId"])


def unsupported_operation():
    refused(
        lambda: admin.list_devices(AccessToken="x"),
        "UnknownOperationException",
        "does not support the operation ListDevices",
    )


def identity_pool():
    token = with_password("bob")["IdToken"]
    identity = client("cognito-identity")
    logins = {SETUP["provider"]: token}
    identity_id = identity.get_id(IdentityPoolId=SETUP["identityPoolId"], Logins=logins)[
        "IdentityId"
    ]
    given = identity.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    expect(given["IdentityId"], identity_id)
    expect(given["Credentials"]["AccessKeyId"][:4], "ASIA")
    expect(given["Credentials"]["Expiration"].tzinfo is not None, True)


def secret():
    secrets = client("secretsmanager", SETUP["service"])
    name = SETUP["machine"]["secretName"]
    value = secrets.get_secret_value(SecretId=name)
    expect(SETUP["machine"]["clientSecret"] in value["SecretString"], True)
    secrets.put_secret_value(SecretId=name, SecretString=value["SecretString"])
    stage = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    expect(stage["VersionStages"], ["AWSPREVIOUS"])
    refused(lambda: secrets.get_secret_value(SecretId="none"), "ResourceNotFoundException")


def rotation():
    """The four steps of a rotation, with the operations that AWS's template of a rotation function calls."""
    secrets = client("secretsmanager", SETUP["service"])
    made = secrets.create_secret(Name="rotated", SecretString="first")
    named = {"SecretId": made["ARN"]}
    expect(secrets.describe_secret(**named)["VersionIdsToStages"], {made["VersionId"]: ["AWSCURRENT"]})
    password = secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True)["RandomPassword"]
    pending = secrets.put_secret_value(
        **named, SecretString=password, VersionStages=["AWSPENDING"]
    )
    secrets.update_secret_version_stage(
        **named,
        VersionStage="AWSCURRENT",
        MoveToVersionId=pending["VersionId"],
        RemoveFromVersionId=made["VersionId"],
    )
    expect(secrets.get_secret_value(**named)["SecretString"], password)
    previous = secrets.get_secret_value(**named, VersionStage="AWSPREVIOUS")
    expect(previous["SecretString"], "first")
    names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
    expect("rotated" in names, True)
    batch = secrets.batch_get_secret_value(SecretIdList=["rotated", "none"])
    expect([len(batch["SecretValues"]), len(batch["Errors"])], [1, 1])


def cached_secret():
    """AWS's own caching client."""
    from aws_secretsmanager_caching import SecretCache

    cache = SecretCache(client=client("secretsmanager", SETUP["service"]))
    name = SETUP["machine"]["secretName"]
    expect(SETUP["machine"]["clientSecret"] in cache.get_secret_string(name), True)


if __name__ == "__main__":
    use("boto3")
    check("sign-in with a password, refresh, revocation", password_and_refresh)
    check("sign-in with an e-mail address", alias_sign_in)
    check("wrong passwords", wrong_password)
    check("SECRET_HASH", secret_hash)
    check("sign-up, codes and passwords", self_service)
    check("administration of users", administration)
    check("an app client that was made", made_client)
    check("an operation that is not supported", unsupported_operation)
    check("identity pool", identity_pool)
    check("Secrets Manager", secret)
    check("rotation of a secret", rotation)
    check("aws_secretsmanager_caching", cached_secret)
