# SPDX-License-Identifier: MIT
"""One process for each request: the programs beside those that do least."""

from budgets import BARE, HELLO, LEAST, rows_of
from driver import Requests, measure
from spool import ACTION, PARAMS, RESULT, Bench
from support.cgi import encode
from support.web import Server

POLLER, WORKER = 41, 44
TASK = {"user_id": WORKER, "action": ACTION, "params": PARAMS}


def takers_of(load, requests, create, count):
    """The requests of a root, so many of each at a time; it has its own way to
    create a task."""
    work = requests.poll(WORKER), requests.result(WORKER, RESULT)
    # So that nobody finds the queue empty because another was faster.
    load.run([create], 40)
    return {
        "empty poll": load.taker(requests.poll(POLLER), count=count),
        "durable create": load.taker(create, count=count),
        "next + result": load.taker(*work, count=count, before=[create]),
    }


def cgi(bench):
    """Through lighttpd."""
    load, root = bench.load, Bench()
    requests = Requests(load, root, bench.server(Server(root)))
    bare = load.write(root.make("bare"), encode(TASK))
    hello = requests.step("GET", f"/cgi-bin/hello?user_id={POLLER}")
    takers = {
        **takers_of(load, requests, requests.create(TASK), 10),
        HELLO: load.taker(hello, count=10),
        LEAST: load.taker(requests.step("GET", "/cgi-bin/least"), count=10),
        BARE: load.taker(bare, count=10),
    }
    bench.report.section("cgi: a process for each request, under lighttpd")
    measure(bench.report, rows_of("cgi"), takers)
