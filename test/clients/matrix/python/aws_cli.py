"""The AWS CLI, as scripts and CI call it."""

import json
import os
import subprocess
import sys

from harness import API_REGION, SETUP, check, expect, use

AWS = os.path.join(os.path.dirname(sys.executable), "aws")
POOL = ["--user-pool-id", SETUP["userPoolId"]]


def aws(*args, key=None):
    """Runs the CLI. Returns its status and what it printed, as JSON if it succeeded."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": SETUP["endpoint"],
        "AWS_DEFAULT_REGION": API_REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if key is not None:
        environment["AWS_ACCESS_KEY_ID"] = key["accessKeyId"]
        environment["AWS_SECRET_ACCESS_KEY"] = key["secretAccessKey"]
        environment["AWS_SESSION_TOKEN"] = key["sessionToken"]
    done = subprocess.run(
        [sys.executable, AWS, *args], env=environment, capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        return done.returncode, done.stderr.strip()
    return 0, json.loads(done.stdout) if done.stdout.strip() else {}


def passed(*args, key=None):
    status, printed = aws(*args, key=key)
    if status != 0:
        raise AssertionError(printed)
    return printed


def sign_in():
    alice = SETUP["users"]["alice"]
    parameters = f"USERNAME=alice,PASSWORD={alice['password']}"
    tokens = passed(
        "cognito-idp",
        "initiate-auth",
        "--client-id",
        SETUP["userPoolClientId"],
        "--auth-flow",
        "USER_PASSWORD_AUTH",
        "--auth-parameters",
        parameters,
        "--no-sign-request",
    )["AuthenticationResult"]
    admin = passed(
        "cognito-idp",
        "admin-initiate-auth",
        *POOL,
        "--client-id",
        SETUP["userPoolClientId"],
        "--auth-flow",
        "ADMIN_USER_PASSWORD_AUTH",
        "--auth-parameters",
        parameters,
        key=SETUP["admin"],
    )
    expect(sorted(admin["AuthenticationResult"]), sorted(tokens))
    return tokens


def users():
    listed = passed("cognito-idp", "list-users", *POOL, key=SETUP["admin"])["Users"]
    expect("alice" in [user["Username"] for user in listed], True)
    user = passed(
        "cognito-idp", "admin-get-user", *POOL, "--username", "alice", key=SETUP["admin"]
    )
    expect(user["UserStatus"], "CONFIRMED")


def identity_pool():
    logins = json.dumps({SETUP["provider"]: sign_in()["IdToken"]})
    identity = passed(
        "cognito-identity",
        "get-id",
        "--identity-pool-id",
        SETUP["identityPoolId"],
        "--logins",
        logins,
        "--no-sign-request",
    )
    given = passed(
        "cognito-identity",
        "get-credentials-for-identity",
        "--identity-id",
        identity["IdentityId"],
        "--logins",
        logins,
        "--no-sign-request",
    )
    expect(given["Credentials"]["AccessKeyId"][:4], "ASIA")


def secret():
    value = passed(
        "secretsmanager",
        "get-secret-value",
        "--secret-id",
        SETUP["machine"]["secretName"],
        key=SETUP["service"],
    )
    expect(value["Name"], SETUP["machine"]["secretName"])
    status, message = aws(
        "secretsmanager", "get-secret-value", "--secret-id", "none", key=SETUP["service"]
    )
    expect(status == 0, False)
    expect("ResourceNotFoundException" in message, True)


def caller():
    identity = passed("sts", "get-caller-identity", key=SETUP["service"])
    expect(identity["Arn"].split("/")[1], "serviceRole")
    user = passed("sts", "get-caller-identity", key=SETUP["keys"]["alice"])
    expect(user["Arn"].split("/")[1], "FullAccessRole")
    wrong = {**SETUP["service"], "secretAccessKey": "wrong"}
    status, message = aws("sts", "get-caller-identity", key=wrong)
    expect(status == 0, False)
    expect("SignatureDoesNotMatch" in message, True)


def unsupported():
    status, message = aws(
        "cognito-idp", "describe-risk-configuration", *POOL, key=SETUP["admin"]
    )
    expect(status == 0, False)
    expect("does not support the operation DescribeRiskConfiguration" in message, True)


if __name__ == "__main__":
    use("awscli")
    check("sign-in with initiate-auth and admin-initiate-auth", sign_in)
    check("list-users and admin-get-user", users)
    check("identity pool", identity_pool)
    check("secretsmanager get-secret-value", secret)
    check("sts get-caller-identity", caller)
    check("an operation that is not supported says so", unsupported)
