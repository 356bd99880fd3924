# SPDX-License-Identifier: MIT
"""An answer, and the contract that every answer keeps."""

import json
import re

CODE = re.compile(r"[a-z][a-z0-9_]*")
JSON_TYPES = ("application/json", "application/problem+json")
WITHOUT_BODY = (204, 304)
# What a client may ask for in the place of JSON; errors are JSON all the same.
TABLES = ("text/csv; charset=utf-8", "application/x-ndjson")
# What may be served besides JSON, and what a cache may do with it.
IMAGE = re.compile(r"image/(jpeg|png|webp)")
KEPT = "public, max-age=31536000, immutable"


class Answer:
    """status, headers (lower-case names), body, and its JSON."""

    def __init__(self, status, headers, body, is_ours=True):
        """is_ours: False for what a server says by itself, in HTML."""
        self.status = status
        self.headers = headers
        self.body = body
        self.is_table = headers.get("content-type") in TABLES
        holds_json = status not in WITHOUT_BODY and not self.is_table
        holds_json = holds_json and is_ours and not self.is_image
        self.json = json.loads(body.decode("utf-8")) if holds_json else None

    @property
    def is_image(self):
        kind = self.headers.get("content-type", "")
        return self.status == 200 and IMAGE.fullmatch(kind) is not None

    @property
    def code(self):
        return self.json.get("code")

    @property
    def detail(self):
        return self.json.get("detail")

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


def check(answer):
    """Raises AssertionError if the answer breaks the contract."""
    headers, status = answer.headers, answer.status
    _want(answer, 200 <= status < 600, "a status from 200 to 599")
    is_kept = answer.is_image or (status == 304 and "etag" in headers)
    _want_header(answer, "cache-control", KEPT if is_kept else "no-store")
    _want_header(answer, "x-content-type-options", "nosniff")
    if status in WITHOUT_BODY:
        _want(answer, answer.body == b"", "no body")
        _want_header(answer, "content-type", None)
        return
    _want_header(answer, "content-length", str(len(answer.body)))
    if answer.is_table:
        _check_table(answer)
    if answer.is_table or answer.is_image:
        return
    kind = headers.get("content-type", "").split(";")[0].strip()
    _want(answer, kind in JSON_TYPES, "JSON, or a problem in JSON")
    _want(answer, isinstance(answer.json, dict), "a JSON object")
    is_problem = kind == "application/problem+json"
    _want(answer, is_problem or status < 400 or status == 503, "a problem")
    if is_problem:
        _check_problem(answer)


def _check_table(answer):
    _want(answer, answer.status == 200, "a table in a success alone")
    name = answer.headers.get("content-disposition", "")
    _want(answer, name.startswith('attachment; filename="'), "a file name")
    answer.body.decode("utf-8")
    _want(answer, answer.body[-1:] in (b"", b"\n"), "whole lines")


def _check_problem(answer):
    status, problem = answer.status, answer.json
    _want(answer, status >= 400, "no problem in a success")
    _want(answer, problem.get("status") == status, "its status in the body")
    for member in ("title", "detail"):
        text = problem.get(member)
        _want(answer, isinstance(text, str) and text, f"a {member}")
    _want(answer, CODE.fullmatch(str(problem.get("code"))), "a stable code")
    if status == 401:
        challenge = answer.headers.get("www-authenticate", "")
        _want(answer, challenge.startswith("Bearer"), "a challenge")
    if status == 405:
        _want(answer, answer.headers.get("allow"), "an Allow header")
    if status in (503, 507):
        retry = answer.headers.get("retry-after", "")
        _want(answer, retry.isdigit(), "a Retry-After header")


def _want_header(answer, name, value):
    have = answer.headers.get(name)
    _want(answer, have == value, f"{name}: {value}, have {have!r}")


def _want(answer, holds, text):
    if not holds:
        raise AssertionError(f"want {text}: {answer!r} {answer.headers}")
