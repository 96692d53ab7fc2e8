"""Calls that succeed, at least one for each operation that the stack supports."""

import uuid

from boto3_flows import NEW_PASSWORD, PASSWORD, SETUP, code_of, hash_of
from harness import refused
from pycognito.aws_srp import AWSSRP

POOL = {"UserPoolId": SETUP["userPoolId"]}
APP = {"ClientId": SETUP["userPoolClientId"]}


def drive(service, unsigned, signed):
    """Calls each operation of a service so that it succeeds."""
    DRIVERS[service](unsigned, signed)


def user_pool(idp, admin):
    signing_in(idp, admin)
    own_account(idp)
    administration(idp, admin)
    app_clients(idp, admin)
    groups(admin)


def with_password(idp, name, password, **more):
    return idp.initiate_auth(
        **APP,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password, **more},
    )


def signing_in(idp, admin):
    alice = SETUP["users"]["alice"]
    tokens = with_password(idp, "alice", alice["password"])["AuthenticationResult"]
    idp.initiate_auth(
        **APP,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )
    idp.get_tokens_from_refresh_token(**APP, RefreshToken=tokens["RefreshToken"])
    idp.get_user(AccessToken=tokens["AccessToken"])
    idp.revoke_token(**APP, Token=tokens["RefreshToken"])
    AWSSRP(
        username="alice",
        password=alice["password"],
        pool_id=SETUP["userPoolId"],
        client_id=SETUP["userPoolClientId"],
        client=idp,
    ).authenticate_user()
    rotating = SETUP["rotating"]
    first = idp.initiate_auth(
        ClientId=rotating["clientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": "alice",
            "PASSWORD": alice["password"],
            "SECRET_HASH": hash_of("alice", rotating),
        },
    )["AuthenticationResult"]
    idp.get_tokens_from_refresh_token(
        ClientId=rotating["clientId"],
        ClientSecret=rotating["clientSecret"],
        RefreshToken=first["RefreshToken"],
    )
    admin.admin_initiate_auth(
        **POOL,
        **APP,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": alice["password"]},
    )


def own_account(idp):
    named = {**APP, "Username": "shape-user"}
    idp.sign_up(
        **named,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "shape-user@example.com"}],
    )
    idp.resend_confirmation_code(**named)
    idp.confirm_sign_up(**named, ConfirmationCode=code_of("shape-user"))
    idp.forgot_password(**named)
    idp.confirm_forgot_password(
        **named, ConfirmationCode=code_of("shape-user"), Password=NEW_PASSWORD
    )
    tokens = with_password(idp, "shape-user", NEW_PASSWORD)["AuthenticationResult"]
    token = {"AccessToken": tokens["AccessToken"]}
    idp.change_password(**token, PreviousPassword=NEW_PASSWORD, ProposedPassword=PASSWORD)
    idp.update_user_attributes(
        **token, UserAttributes=[{"Name": "email", "Value": "other@example.com"}]
    )
    idp.get_user_attribute_verification_code(**token, AttributeName="email")
    idp.verify_user_attribute(**token, AttributeName="email", Code=code_of("shape-user"))
    idp.global_sign_out(**token)
    again = with_password(idp, "shape-user", PASSWORD)["AuthenticationResult"]
    idp.delete_user(AccessToken=again["AccessToken"])


