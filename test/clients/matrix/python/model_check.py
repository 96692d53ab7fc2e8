"""Compares a JSON value with a shape of botocore's service models."""

import re


def problems_of(shape, value, path):
    """Returns how a value differs from its shape, one text each."""
    if value is None:
        return [f"{path} is null"]
    check_type = CHECKS.get(shape.type_name)
    if check_type is None:
        return [f"{path}: the type {shape.type_name} is not known here"]
    return check_type(shape, value, path)


def structure(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    names = {
        member.serialization.get("name", name): member for name, member in shape.members.items()
    }
    found = [f"{path}.{name} is not in the model" for name in value if name not in names]
    found += [f"{path}.{name} is missing" for name in shape.required_members if name not in value]
    for name, member in names.items():
        if name in value:
            found += problems_of(member, value[name], f"{path}.{name}")
    return found


def listed(shape, value, path):
    if not isinstance(value, list):
        return [f"{path} is not a list"]
    found = length(shape, value, path)
    for index, one in enumerate(value):
        found += problems_of(shape.member, one, f"{path}[{index}]")
    return found


def mapped(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    found = length(shape, value, path)
    for name, one in value.items():
        found += problems_of(shape.key, name, f"{path} key")
        found += problems_of(shape.value, one, f"{path}.{name}")
    return found


def string(shape, value, path):
    if not isinstance(value, str):
        return [f"{path} is not a string"]
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        return [f"{path} is not one of {', '.join(enum)}"]
    found = length(shape, value, path)
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(python_pattern(pattern), value):
        found.append(f"{path} does not match {pattern}")
    return found


def python_pattern(pattern):
    """Writes a pattern of the models for Python, which has no classes such as \\p{L}: any character but a blank."""
    return f"^(?:{re.sub(UNICODE_CLASS, NOT_BLANK, pattern)})$"


UNICODE_CLASS = re.compile(r"\[[^\]]*\\p\{[^\]]*\]")
NOT_BLANK = r"\\S"


def number(shape, value, path):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [f"{path} is not a number"]
    if shape.type_name in ("integer", "long") and not isinstance(value, int):
        return [f"{path} is not an integer"]
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        return [f"{path} is not from {low} to {high}"]
    return []


def timestamp(shape, value, path):
    found = number(shape, value, path)
    # The JSON protocol has seconds. 2020 to 2100, so that milliseconds are noticed.
    if not found and not 1_577_836_800 < value < 4_102_444_800:
        return [f"{path} is not a time in seconds"]
    return found


def boolean(_shape, value, path):
    return [] if isinstance(value, bool) else [f"{path} is not a boolean"]


def length(shape, value, path):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and len(value) < low) or (high is not None and len(value) > high):
        return [f"{path} has the length {len(value)}, not from {low} to {high}"]
    return []


CHECKS = {
    "structure": structure,
    "list": listed,
    "map": mapped,
    "string": string,
    "character": string,
    "blob": string,
    "integer": number,
    "long": number,
    "float": number,
    "double": number,
    "timestamp": timestamp,
    "boolean": boolean,
}
