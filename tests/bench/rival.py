# SPDX-License-Identifier: MIT
"""Durable creates and results beside those of FastAPI with SQLAlchemy."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile

from driver import Requests, Series, rounds
from spool import ACTION, PARAMS, RESULT
from support.cgi import TIMEOUT
from table import row, section

APPLICATION = os.path.join(os.path.dirname(__file__), "fastapi_app.py")
WORKER = 46
CLIENTS = {1: 24, 4: 16, 16: 6}  # and how often each does all its steps
BUDGET = 0.25


class Application:
    """The FastAPI application in so many processes; close() ends them. To
    Requests it is a root and a server at once."""

    path = None

    def __init__(self, workers):
        self.name = f"FastAPI, {workers} worker" + "s" * (workers > 1)
        self.backend = secrets.token_hex(24)
        self.folder = tempfile.mkdtemp(prefix="fastapi-")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        # One after the other: the first makes the tables.
        self.processes = [self._start() for _ in range(workers)]

    def _start(self):
        descriptor = self.listener.fileno()
        database = os.path.join(self.folder, "tasks.sqlite")
        process = subprocess.Popen(
            [sys.executable, APPLICATION, str(descriptor)],
            env={
                **os.environ,
                "BENCH_DATABASE": database,
                "BENCH_TOKENS": self.backend,
            },
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        if process.stdout.readline() != b"ready\n":
            raise AssertionError("the FastAPI application does not start")
        return process

    def plugin(self, _):
        return self.backend

    def close(self):
        for one in self.processes:
            one.send_signal(signal.SIGTERM)
        for one in self.processes:
            one.wait(TIMEOUT)
            one.stdout.close()
        self.listener.close()


class Candidate:
    """One of the backends that are compared."""

    def __init__(self, name, load, requests):
        target = f"/api/tasks/create?user_id={WORKER}&action={ACTION}"
        token = requests.root.backend
        self.name = name
        self.series = Series(load)
        self.create = requests.step("POST", target, PARAMS, token)
        self.work = [requests.poll(WORKER), requests.result(WORKER, RESULT)]
        # So that nobody finds the queue empty because another was faster.
        self.series.add([None], [self.create], 20)

    def measure(self, clients, count):
        """So many creates, and then as many tasks that are carried out."""
        steps = [self.create]
        self.series.add([("create", clients)], steps, count, clients)
        names = [("next", clients), ("result", clients)]
        self.series.add(names, self.work, count, clients)

    def samples(self, kind, clients):
        if kind == "create":
            return self.series[kind, clients]
        parts = [self.series[part, clients] for part in ("next", "result")]
        return [sum(both) for both in zip(*parts)]


class Floor:
    """What no program under the same server can do without."""

    def __init__(self, load, requests):
        self.series = Series(load)
        self.steps = {
            "hello-world CGI": requests.hello(),
            "least durable CGI": requests.least(),
        }

    def measure(self, clients, count):
        for name, step in self.steps.items():
            self.series.add([(name, clients)], [step], count, clients)


def against_fastapi(load, requests):
    """The durable requests of both, with few clients and with many."""
    applications = [Application(workers) for workers in (1, 2)]
    try:
        rivals = [
            Candidate(one.name, load, Requests(load, one, one))
            for one in applications
        ]
        own = Candidate("StoFlow", load, requests)
        floor = Floor(load, requests)
        for _ in rounds(10):
            for clients, count in CLIENTS.items():
                for candidate in (own, floor, *rivals):
                    candidate.measure(clients, count)
    finally:
        for one in applications:
            one.close()
    for kind in ("create", "next + result"):
        section(f"Durable {kind}, beside FastAPI, SQLAlchemy and SQLite")
        for clients in CLIENTS:
            best = print_comparison(own, rivals, kind, clients)
            if kind == "create":
                print_floor(floor, best, clients)


def print_comparison(own, rivals, kind, clients):
    """Ours is compared with the better of the rivals, which is returned."""
    best = None
    for one in (*rivals, own):
        samples = one.samples(kind, clients)
        what = f"{one.name}, {clients} client" + "s" * (clients > 1)
        if one is own:
            budget = BUDGET if clients == 4 else None
            row(what, samples, best, ratio=budget, note=rate(samples, clients))
            continue
        figure = row(what, samples, note=rate(samples, clients))
        if best is None or figure.median < best.median:
            best = figure
    return best


def print_floor(floor, best, clients):
    """How far a create could go down at all."""
    for name in floor.steps:
        what = f"  {name}, {clients} client" + "s" * (clients > 1)
        row(what, floor.series[name, clients], best)


def rate(samples, clients):
    """How many a second, each client beginning the next one at once."""
    return f"{clients * len(samples) / sum(samples):,.0f}/s"
