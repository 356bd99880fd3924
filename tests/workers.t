#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The program api as a FastCGI responder: workers die, grow, wait, end."""

import json
import os
import signal
import time
import unittest

from support import Case, main
from support.campaign import say
from support.case import EMPTY, wait_until
from support.cgi import SANITIZERS, parse
from support.responder import (
    KEEP,
    STDIN,
    ByResponder,
    Lost,
    Responder,
    children,
    is_gone,
    opening,
    records,
    wait_for_end,
)

POLL = "/api/plugin/tasks?user_id=42"
CREATE = "/api/tasks/create"
STATS = {"user_id": 42, "action": "get_stats", "params": {"item_id": 7}}
HELD = 20  # seconds; what waits for it to the end fails
MIB = 1 << 20
# How many requests to look at the memory after: STOFLOW_MEMORY=1000000 for a
# night of them.
REQUESTS = int(os.environ.get("STOFLOW_MEMORY") or "10000")
SLACK = 256 if not SANITIZERS else 1 << 20  # KiB, which keep what was freed


class Responding(Case):
    """A responder of the test's own."""

    transport = ByResponder
    variables = {}
    wrapper = ()

    def setUp(self):
        super().setUp()
        self.responder = Responder(self.wrapper, **self.variables)
        self.addCleanup(self.responder.close)
        self.api.responder = self.responder

    def environment(self, method="GET", target=POLL, body=b"", **options):
        options.setdefault("token", self.backend)
        return self.api.environment(method, target, body, **options)

    def begin(self, target=CREATE, body=b"{}" * 1000, sent=0):
        """A request that has sent only so much of its body."""
        connection = self.responder.connect()
        self.addCleanup(connection.close)
        connection.send(opening(self.environment("POST", target, body)))
        connection.send(body[:sent])
        return connection

    def busy(self, count=1):
        """The workers that have a request, once they are so many."""

        def busy():
            return [pid for pid in self.members() if connections(pid) > 1]

        self.assertTrue(wait_until(lambda: len(busy()) == count))
        return busy()

    def members(self):
        """The processes that answer, once they are there."""
        count = int(self.variables.get("STOFLOW_WORKERS", "0"))
        if count == 0:
            return [self.responder.pid]
        workers = self.responder.workers
        self.assertTrue(wait_until(lambda: len(workers()) == count))
        return workers()


def connections(pid):
    """How many sockets a process has: that it listens on, and its request."""
    folder = f"/proc/{pid}/fd"
    targets = []
    for name in os.listdir(folder):
        try:
            targets.append(os.readlink(os.path.join(folder, name)))
        except OSError:
            continue  # closed meanwhile
    return sum(target.startswith("socket:") for target in targets)


