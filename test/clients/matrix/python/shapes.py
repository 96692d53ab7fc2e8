"""Checks every response of the stack against the service models of botocore: required and unknown members, types,
lengths, enumerations, timestamps, and the errors that an operation may have."""

import json
import urllib.error
import urllib.request
from xml.etree import ElementTree

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import API_REGION, SETUP, check, expect, use
from model_check import problems_of

# What every service may answer: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the pages of
# the same name of the other services.
COMMON_ERRORS = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationException",
}
# An error that the page of an operation has and its model has not (the member ForceAliasCreation).
DOCUMENTED_ERRORS = {"AdminCreateUser": "AliasExistsException"}
# The identity pool of the stack maps roles, with which AWS refuses the basic flow.
NEVER_SUCCEEDS = {"GetOpenIdToken"}
TARGETS = {
    "cognito-idp": "AWSCognitoIdentityProviderService",
    "cognito-identity": "AWSCognitoIdentityService",
    "secretsmanager": "secretsmanager",
    "sts": "",
}


class Observed:
    """What was seen of one operation."""

    def __init__(self):
        self.count = 0
        self.succeeded = False
        self.refused = False
        self.problems = []


OBSERVED = {}


def observed(service, operation):
    return OBSERVED.setdefault((service, operation), Observed())


def inspect(service, model, response):
    """Checks one raw response of an operation."""
    seen = observed(service, model.name)
    seen.count += 1
    status = response.status_code
    if service == "sts":
        inspect_xml(seen, model, response)
        return
    body = json.loads(response.content or b"{}")
    content_type = response.headers.get("content-type")
    if content_type != "application/x-amz-json-1.1":
        seen.problems.append(f"the content type is {content_type}")
    if status == 200:
        seen.succeeded = True
        if model.output_shape is not None:
            seen.problems += problems_of(model.output_shape, body, model.name)
        elif body != {}:
            seen.problems.append("the model has no output")
        return
    seen.refused = True
    seen.problems += error_problems(service, model, status, body)


def inspect_xml(seen, model, response):
    """Checks one raw response of the query protocol."""
    root = ElementTree.fromstring(response.content)
    seen.problems += [] if response.headers.get("content-type") == "text/xml" else ["it is not text/xml"]
    expected = f"{{{STS}}}{model.name}Response" if response.status_code == 200 else f"{{{STS}}}ErrorResponse"
    if root.tag != expected:
        seen.problems.append(f"the root is {root.tag}")
    if response.status_code == 200:
        seen.succeeded = True
        result = root.find(f"{{{STS}}}{model.output_shape.serialization['resultWrapper']}")
        body = {member.tag.split("}")[1]: member.text for member in result}
        seen.problems += problems_of(model.output_shape, body, model.name)
        missing = set(model.output_shape.members) - set(body)
        seen.problems += [f"{name} is missing" for name in sorted(missing)]
        return
    seen.refused = True
    error = root.find(f"{{{STS}}}Error")
    members = sorted(member.tag.split("}")[1] for member in error)
    if members != ["Code", "Message", "Type"]:
        seen.problems.append(f"the error has {', '.join(members)}")


STS = "https://sts.amazonaws.com/doc/2011-06-15/"


def error_problems(service, model, status, body):
    kind = body.get("__type", "")
    member = "Message" if service == "secretsmanager" else "message"
    found = []
    if status != 400:
        found.append(f"{kind} has the status {status}")
    if sorted(body) != sorted(["__type", member]):
        found.append(f"{kind} has the members {', '.join(sorted(body))}")
    if not isinstance(body.get(member), str) or not body[member]:
        found.append(f"{kind} has no message")
    modelled = [shape.name for shape in model.error_shapes]
    allowed = {*modelled, *COMMON_ERRORS, DOCUMENTED_ERRORS.get(model.name)}
    if kind not in allowed:
        found.append(f"{kind} is not among its errors: {body.get(member)}")
    return found


def client(service, key=None):
    """Returns a client whose raw responses are checked. It sends what it is told to."""
    settings = {"parameter_validation": False, "retries": {"max_attempts": 0}}
    if key is None:
        settings["signature_version"] = UNSIGNED
        signing = {}
    else:
        signing = {
            "aws_access_key_id": key["accessKeyId"],
            "aws_secret_access_key": key["secretAccessKey"],
            "aws_session_token": key["sessionToken"],
        }
    made = boto3.client(
        service,
        region_name=API_REGION,
        endpoint_url=SETUP["endpoint"],
        config=Config(**settings),
        **signing,
    )

    def after_call(http_response, model, **_):
        inspect(service, model, http_response)

    made.meta.events.register(f"after-call.{service}", after_call)
    return made


