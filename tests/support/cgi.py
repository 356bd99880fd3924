# SPDX-License-Identifier: MIT
"""Runs one program as a web server would: environment and standard input."""

import json
import os
import subprocess
from urllib.parse import unquote_to_bytes

from support.answer import Answer, check
from support.description import hold
from support.sources import REPOSITORY

BIN = os.environ.get("STOFLOW_BIN") or os.path.join(REPOSITORY, "cgi-bin")
SANITIZERS = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
TIMEOUT = 60  # far beyond any request here; a hang must end as a failure


def program(name):
    return os.path.join(BIN, name)


def program_of(path):
    """The program that serves a route, by the test's own reading."""
    path = path[len("/api") :] if path.startswith("/api/") else path
    parts = path.strip("/").split("/")
    if parts[0] == "plugin" and parts[-1] == "result":
        return "result"
    if parts[0] == "plugin" and parts[-1] == "progress":
        return "progress"
    if parts[-1] == "create":
        return "create-task"
    if parts[:2] == ["plugin", "tasks"]:
        return "next-task"
    if parts[0] == "plugin":
        return parts[-1]
    if parts[0] == "tasks" and len(parts) > 1:
        return "task"
    return parts[0]


def encode(body):
    """bytes and str as they are, anything else as JSON."""
    if body is None or isinstance(body, bytes):
        return body or b""
    return (body if isinstance(body, str) else json.dumps(body)).encode()


class Client:
    """What a test asks by; a subclass says how its requests travel."""

    def get(self, target, **options):
        return self.request("GET", target, **options)

    def post(self, target, body=None, **options):
        return self.request("POST", target, body, **options)


class Direct(Client):
    """Calls the programs themselves."""

    identity = {}  # as whom: what subprocess.run takes, if not as oneself

    def __init__(self, root, folder=BIN):
        self.root = root
        self.folder = folder

    def environment(self, method, target, body, token=None, headers=None):
        """What a server sets for this request (RFC 3875)."""
        path, _, query = target.partition("?")
        env = {
            **SANITIZERS,
            "STOFLOW_ROOT": self.root.path,
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "test",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "SCRIPT_NAME": "/cgi-bin/" + program_of(path),
            "REQUEST_METHOD": method,
            "REQUEST_URI": target,
            "PATH_INFO": unquote_to_bytes(path),
            "QUERY_STRING": query,
        }
        if body:
            env["CONTENT_LENGTH"] = str(len(body))
            env["CONTENT_TYPE"] = "application/json"
        elif method == "POST":
            env["CONTENT_LENGTH"] = "0"
        if token is not None:
            env["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        for name, value in (headers or {}).items():
            env["HTTP_" + name.upper().replace("-", "_")] = value
        return env

    def request(
        self,
        method,
        target,
        body=None,
        token=None,
        headers=None,
        env=None,
        program_name=None,
        wrapper=(),
    ):
        """The checked answer. `env` is laid over the environment last; a
        value of None removes the variable. `wrapper` is a command to run the
        program under, such as strace."""
        body = encode(body)
        full = self.environment(method, target, body, token, headers)
        full.update(env or {})
        full = {k: v for k, v in full.items() if v is not None}
        name = program_name or program_of(target.partition("?")[0])
        done = self.run(name, full, body, wrapper)
        answer = parse(done.stdout, done.stderr, done.returncode)
        hold(method, target, answer, body_sent(full, body))
        return answer

    def run(self, name, env, body, wrapper):
        """The process that a program was, which has ended."""
        return subprocess.run(
            [*wrapper, os.path.join(self.folder, name)],
            env=env,
            input=body,
            capture_output=True,
            timeout=TIMEOUT,
            cwd="/",
            **self.identity,
        )

    def close(self):
        """Nothing to end: there is no server."""


def body_sent(env, body):
    """As much of a body as the request announces."""
    length = env.get("CONTENT_LENGTH", "")
    return body[: int(length)] if length.isdigit() else body


def parse(out, err, status):
    """The checked answer in what a program wrote."""
    if err or status != 0:
        raise AssertionError(f"exit status {status}, stderr {err!r}")
    head, found, body = out.partition(b"\r\n\r\n")
    if not found:
        head, found, body = out.partition(b"\n\n")
    if not found:
        raise AssertionError(f"no end of the header: {out[:300]!r}")
    lines = head.decode("ascii").splitlines()
    first, _, code = lines[0].partition(": ")
    if first != "Status" or not code[:3].isdigit():
        raise AssertionError(f"first line is {lines[0]!r}")
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(": ")
        if not colon or name.lower() in headers:
            raise AssertionError(f"bad or repeated header {line!r}")
        headers[name.lower()] = value
    answer = Answer(int(code[:3]), headers, body)
    check(answer)
    return answer