class Alone(Responding):
    """One process, which a server starts as it is needed."""

    def test_one_process(self):
        """it answers all of them itself"""
        for _ in range(3):
            self.create()
        self.wait_for_quiet()
        self.assertEqual(self.poll()["action"], "get_stats")
        self.assertIsNone(self.responder.process.poll())

    def test_names(self):
        """any name in front of the route will do; alone it is a program's"""
        for script in ("api", "next-task", "stoflow.fcgi", ""):
            answer = self.ask_as(f"/cgi-bin/{script}", "/api/plugin/tasks")
            self.assertEqual(answer.json, EMPTY)
        answer = self.ask_as("/cgi-bin/next-task", "")
        self.assertEqual(answer.json, EMPTY)
        answer = self.ask_as("/cgi-bin/api", "")
        self.assert_problem(answer, 404, "unknown_route")

    def ask_as(self, script, path):
        env = {"SCRIPT_NAME": script, "PATH_INFO": path}
        return self.api.get(POLL, token=self.backend, env=env)

    def test_settings(self):
        """a changed stoflow.ini counts from the next request on"""
        for size, status in ((100, 413), (1000, 201), (100, 413)):
            self.root.configure(limits={"max_body": size})
            body = {**STATS, "note": "x" * 200}
            answer = self.api.post(CREATE, body, token=self.backend)
            self.assertEqual(answer.status, status, answer)

    def test_kept_connection(self):
        """a server that would keep its connection is let go all the same"""
        for _ in range(3):
            out, _, status = self.responder.ask(self.environment(), flags=KEEP)
            self.assertEqual(parse(out, b"", status).json, EMPTY)

    def test_nonsense(self):
        """what is no request harms none"""
        http = b"GET / HTTP/1.0\r\n\r\n"
        for junk in (b"", http, b"\1\1\0\1\0\10\0\0", b"\0" * 9999):
            connection = self.responder.connect()
            connection.send(junk)
            connection.close()
        self.assertEqual(self.poll(), EMPTY)

    def test_slow_server(self):
        """a server that takes its time to begin is waited for"""
        connection = self.responder.connect()
        self.addCleanup(connection.close)
        connection.socket.settimeout(2.5)  # libfcgi's own patience is 2
        with self.assertRaises(TimeoutError):
            connection.socket.recv(1)
        connection.send(opening(self.environment()) + records(STDIN, b""))
        out, _, status = connection.answer()
        self.assertEqual(parse(out, b"", status).json, EMPTY)

    def test_body_cut(self):
        """a body that ends early changes nothing"""
        body = b'{"user_id": 42, "action": "get_stats"}'
        env = self.environment("POST", CREATE, body)
        out, _, status = self.responder.ask(env, body[:-9])
        self.assert_problem(parse(out, b"", status), 400, "truncated_body")
        connection = self.begin(body=body)
        connection.close()
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(self.root.ls("pending"), [])

    def test_chunked(self):
        """a body of no length is read to its end, and refused"""
        env = self.environment("POST", CREATE, b"")
        env.pop("CONTENT_LENGTH")
        env["HTTP_TRANSFER_ENCODING"] = "chunked"
        out, _, status = self.responder.ask(env, b"{}" * 100000)
        self.assert_problem(parse(out, b"", status), 411, "length_required")

    def test_finishes(self):
        """told to end, it first finishes what it is at"""
        body = b'{"user_id": 42, "action": "get_stats", "task_id": "t1",'
        rest = b' "params": {"item_id": 7}}'
        connection = self.begin(body=body + rest)
        self.busy()
        self.responder.process.terminate()
        connection.send(records(STDIN, body + rest))
        out, _, status = connection.answer()
        self.assertEqual(parse(out, b"", status).status, 201)
        self.assertEqual(self.responder.wait(), (0, ""))
        self.responder = Responder()
        self.addCleanup(self.responder.close)
        self.api.responder = self.responder
        self.assertEqual(self.poll_id(), "t1")

    def test_ends(self):
        """with nothing to do it ends at once, by each of the signals"""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            responder = Responder()
            self.addCleanup(responder.close)
            self.api.responder = responder
            self.assertEqual(self.poll(), EMPTY)
            self.assertEqual(responder.end(number), (0, ""))
        self.api.responder = self.responder

    def test_no_zombies(self):
        """what works behind an answer is nobody's to wait for"""
        self.root.drop("a.json", STATS)
        self.poll()
        self.wait_for_quiet()
        self.assertEqual(children(self.responder.pid), [])


class Variables(Responding):
    def test_wrong(self):
        """what is no number is told, and nothing is guessed"""
        for name in ("STOFLOW_WORKERS", "STOFLOW_REQUESTS"):
            for value in ("four", "-1", "1001 ", "99999999999"):
                responder = Responder(**{name: value})
                self.addCleanup(responder.close)
                status, said = responder.wait()
                self.assertEqual(status, 100)
                self.assertIn(f"{name} is not a whole number", said)


class Crew(Responding):
    variables = {"STOFLOW_WORKERS": "2"}

    def test_killed(self):
        """a worker that is killed takes its own request along, and no other"""
        workers = self.members()
        doomed = self.begin()
        victim = self.busy()[0]
        kept = self.begin(body=b"{}")
        self.busy(2)
        others = [self.responder.connect() for _ in range(5)]
        for other in others:  # they wait in the socket
            other.send(opening(self.environment()) + records(STDIN, b""))
        os.kill(victim, signal.SIGKILL)
        with self.assertRaises(Lost):
            doomed.answer()
        for other in others:
            out, _, status = other.answer()
            self.assertEqual(parse(out, b"", status).json, EMPTY)
        kept.send(records(STDIN, b"{}"))
        out, _, status = kept.answer()
        self.assertEqual(parse(out, b"", status).status, 422)
        left = set(workers) & set(self.members())
        self.assertEqual(left, set(workers) - {victim})

    def test_all_killed(self):
        """when all are killed all come again"""
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.poll(), EMPTY)
        self.members()

    def test_parent_killed(self):
        """without the parent the workers end, so a server can begin anew"""
        self.assertEqual(self.poll(), EMPTY)
        workers = self.members()
        self.responder.end(signal.SIGKILL)
        self.assertTrue(wait_for_end(workers))

    def test_told_to_end(self):
        """the parent tells them to end, and waits for them"""
        self.assertEqual(self.poll(), EMPTY)
        workers = self.members()
        self.assertEqual(self.responder.end(), (0, ""))
        self.assertTrue(all(map(is_gone, workers)))