def administration(idp, admin):
    named = {**POOL, "Username": "shape-admin"}
    admin.admin_create_user(
        **named,
        TemporaryPassword=PASSWORD,
        UserAttributes=[
            {"Name": "email", "Value": "shape-admin@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    challenged = with_password(idp, "shape-admin", PASSWORD)
    idp.respond_to_auth_challenge(
        **APP,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenged["Session"],
        ChallengeResponses={"USERNAME": "shape-admin", "NEW_PASSWORD": NEW_PASSWORD},
    )
    admin.admin_set_user_password(**named, Password=PASSWORD, Permanent=False)
    challenged = admin.admin_initiate_auth(
        **POOL,
        **APP,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "shape-admin", "PASSWORD": PASSWORD},
    )
    admin.admin_respond_to_auth_challenge(
        **POOL,
        **APP,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenged["Session"],
        ChallengeResponses={"USERNAME": "shape-admin", "NEW_PASSWORD": NEW_PASSWORD},
    )
    admin.admin_get_user(**named)
    admin.admin_add_user_to_group(**named, GroupName="FullAccess")
    admin.admin_list_groups_for_user(**named)
    admin.list_users_in_group(**POOL, GroupName="FullAccess")
    admin.admin_remove_user_from_group(**named, GroupName="FullAccess")
    admin.admin_update_user_attributes(
        **named, UserAttributes=[{"Name": "locale", "Value": "fr"}]
    )
    admin.list_users(**POOL)
    admin.list_users(**POOL, Filter='username ^= "shape"', Limit=1)
    admin.admin_user_global_sign_out(**named)
    admin.admin_disable_user(**named)
    admin.admin_enable_user(**named)
    admin.admin_reset_user_password(**named)
    admin.admin_delete_user(**named)
    idp.sign_up(**APP, Username="shape-signed-up", Password=PASSWORD)
    admin.admin_confirm_sign_up(**POOL, Username="shape-signed-up")
    admin.admin_delete_user(**POOL, Username="shape-signed-up")


def app_clients(idp, admin):
    made = admin.create_user_pool_client(
        **POOL,
        ClientName="shapes",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["premium/read"],
        AccessTokenValidity=30,
        TokenValidityUnits={"AccessToken": "minutes"},
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    named = {**POOL, "ClientId": made["ClientId"]}
    admin.describe_user_pool_client(**named)
    admin.describe_user_pool_client(**POOL, **APP)
    admin.list_user_pool_clients(**POOL)
    idp.get_client_token(
        ClientId=SETUP["machine"]["clientId"],
        Secret=SETUP["machine"]["clientSecret"],
        Scopes=["premium/read"],
    )
    added = admin.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
    admin.list_user_pool_client_secrets(**named)
    admin.delete_user_pool_client_secret(**named, ClientSecretId=added["ClientSecretId"])
    admin.update_user_pool_client(**named, ClientName="renamed")
    admin.delete_user_pool_client(**named)


def groups(admin):
    admin.list_groups(**POOL)
    admin.list_groups(**POOL, Limit=1)
    admin.get_group(**POOL, GroupName="FullAccess")
    admin.describe_user_pool(**POOL)


def identity_pool(identities, _signed):
    from boto3_flows import with_password as sign_in

    logins = {SETUP["provider"]: sign_in("alice")["IdToken"]}
    identity = identities.get_id(IdentityPoolId=SETUP["identityPoolId"], Logins=logins)
    named = {"IdentityId": identity["IdentityId"], "Logins": logins}
    identities.get_credentials_for_identity(**named)


def secrets_manager(_unsigned, secrets):
    named = {"SecretId": SETUP["machine"]["secretName"]}
    value = secrets.get_secret_value(**named)
    token = str(uuid.uuid4())
    secrets.put_secret_value(
        **named, SecretString=value["SecretString"], ClientRequestToken=token
    )
    secrets.get_secret_value(**named, VersionStage="AWSPREVIOUS")
    secrets.describe_secret(**named)
    secrets.list_secrets()
    secrets.list_secrets(Filters=[{"Key": "name", "Values": ["reader"]}])
    secrets.batch_get_secret_value(SecretIdList=[named["SecretId"], "none"])
    secrets.get_random_password(PasswordLength=20)
    made = secrets.create_secret(
        Name="shapes", SecretString="a", Description="text", ClientRequestToken=str(uuid.uuid4())
    )
    other = secrets.put_secret_value(
        SecretId="shapes",
        SecretString="b",
        VersionStages=["NEXT"],
        ClientRequestToken=str(uuid.uuid4()),
    )
    secrets.update_secret_version_stage(
        SecretId="shapes",
        VersionStage="AWSCURRENT",
        MoveToVersionId=other["VersionId"],
        RemoveFromVersionId=made["VersionId"],
    )


def security_tokens(_unsigned, sts):
    sts.get_caller_identity()


def refusals(idp, admin):
    """Calls that are refused for a reason of their own, each with the error that AWS documents for it."""
    alice = SETUP["users"]["alice"]
    named = {**APP, "Username": "shape-refused"}
    email = [{"Name": "email", "Value": alice["email"]}]
    refused(lambda: idp.sign_up(**named, Password="weak"), "InvalidPasswordException")
    refused(
        lambda: idp.sign_up(**APP, Username="alice", Password=PASSWORD), "UsernameExistsException"
    )
    idp.sign_up(**named, Password=PASSWORD)
    refused(
        lambda: idp.confirm_sign_up(**named, ConfirmationCode="000000x"), "CodeMismatchException"
    )
    refused(
        lambda: with_password(idp, "shape-refused", PASSWORD), "UserNotConfirmedException"
    )
    refused(
        lambda: idp.forgot_password(**named), "InvalidParameterException"
    )
    idp.confirm_sign_up(**named, ConfirmationCode=code_of("shape-refused"))
    user = {**POOL, "Username": "shape-refused"}
    admin.admin_reset_user_password(**user)
    refused(
        lambda: with_password(idp, "shape-refused", PASSWORD), "PasswordResetRequiredException"
    )
    refused(
        lambda: admin.admin_update_user_attributes(
            **user, UserAttributes=[*email, {"Name": "email_verified", "Value": "true"}]
        ),
        "AliasExistsException",
    )
    refused(
        lambda: admin.admin_create_user(**POOL, Username="alice"), "UsernameExistsException"
    )
    verified = [*email, {"Name": "email_verified", "Value": "true"}]
    refused(
        lambda: admin.admin_create_user(**POOL, Username="shape-alias", UserAttributes=verified),
        "AliasExistsException",
    )
    refused(
        lambda: admin.admin_add_user_to_group(**user, GroupName="nothing"),
        "ResourceNotFoundException",
    )
    refused(lambda: admin.list_users(**POOL, Filter="nonsense"), "InvalidParameterException")
    refused(
        lambda: admin.create_user_pool_client(
            **POOL, ClientName="x", AllowedOAuthScopes=["premium/none"]
        ),
        "ScopeDoesNotExistException",
    )
    refused(
        lambda: idp.get_client_token(
            ClientId=SETUP["machine"]["clientId"], Secret=SETUP["machine"]["clientSecret"], Scopes=["x/y"]
        ),
        "InvalidParameterException",
    )
    tokens = with_password(idp, "alice", alice["password"])["AuthenticationResult"]
    refused(
        lambda: idp.revoke_token(**APP, Token=tokens["AccessToken"]),
        "UnsupportedTokenTypeException",
    )
    refused(lambda: idp.get_user(AccessToken=tokens["IdToken"]), "NotAuthorizedException")
    reused(idp)
    admin.admin_delete_user(**user)


def reused(idp):
    """A refresh token that another one replaced."""
    app = SETUP["rotating"]
    named = {"ClientId": app["clientId"], "ClientSecret": app["clientSecret"]}
    first = idp.initiate_auth(
        ClientId=app["clientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": "alice",
            "PASSWORD": SETUP["users"]["alice"]["password"],
            "SECRET_HASH": hash_of("alice", app),
        },
    )["AuthenticationResult"]["RefreshToken"]
    idp.get_tokens_from_refresh_token(**named, RefreshToken=first)
    refused(
        lambda: idp.get_tokens_from_refresh_token(**named, RefreshToken=first),
        "RefreshTokenReuseException",
    )


DRIVERS = {
    "cognito-idp": user_pool,
    "cognito-identity": identity_pool,
    "secretsmanager": secrets_manager,
    "sts": security_tokens,
}
