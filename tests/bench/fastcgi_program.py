# SPDX-License-Identifier: MIT
"""Processes that stay: the program api beside a responder that does least,
and beside the backend of the plugin's guide."""

import os

from budgets import BARE, FAST_HELLO, FASTAPI, rows_of
from cgi_programs import POLLER, TASK, WORKER, takers_of
from driver import Requests, measure
from rival import Application
from spool import ACTION, PARAMS, Bench
from support.cgi import BIN, encode
from support.fastcgi import WORKERS, FastServer

COUNT = 16  # requests at a time, by however many clients

HELLO = """\
fastcgi.server += ( "/hello" => ( (
    "bin-path" => "{program}",
    "socket" => "{socket}",
    "max-procs" => {workers},
    "check-local" => "disable"
) ) )
"""


class HelloServer(FastServer):
    """It starts as many that say hello as there are workers of ours."""

    def configuration(self):
        return super().configuration() + HELLO.format(
            program=os.path.join(BIN, "hello_fastcgi"),
            socket=os.path.join(self.folder, "socket.hello"),
            workers=WORKERS,
        )


def rival_takers(load, application):
    """The same requests to a rival, which is its own root and server."""
    requests = Requests(load, application, application)
    target = f"/api/tasks/create?user_id={WORKER}&action={ACTION}"
    create = requests.step("POST", target, PARAMS, application.backend)
    return takers_of(load, requests, create, COUNT)


def fastcgi(bench):
    """With one client and with many."""
    load, root = bench.load, Bench()
    requests = Requests(load, root, bench.server(HelloServer(root)))
    bare = load.write(root.make("bare"), encode(TASK))
    hello = requests.step("GET", f"/hello?user_id={POLLER}")
    own = takers_of(load, requests, requests.create(TASK), COUNT)
    takers = {
        FAST_HELLO: load.taker(hello, count=COUNT),
        BARE: load.taker(bare, count=COUNT),
    }
    rivals = {}
    for workers, name in enumerate(FASTAPI, 1):
        application = bench.server(Application(workers))
        rivals[name] = rival_takers(load, application)
    bench.report.section("fastcgi: processes that stay, under lighttpd")
    for row in rows_of("fastcgi"):
        same = {name: rival[row.name()] for name, rival in rivals.items()}
        measure(bench.report, [row], {**own, **takers, **same})
