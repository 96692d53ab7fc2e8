"""Signed requests with the command awscurl."""

import ast
import os
import subprocess
import sys

from harness import API_REGION, send_requests, use

COMMAND = os.path.join(os.path.dirname(sys.executable), "awscurl")


def send(request, key):
    args = [COMMAND, "--include", "--fail-with-body", "-X", request["method"], "--region", API_REGION]
    if request.get("body") is not None:
        args += ["-d", request["body"], "-H", "content-type: application/json"]
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": key["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
        "AWS_SESSION_TOKEN": key["sessionToken"],
    }
    done = subprocess.run(
        [sys.executable, *args, request["url"]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    # It prints the headers as a Python dict, and no status: 22 says that the response was an error.
    headers = ast.literal_eval(done.stdout.split("\n\n")[0])
    if done.returncode not in (0, 22):
        raise RuntimeError(done.stderr)
    reason = {name.lower(): value for name, value in headers.items()}.get("x-local-reason")
    return (200 if done.returncode == 0 else 403), {"x-local-reason": reason}


if __name__ == "__main__":
    use("awscurl")
    send_requests(send)
