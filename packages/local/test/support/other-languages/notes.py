import json


def handler(event, _context):
    """Says who called, and fails for a note that does not exist."""
    if event["rawPath"] == "/notes/missing":
        raise KeyError("missing")
    iam = event["requestContext"]["authorizer"]["iam"]
    body = {"language": "Python", "caller": iam["userArn"], "sent": event.get("body")}
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
