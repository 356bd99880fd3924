# SPDX-License-Identifier: MIT
"""Pages of a large catalogue."""

import http.client
import json
import os
import re
import time
from urllib.parse import quote

from driver import TIMEOUT, Series, rounds
from spool import scaled
from support.cgi import program
from table import row, section

OWNER = 48
ID_STEP = 100000  # more than the identifiers of one seller's list span
ID = re.compile(rb'^\{"id":(\d+)')


def paging(load, requests, seller):
    """Pages of a catalogue of many times the seller's, which is there."""
    if not os.access(program("products"), os.X_OK):
        print("\nNo program products: paging is not measured.")
        return
    count = grow_catalogue(requests.root, seller, scaled(100000))
    targets = {
        "first page": page(),
        "a page in the middle": page(cursor=middle(requests, count)),
        "a page that q finds": page(q="nº 1500"),
        "a search for what is not there": page(q="no such thing"),
    }
    token = requests.root.plugin(OWNER)
    steps = {
        name: requests.step("GET", target, token=token)
        for name, target in targets.items()
    }
    series = Series(load)
    for _ in rounds(10):
        for name, step in steps.items():
            series.add([name], [step], 5)
    section(f"100 of {count:,} products, through lighttpd")
    for name in steps:
        row(name, series[name])
    for kind in ("csv", "ndjson"):
        export(requests, kind)


def export(requests, kind):
    """The whole catalogue at once."""
    taken = []
    for _ in rounds(5):
        begin = time.monotonic()
        size = len(fetch(requests, f"{page(None)}&format={kind}"))
        taken.append(time.monotonic() - begin)
    row(f"all of them as {kind}", taken, note=f"{size / 1e6:.0f} MB")


def page(limit=100, **query):
    target = f"/api/products?user_id={OWNER}"
    if limit is not None:
        query["limit"] = limit
    pairs = [f"&{name}={quote(str(value))}" for name, value in query.items()]
    return target + "".join(pairs)


def grow_catalogue(root, seller, count):
    """Repeats the lines that the programs wrote, under other identifiers."""
    lines = root.read("products", f"{seller}.ndjson").splitlines(True)
    written = 0
    with open(root.place("products", f"{OWNER}.ndjson"), "wb") as file:
        while written < count:
            copy = written // len(lines)
            for line in lines[: count - written]:
                old = ID.match(line).group(1)
                new = b"%d" % (int(old) + copy * ID_STEP)
                file.write(line.replace(old, new))
                written += 1
    return count


def middle(requests, count):
    """The cursor of the page in the middle, walking there."""
    cursor, seen = None, 0
    while seen < count // 2:
        query = {"cursor": cursor} if cursor else {}
        answer = json.loads(fetch(requests, page(1000, **query)))
        seen += len(answer["products"])
        cursor = answer["next_cursor"]
    return cursor


def fetch(requests, target):
    token = requests.root.plugin(OWNER)
    client = http.client.HTTPConnection(
        "127.0.0.1", requests.server.port, timeout=TIMEOUT
    )
    client.request("GET", target, headers={"Authorization": f"Bearer {token}"})
    answer = client.getresponse()
    body = answer.read()
    client.close()
    if answer.status != 200:
        raise AssertionError(f"{target}: {answer.status} {body[:300]!r}")
    return body
