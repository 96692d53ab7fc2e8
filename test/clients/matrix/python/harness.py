"""What the Python programs share: the set-up of the stack, and how they report."""

import base64
import json
import os
import sys
import urllib.parse
import urllib.request
from importlib.metadata import version

with open(os.environ["CLIENTS_SETUP"], encoding="utf-8") as file:
    SETUP = json.load(file)

API_REGION = SETUP["region"]


def report(**what):
    """Reports one line to the command that started the program."""
    print("@" + json.dumps(what), flush=True)


def use(package):
    """Reports the version of the client under test."""
    report(version=version(package))


def check(name, run):
    """Runs one check and reports how it ended."""
    try:
        run()
        report(check=name)
    except Exception as error:  # every failure is a failed row, not the end of the program
        report(check=name, error=f"{type(error).__name__}: {error}"[:20_000])


def expect(actual, expected):
    """Fails unless two values are equal."""
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def refused(run, code, message=None):
    """Fails unless a boto3 call is refused with this error code."""
    from botocore.exceptions import ClientError

    try:
        run()
    except ClientError as error:
        expect(error.response["Error"]["Code"], code)
        if message is not None and message not in error.response["Error"]["Message"]:
            raise AssertionError(f"expected {message!r} in {error}")
        return
    raise AssertionError(f"expected {code}, and the call was accepted")


def send_requests(send):
    """Sends each request of the set-up with one signer: send(request, key) -> (status, headers)."""
    for request in SETUP["requests"]:
        try:
            status, headers = send(request, SETUP["keys"][request["key"]])
            report(request=request["id"], status=status, reason=headers.get("x-local-reason"))
        except Exception as error:
            report(request=request["id"], error=f"{type(error).__name__}: {error}"[:300])


def sign_in_at(authorization_url, user="alice"):
    """Signs a user in on the pages of the user pool, as a browser. Returns the URL of the callback."""
    query = urllib.parse.urlencode({"url": authorization_url, "user": user})
    with urllib.request.urlopen(f"{SETUP['browser']}?{query}", timeout=20) as response:
        return response.read().decode()


def claims_of(token):
    """Reads the claims of a token without verifying it."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def argument():
    """Returns the name of the client that the program is asked to run."""
    return sys.argv[1]
