"""Sends the signed requests of the set-up with one of the Python signers."""

from urllib.parse import urlsplit

from harness import API_REGION, argument, send_requests, use

SERVICE = "execute-api"


def body_of(request):
    body = request.get("body")
    return None if body is None else body.encode()


def type_of(request):
    return {} if request.get("body") is None else {"content-type": "application/json"}


def with_requests(auth_of):
    """Sends a request with the library requests and an auth object of its key."""
    import requests

    def send(request, key):
        response = requests.request(
            request["method"],
            request["url"],
            data=body_of(request),
            headers=type_of(request),
            auth=auth_of(request, key),
            timeout=20,
        )
        return response.status_code, response.headers

    return send


def requests_aws4auth():
    from requests_aws4auth import AWS4Auth

    return with_requests(
        lambda _, key: AWS4Auth(
            key["accessKeyId"],
            key["secretAccessKey"],
            API_REGION,
            SERVICE,
            session_token=key["sessionToken"],
        )
    )


def aws_requests_auth():
    from aws_requests_auth.aws_auth import AWSRequestsAuth

    return with_requests(
        lambda request, key: AWSRequestsAuth(
            key["accessKeyId"],
            key["secretAccessKey"],
            urlsplit(request["url"]).netloc,
            API_REGION,
            SERVICE,
            aws_token=key["sessionToken"],
        )
    )


def requests_auth_aws_sigv4():
    from requests_auth_aws_sigv4 import AWSSigV4

    return with_requests(
        lambda _, key: AWSSigV4(
            SERVICE,
            region=API_REGION,
            aws_access_key_id=key["accessKeyId"],
            aws_secret_access_key=key["secretAccessKey"],
            aws_session_token=key["sessionToken"],
        )
    )


def httpx_auth_awssigv4():
    import httpx
    from httpx_auth_awssigv4 import SigV4Auth

    def send(request, key):
        auth = SigV4Auth(
            key["accessKeyId"], key["secretAccessKey"], SERVICE, API_REGION, key["sessionToken"]
        )
        response = httpx.request(
            request["method"],
            request["url"],
            content=body_of(request),
            headers=type_of(request),
            auth=auth,
            timeout=20,
        )
        return response.status_code, response.headers

    return send


def botocore():
    """Signs with botocore, which boto3 and the AWS CLI are built on."""
    import requests
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def send(request, key):
        credentials = Credentials(
            key["accessKeyId"], key["secretAccessKey"], key["sessionToken"]
        )
        made = AWSRequest(
            request["method"], request["url"], data=body_of(request), headers=type_of(request)
        )
        SigV4Auth(credentials, SERVICE, API_REGION).add_auth(made)
        prepared = made.prepare()
        response = requests.request(
            prepared.method,
            prepared.url,
            data=prepared.body,
            headers=dict(prepared.headers),
            timeout=20,
        )
        return response.status_code, response.headers

    return send


SIGNERS = {
    "requests-aws4auth": requests_aws4auth,
    "aws-requests-auth": aws_requests_auth,
    "requests-auth-aws-sigv4": requests_auth_aws_sigv4,
    "httpx-auth-awssigv4": httpx_auth_awssigv4,
    "botocore": botocore,
}

if __name__ == "__main__":
    use(argument())
    send_requests(SIGNERS[argument()]())
