# SPDX-License-Identifier: MIT
"""Holds requests and answers against www/openapi.yaml.

Every answer that a test gets comes through `hold`. It must be one that the
description of its route tells of: the status, the content type, the headers,
and every member of its JSON. A request that was granted must be as described,
too. What is not described fails.
"""

import json
import re
from functools import cache
from urllib.parse import parse_qsl

from support.sources import read

# Headers that web servers add, or that every HTTP message has.
SERVERS_OWN = {
    "accept-ranges",
    "connection",
    "content-length",
    "content-type",
    "date",
    "keep-alive",
    "server",
    "transfer-encoding",
}
NOTES = {"description", "summary", "x-if-query"}
METHODS = ("get", "post", "delete", "options")


@cache
def document():
    """The description, with what "$ref" names put in its place."""
    import yaml  # here, for not every test has an answer to check

    whole = yaml.load(read("www", "openapi.yaml"), yaml.CSafeLoader)
    return _Resolver(whole).resolve(whole)


class _Resolver:
    def __init__(self, whole):
        self.whole = whole
        self.done = {}

    def resolve(self, node):
        """The same node once is the same object always."""
        if id(node) not in self.done:
            self.done[id(node)] = self._resolve(node)
        return self.done[id(node)]

    def _resolve(self, node):
        if isinstance(node, list):
            return [self.resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {key: self.resolve(value) for key, value in node.items()}
        beside = {k: v for k, v in node.items() if k != "$ref"}
        if beside.keys() - NOTES:
            raise AssertionError(f"beside a $ref stand {sorted(beside)}")
        target = self.resolve(self._find(node["$ref"]))
        return {**target, **beside} if beside else target

    def _find(self, reference):
        found = self.whole
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found


@cache
def _paths():
    """(pattern, path item), those without a parameter first."""
    found = []
    for path, item in document()["paths"].items():
        if any(method in item for method in METHODS[:3]):
            pattern = re.sub(r"\{\w+\}", "[^/]+", path)
            found.append(("{" in path, re.compile(pattern), item))
    return [(pattern, item) for _, pattern, item in sorted(found, key=_first)]


def _first(row):
    return row[0]


def operations():
    """(method, path, path item, operation) of everything described."""
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item, item[method]


def find_operation(method, path):
    """(path item, operation); the latter is None for another method of a
    path that is described, both are for another path."""
    others = None
    for pattern, item in _paths():
        if pattern.fullmatch(path):
            if method in ("GET", "POST", "DELETE") and method.lower() in item:
                return item, item[method.lower()]
            others = others or item
    if others and method == "OPTIONS":
        item = document()["paths"]["/{route}"]
        return item, item["options"]
    return others, None


def hold(method, target, answer, body=b""):
    """Raises AssertionError if the answer to a request is not described.

    `target` is a path, with or without /api, and a query."""
    path, _, query = target.partition("?")
    if path.startswith("/cgi-bin"):
        return  # a program by its own name: which route, its path says not
    try:
        _hold_path(method, path.removeprefix("/api"), query, answer, body)
    except AssertionError as error:
        raise AssertionError(
            f"{method} {target}: {error}; {answer!r} {answer.headers}"
        ) from None


def _hold_path(method, path, query, answer, body):
    item, operation = find_operation(method, path)
    responses = document()["components"]["responses"]
    if answer.status == 404 and answer.code == "unknown_route":
        # The program may have seen another path than the one given here.
        _hold_response(responses["UnknownTask"], answer)
    elif operation is not None:
        response = operation["responses"].get(str(answer.status))
        _want(response is not None, f"status {answer.status} is not described")
        _hold_response(response, answer)
        if 200 <= answer.status < 300:
            _hold_request(item, operation, query, body)
    else:
        _want(item is not None, "the route is not described")
        _want(answer.status == 405, "405 is the answer to this method")
        _hold_response(responses["MethodNotAllowed"], answer)


def _want(holds, text):
    if not holds:
        raise AssertionError(f"against www/openapi.yaml: {text}")


def _hold_response(response, answer):
    _hold_headers(response.get("headers", {}), answer.headers)
    kind = _media_type(answer.headers)
    if "content" not in response:
        _want(answer.body == b"", "there is a body")
        return
    _want(kind in response["content"], f"{kind} is not described")
    schema = response["content"][kind].get("schema")
    if schema is None:
        return
    if kind.endswith("json") and not kind.endswith("ndjson"):
        _hold_value(schema, json.loads(answer.body), "the body")
    else:
        _hold_value(schema, answer.body.decode(), "the body")


def _media_type(headers):
    return headers.get("content-type", "").partition(";")[0].strip()


def _hold_headers(described, headers):
    known = set(SERVERS_OWN)
    for name, header in described.items():
        value = headers.get(name.lower())
        known.add(name.lower())
        if value is None:
            _want(not header.get("required"), f"there is no {name}")
        else:
            _hold_value(header["schema"], _typed(header["schema"], value), name)
    strange = headers.keys() - known
    _want(not strange, f"headers that are not described: {sorted(strange)}")


def _hold_request(item, operation, query, body):
    given = dict(parse_qsl(query, keep_blank_values=True))
    parameters = item.get("parameters", []) + operation.get("parameters", [])
    for parameter in parameters:
        name, schema = parameter["name"], parameter["schema"]
        if parameter["in"] == "query" and name in given:
            value = _typed(schema, given[name])
            _hold_value(schema, value, f"parameter {name}")
    described = operation.get("requestBody")
    if described is None or not body:
        needed = described is not None and described["required"]
        _want(not needed, "the request has no body")
        return
    try:
        value = json.loads(body)
    except ValueError:
        raw = [kind for kind in described["content"] if "json" not in kind]
        _want(raw, "the request's body is no JSON")
        return
    schema = described["content"]["application/json"]["schema"]
    _hold_value(_branch(schema, given), _given(value), "the request's body")


def _given(value):
    """Without what is null, which counts as not given."""
    if not isinstance(value, dict):
        return value
    return {k: _given(v) for k, v in value.items() if v is not None}


def _branch(schema, given):
    """Where the query decides which of several a body is: that one."""
    for branch in schema.get("anyOf", ()):
        if branch.get("x-if-query") in given:
            return branch
    if any("x-if-query" in branch for branch in schema.get("anyOf", ())):
        rest = [b for b in schema["anyOf"] if "x-if-query" not in b]
        return rest[0]
    return schema


def _typed(schema, text):
    """A header or parameter as the value that its text stands for."""
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text.split(",") if kind == "array" else text


_validators = {}


def _hold_value(schema, value, what):
    # The schemas live as long as the document, so that an id names one.
    validator = _validators.get(id(schema))
    if validator is None:
        from jsonschema import Draft202012Validator

        validator = _validators[id(schema)] = Draft202012Validator(schema)
    if validator.is_valid(value):
        return
    from jsonschema.exceptions import best_match

    error = best_match(validator.iter_errors(value))
    _want(False, f"{what}, {error.json_path}: {error.message}")
