# SPDX-License-Identifier: MIT
"""The rows of the benchmark: what is measured, what is measured beside it in
turns, what it may cost, and what both rest on. Nothing here measures; each
section has what takes a sample under the names that stand here."""

from dataclasses import dataclass

HELLO = "hello CGI"
LEAST = "least durable CGI"
FAST_HELLO = "hello FastCGI"
BARE = "bare durable write"
FASTAPI = ("FastAPI, 1 worker", "FastAPI, 2 workers")
MLR = "mlr --ijsonl --ocsv"
GREP = "grep -ci"
CAT = "cat"
ACCEPTED, TAKEN_IN = "accept, before", "ingest, before"
FEW = "the same with few"
BODY = "the body"
IN_A_ROW = "processes behind 40 results in a row"
SELF = None  # in a limit: a figure of its own, in the row's unit
MANY = (1, 4, 16)

FORK = "fork, exec, page faults"
FAST = "a server's turn"

# What those beside a row rest on.
RESTS = {
    HELLO: FORK,
    LEAST: f"{FORK}, two commits",
    FAST_HELLO: FAST,
    BARE: "one file, one commit",
    FASTAPI[0]: "Python, SQLite: a WAL and its fsync",
    FASTAPI[1]: "the same, and the lock of the database",
    MLR: "fork, exec, reading the file",
    GREP: "fork, exec, reading the file",
    CAT: "fork, exec, copying the file",
    ACCEPTED: "the same, before it was mended",
    TAKEN_IN: "the same, before it was mended",
    FEW: FORK,
    BODY: "its bytes",
}


@dataclass(frozen=True)
class Row:
    """A limit is a sum of (factor, name); of several limits one that is kept
    is enough, and of several names in one the least."""

    section: str
    what: str
    rests: str
    limits: tuple = ()
    own: str = ""  # whose samples, if not those of `what`
    also: tuple = ()  # beside it, though no limit speaks of it
    clients: tuple = (1,)
    rounds: int = 20
    tail: bool = False  # the 99th percentile has to keep the limit, too
    unit: str = "ms"
    thing: str = ""  # what there is few of beside, and
    full: int = 0  # how many of it here, at BENCH_SCALE=100
    few: int = 10  # likewise, where that is more than a hundred
    ask: str = ""  # the request

    def name(self):
        return self.own or self.what

    def beside(self):
        """The names of all that is measured in turns with it."""
        found = []
        for limit in self.limits:
            for _, name in limit:
                found += name if isinstance(name, tuple) else [name]
        named = [name for name in (*found, *self.also) if name is not SELF]
        return list(dict.fromkeys(named))


def cgi():
    yield Row("cgi", "empty poll", FORK, [[(1.15, HELLO)]], rounds=120)
    yield Row(
        "cgi",
        "durable create",
        f"{FORK}, one file, one commit",
        [[(1, HELLO), (1.2, BARE)]],
        also=(LEAST,),
        rounds=60,
    )
    yield Row(
        "cgi",
        "next + result",
        f"twice {FORK}, two commits",
        also=(HELLO, BARE),
        rounds=60,
    )


def fastcgi():
    def row(what, rests, *limits, **more):
        return Row("fastcgi", what, rests, limits, clients=MANY, **more)

    durable = f"{FAST}, one file, one commit"
    yield row("empty poll", FAST, [(1.5, FAST_HELLO)], rounds=60)
    beside = "empty poll beside FastAPI"
    yield row(beside, FAST, [(1 / 10, FASTAPI)], own="empty poll")
    yield row(
        "durable create",
        durable,
        [(1 / 3, FASTAPI)],
        [(1, FAST_HELLO), (1.2, BARE)],
    )
    yield row(
        "next + result",
        "two turns, two commits",
        [(1 / 3, FASTAPI)],
        [(2, FAST_HELLO), (2.4, BARE)],
    )


def waiting():
    for way, rests in (("CGI", FORK), ("FastCGI", FAST)):
        for act, commits in (
            ("created", ", one commit"),
            ("dropped into pending/47", ""),
            ("dropped into pending", ""),
        ):
            what = f"{act}, {way}"
            yield Row("waiting", what, rests + commits, [[(10, SELF)]])
    held, rests = "held by a poll that waits", "its pages"
    yield Row("waiting", held, rests, [[(1, SELF)]], own="Rss", unit="MiB")
    yield Row("waiting", "  its share of that", rests, own="Pss", unit="MiB")