def supported(service):
    """Asks the stack which operations of a service it supports."""
    if service == "sts":
        return ["GetCallerIdentity"]
    request = urllib.request.Request(
        SETUP["endpoint"], b"{}", {"x-amz-target": f"{TARGETS[service]}.Unknown"}
    )
    try:
        urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as error:
        body = json.loads(error.read())
        message = body.get("message") or body.get("Message")
        return message.split("It supports ")[1].rstrip(".").split(", ")
    raise AssertionError("an unknown operation was accepted")


def attempt(call, operation, parameters):
    """Makes a call that may be refused: the response is checked all the same."""
    try:
        call._make_api_call(operation, parameters)
    except ClientError:
        pass


def wrong_calls(service, calls):
    """Calls each operation without any member, with all required members wrong, and with all members wrong."""
    model = calls.meta.service_model
    for operation in supported(service):
        shape = model.operation_model(operation).input_shape
        members = shape.members if shape is not None else {}
        required = shape.required_members if shape is not None else []
        attempt(calls, operation, {})
        attempt(calls, operation, {name: wrong(members[name]) for name in required})
        if operation not in NOT_UNDONE:
            attempt(calls, operation, {name: RIGHT[name] for name in members if name in RIGHT})


def wrong(shape):
    """Returns a value of the right type that nothing in the stack has."""
    if shape.type_name == "string":
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else "eu-central-1_nothing"
    if shape.type_name == "list":
        return [wrong(shape.member)]
    if shape.type_name == "map":
        return {"USERNAME": "nobody-here"}
    if shape.type_name == "structure":
        return {name: wrong(shape.members[name]) for name in shape.required_members}
    return True if shape.type_name == "boolean" else 1


# Members that name the user pool and its app client, beside a user who is not there.
RIGHT = {
    "UserPoolId": SETUP["userPoolId"],
    "ClientId": SETUP["userPoolClientId"],
    "Username": "nobody-here",
}


# They would delete or change the app client that the other checks sign in with.
NOT_UNDONE = {"AddUserPoolClientSecret", "DeleteUserPoolClient", "UpdateUserPoolClient"}


def notices():
    """Fails unless the check of a response notices what is wrong with it."""
    model = boto3.client("cognito-idp", region_name=API_REGION).meta.service_model
    shape = model.operation_model("AdminGetUser").output_shape
    date = 1_800_000_000
    right_body = {"Username": "alice", "UserCreateDate": date, "UserStatus": "CONFIRMED"}
    expect(problems_of(shape, right_body, "it"), [])
    for change, problem in [
        ({"Username": None}, "it.Username is null"),
        ({"Username": 1}, "it.Username is not a string"),
        ({"Username": "a" * 200}, "it.Username has the length 200, not from 1 to 128"),
        ({"Username": "a b"}, "it.Username does not match [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"),
        ({"Enabled": "true"}, "it.Enabled is not a boolean"),
        ({"UserCreateDate": date * 1_000}, "it.UserCreateDate is not a time in seconds"),
        ({"UserAttributes": [{"Value": "a"}]}, "it.UserAttributes[0].Name is missing"),
        ({"Other": 1}, "it.Other is not in the model"),
    ]:
        expect(problems_of(shape, {**right_body, **change}, "it"), [problem])
    status = problems_of(shape, {**right_body, "UserStatus": "NEW"}, "it")
    expect(status[0].startswith("it.UserStatus is not one of "), True)
    operation = model.operation_model("AdminGetUser")
    body = {"__type": "AliasExistsException", "Message": "text"}
    expect(len(error_problems("cognito-idp", operation, 500, body)), 4)


def all_right(service):
    """Fails with everything that differed, and with each operation that was not seen both ways."""
    found = []
    for operation in supported(service):
        seen = observed(service, operation)
        found += [f"{operation}: {problem}" for problem in sorted(set(seen.problems))]
        if not seen.succeeded and operation not in NEVER_SUCCEEDS:
            found.append(f"{operation} never succeeded")
        if not seen.refused:
            found.append(f"{operation} was never refused")
    if found:
        raise AssertionError(f"{len(found)} differences\n" + "\n".join(found))
    print(f"{service}: {sum(seen.count for seen in OBSERVED.values())} responses so far")


if __name__ == "__main__":
    from shape_calls import drive, refusals

    use("botocore")
    check("the checks notice what is wrong", notices)
    for name in TARGETS:
        unsigned, signed = client(name), client(name, SETUP["admin"])
        check(f"{name}: every operation succeeds", lambda: drive(name, unsigned, signed))
        wrong_calls(name, unsigned)
        wrong_calls(name, signed)
        if name == "cognito-idp":
            check("calls that the user pool refuses", lambda: refusals(unsigned, signed))
        check(f"{name}: every response has the shape of the model", lambda: all_right(name))