class Replaced(Responding):
    """Workers that end after a number of requests."""

    variables = {"STOFLOW_WORKERS": "1", "STOFLOW_REQUESTS": "5"}

    def test_replaced(self):
        """after so many requests a worker ends, and another one goes on"""
        seen = set()
        for _ in range(30):
            seen.update(self.members())
            self.assertEqual(self.poll(), EMPTY)
        self.assertGreaterEqual(len(seen), 5)

    def test_at_once(self):
        """meanwhile nobody is turned away"""
        waiting = [self.responder.connect() for _ in range(30)]
        for connection in waiting:
            connection.send(opening(self.environment()) + records(STDIN, b""))
        for connection in waiting:
            out, _, status = connection.answer()
            self.assertEqual(parse(out, b"", status).json, EMPTY)


class Computing(Responding):
    """A host that ends what has computed for so many seconds."""

    variables = {"STOFLOW_WORKERS": "1"}
    wrapper = ("prlimit", "--cpu=1:30")

    def test_replaced(self):
        """at the first limit a worker ends by itself, between two requests"""
        (first,) = self.members()
        while self.members() == [first]:
            for _ in range(100):
                self.assertEqual(self.poll(), EMPTY)


class ReplacedAlone(Responding):
    variables = {"STOFLOW_REQUESTS": "3"}

    def test_ends(self):
        """one that nobody replaces here ends as well, for its server to see"""
        for _ in range(3):
            self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(self.responder.wait(), (0, ""))


class Waiting(Responding):
    """Polls that are held, more of them than there are workers."""

    variables = {"STOFLOW_WORKERS": "2"}

    def hold(self, user):
        """A poll that has found nothing and is waiting."""
        stamp = self.root.place("index", f"{user}.seen")
        target = f"/api/plugin/tasks?user_id={user}&wait={HELD}"
        connection = self.responder.connect()
        self.addCleanup(connection.close)
        env = self.environment(target=target)
        connection.send(opening(env) + records(STDIN, b""))
        self.assertTrue(wait_until(lambda: os.path.exists(stamp)))
        return connection

    def assert_handed(self, connection, task_id):
        out, _, status = connection.answer()
        self.assertEqual(parse(out, b"", status).json["task_id"], task_id)

    def test_more_than_workers(self):
        """they keep nobody else waiting, and each gets its task"""
        started = time.monotonic()
        held = {user: self.hold(user) for user in range(42, 49)}
        self.assertEqual(self.poll(user=100), EMPTY)
        for user, connection in held.items():
            task_id = self.create(user=user)
            self.assert_handed(connection, task_id)
        self.assertLess(time.monotonic() - started, HELD - 5)

    def test_too_many(self):
        """past max_waiters one is answered at once, as ever"""
        self.root.configure(queue={"max_waiters": 1})
        held = self.hold(42)
        answer = self.api.get(
            f"/api/plugin/tasks?user_id=43&wait={HELD}", token=self.backend
        )
        self.assertEqual(answer.json, {**EMPTY, "next_poll_interval_ms": 5000})
        self.assert_handed(held, self.create())

    def test_no_socket(self):
        """what waits lives on when the responder ends, without its socket"""
        held = self.hold(42)
        self.assertEqual(self.responder.end(), (0, ""))
        with self.assertRaises(ConnectionRefusedError):
            self.responder.connect()
        other = Responder()
        self.addCleanup(other.close)
        self.api.responder = other
        self.assert_handed(held, self.create())

    def test_bridge(self):
        """so does a bridged request, while the plugin asks for its task"""
        self.poll(token=self.plugin)
        wait_until(lambda: self.root.exists("index", "42.seen"))
        body = b'{"user_id": 42, "action": "GET_USER_DATA"}'
        waiting = []
        for _ in range(3):
            connection = self.responder.connect()
            self.addCleanup(connection.close)
            env = self.environment("POST", "/api/plugin/execute", body)
            connection.send(opening(env) + records(STDIN, body))
            waiting.append(connection)
        for _ in waiting:
            task_id = None
            while task_id is None:
                task_id = self.poll_id()
            self.finish(task_id, {"success": True, "data": {"user_id": 7}})
        for connection in waiting:
            out, _, status = connection.answer()
            self.assertEqual(parse(out, b"", status).status, 200)