FLAT = ((1.5, FEW),)
# Of what, how many, beside how many; what is asked then. Beside 10 a cost has
# to be flat; beside a tenth, bounded.
PLENTY = (
    ("drops", 200000, 20000, ("empty poll",)),
    (
        "pending",
        1000000,
        10,
        (
            "status",
            "health",
            "own health",
            "claim",
            "create with task_id",
            "unknown ID",
            "sync",
            "tasks?status=pending",
            "claim, a file dropped",
            "claim, no index",
            "sweep",
        ),
    ),
    ("scheduled", 5000, 10, ("claim",)),
    ("paced", 5000, 10, ("claim",)),
    ("executing", 100000, 10, ("empty poll", "result", "unknown ID", "sweep")),
    ("done", 100000, 10, ("tasks?status=completed", "sweep")),
    ("results", 50000, 5000, ("sync",)),
    ("photos", 300000, 10, ("sweep with photos",)),
    ("users", 20000, 2000, ("unknown ID, token *", "health", "sweep")),
    ("products", 100000, 100, ("one result taken in",)),
)
# Where it is not to be flat: what it may cost then, and how often it is tried.
SWEEP = {"limits": [[(45, SELF)]], "also": (FEW,), "unit": "s", "rounds": 2}
ELSE = {
    "sweep": SWEEP,
    "sweep with photos": SWEEP,
    "sync": {"rounds": 20},
    "one result taken in": {"limits": [[(10, FEW)]], "rounds": 20},
    "claim, a file dropped": {"limits": (), "also": (FEW,), "rounds": 5},
    "claim, no index": {"limits": (), "also": (FEW,), "rounds": 5},
}


COMMITTED = ("create with task_id", "result", "one result taken in")


def grown(section, thing, full, few, asks):
    for ask in asks:
        usual = {"limits": [FLAT], "tail": True, "rounds": 100}
        yield Row(
            section,
            f"{ask} ({thing})",
            FORK + ", a commit" * (ask in COMMITTED),
            ask=ask,
            thing=thing,
            full=full,
            few=few,
            **{**usual, **ELSE.get(ask, {})},
        )


def growth():
    for plenty in PLENTY:
        yield from grown("growth", *plenty)
    yield Row(
        "growth",
        IN_A_ROW,
        "who takes them in",
        [[(1, SELF)]],
        rounds=3,
        unit="",
    )


def neighbour():
    asks = ("empty poll", "create with task_id", "products")
    yield from grown("neighbour", "of another's", 1000000, 0, asks)


def catalogue():
    def row(thing, what, limit, rests, **more):
        limits = [limit] if limit else ()
        return Row("catalogue", what, rests, limits, thing=thing, **more)

    durable = f"{FORK}, reading the body, a commit"
    written = f"{FORK}, writing the catalogue"
    yield row("in", "accept", [(0.5, ACCEPTED)], durable)
    yield row("in", "accept, memory", [(4, BODY)], "its pages", unit="MB")
    yield row("in", "ingest", [(0.5, TAKEN_IN)], written)
    yield row("in", "ingest, memory", [(4, BODY)], "its pages", unit="MB")
    read = f"{FORK}, reading the catalogue"
    few = {"rounds": 5}
    yield row("out", "CSV", [(0.25, MLR)], read, **few)
    yield row("out", "search", [(5, GREP)], read, **few)
    yield row("out", "NDJSON", [(3, CAT)], read, **few)
    for what in ("first page", "middle page", "page of a search"):
        yield row("out", what, None, read)


def machine():
    for what, rests in (
        ("fork and exec, static", "the kernel, some 20 page faults"),
        ("fork and exec, dynamic", "the same, and ld.so"),
        (BARE, RESTS[BARE]),
    ):
        yield Row("machine", what, rests, rounds=10)
    yield Row("machine", "page fault", "the kernel", rounds=20, unit="µs")


ROWS = [*machine(), *cgi(), *fastcgi(), *waiting(), *catalogue(),
    *growth(), *neighbour()]


def rows_of(section):
    return [row for row in ROWS if row.section == section]


def number(factor):
    """As the issue writes them: 1.15, 1/3."""
    if factor < 1 and abs(1 / factor - round(1 / factor)) < 1e-9:
        return f"1/{round(1 / factor)}"
    return f"{factor:g}"


def term(factor, name, unit):
    if name is SELF:
        return shown(factor, unit)
    name = "FastAPI" if name == FASTAPI else name
    return name if factor == 1 else f"{number(factor)} × {name}"


def shown(value, unit):
    return f"{value:g} {unit}".rstrip()


def budget(row):
    """What the row may cost, in words."""
    sums = [
        " + ".join(term(factor, name, row.unit) for factor, name in limit)
        for limit in row.limits
    ]
    return ", or ".join(sums)