class Large(Responding):
    """Bodies as large as they may be, and memory that does not suffice."""

    variables = {"STOFLOW_WORKERS": "2"}

    def test_largest(self):
        """32 MiB are taken, a byte more is not, and others go on meanwhile"""
        text = json.dumps(STATS).encode()
        large = self.begin(body=text.ljust(32 * MIB), sent=0)
        self.assertEqual(self.poll(), EMPTY)
        large.send(records(STDIN, text.ljust(32 * MIB)))
        out, _, status = large.answer()
        self.assertEqual(parse(out, b"", status).status, 201)
        answer = self.api.post(
            CREATE, text.ljust(32 * MIB + 1), token=self.backend
        )
        self.assert_problem(answer, 413, "too_large")
        self.assertIsNotNone(self.poll_id())


@unittest.skipIf(SANITIZERS, "they take more space than there is")
class Short(Large):
    wrapper = ("prlimit", f"--as={16 * MIB}")

    def test_largest(self):
        """a body that finds no memory is refused, and no other harmed"""
        workers = self.members()
        for _ in range(3):
            answer = self.api.post(
                CREATE, json.dumps(STATS).ljust(20 * MIB), token=self.backend
            )
            self.assert_problem(answer, 413, "too_large_here")
            self.create()
            self.assertIsNotNone(self.poll_id())
        self.assertEqual(self.members(), workers)

    def test_params(self):
        """what finds none before it is a request is lost, and no other"""
        with self.assertRaises(Lost):
            self.responder.ask({**self.environment(), "X": "x" * 20 * MIB})
        self.assertEqual(self.poll(), EMPTY)
        self.members()


class Memory(Responding):
    """What a worker takes up after many requests of all kinds."""

    variables = {"STOFLOW_REQUESTS": "0"}

    def usage(self):
        """(KiB in memory, descriptors) while it does nothing."""
        pid = self.responder.pid
        self.assertTrue(wait_until(lambda: connections(pid) == 1))
        self.wait_for_quiet()
        with open(f"/proc/{pid}/statm") as file:
            pages = int(file.read().split()[1])
        size = pages * os.sysconf("SC_PAGESIZE") // 1024
        return size, len(os.listdir(f"/proc/{pid}/fd"))

    def requests(self):
        """Those that change nothing, as the responder is given them, each with
        the status of its answer."""
        foreign = "/api/plugin/tasks?user_id=43"
        for method, target, body, status, options in (
            ("GET", POLL, b"", 200, {}),
            ("GET", "/api/tasks?user_id=42", b"", 200, {}),
            ("GET", "/api/health", b"", 200, {}),
            ("GET", "/api/nowhere", b"", 404, {}),
            ("DELETE", POLL, b"", 405, {}),
            ("GET", POLL, b"", 401, {"token": "nobody's"}),
            ("GET", foreign, b"", 403, {"token": self.plugin}),
            ("GET", POLL + "&wait=no", b"", 422, {}),
            ("POST", CREATE, b"{", 400, {}),
            ("POST", CREATE, b"{}" * 9000, 400, {}),
        ):
            env = self.environment(method, target, body, **options)
            yield env, body, b"Status: %d " % status

    def ask_all(self, known):
        """One task's life, and many of the others; how many requests."""
        task_id = self.create()
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, {"success": True, "data": {"views": 1}})
        os.unlink(self.root.place("done", 42, f"{task_id}.completed.json"))
        for _ in range(10):
            for env, body, status in known:
                out, _, _ = self.responder.ask(env, body)
                self.assertEqual(out[: len(status)], status)
        return 3 + 10 * len(known)

    def test_flat(self):
        """it stays as it was, and so do its descriptors"""
        usages, done = [], 0
        known = list(self.requests())
        for mark in (REQUESTS // 1000, REQUESTS // 10, REQUESTS):
            while done < mark:
                done += self.ask_all(known)
            usages.append(self.usage())
            said = (done, *usages[-1])
            say("after %d requests %d KiB, %d descriptors" % said)
        _, (before, descriptors), (after, still) = usages
        self.assertEqual(still, descriptors)
        self.assertLessEqual(after, before + SLACK)


if __name__ == "__main__":
    main()
