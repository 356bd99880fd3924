# SPDX-License-Identifier: MIT
"""A seller's whole list coming in, and a large catalogue going out."""

import os
import subprocess
from urllib.parse import quote

from bed import SELLER, Bed, run
from budgets import ACCEPTED, BODY, CAT, GREP, MLR, TAKEN_IN, rows_of
from driver import measure
from fill import ID, products
from listing import Listing
from spool import scaled

WORDS = "no such thing"
# Of what stands in a line, the most of what stands in our table.
COLUMNS = "id,title,price,brand,size,currency,status,url,photo,description"


def catalogue(bench):
    incoming(bench)
    outgoing(bench)


def of(thing):
    return [row for row in rows_of("catalogue") if row.thing == thing]


def incoming(bench):
    load = bench.load
    bench.report.section("catalogue: 1,595 products coming in")
    with Listing(load) as own, Listing(load, before()) as old:
        takers = {
            "accept": lambda _: [own.accept()[0]],
            ACCEPTED: lambda _: [old.accept()[0]],
            "accept, memory": lambda _: [own.accept()[1]],
            "ingest": lambda _: [own.ingest()[0]],
            TAKEN_IN: lambda _: [old.ingest()[0]],
            "ingest, memory": lambda _: [own.ingest()[1]],
            BODY: lambda _: [own.size],
        }
        measure(bench.report, of("in"), takers)


def before():
    """The folder of the programs that ours are measured beside."""
    script = os.path.join(os.path.dirname(__file__), "before")
    told = subprocess.run([script], stdout=subprocess.PIPE, check=True).stdout
    return told.decode().strip()


def outgoing(bench):
    count = scaled(100000)
    with Bed() as bed:
        products(bed, count)
        path = bed.root.place("products", f"{SELLER}.ndjson")
        size = os.path.getsize(path) / 1e6
        title = f"catalogue: {count:,} products, {size:.0f} MB, going out"
        bench.report.section(title)
        takers = {**beside(path), **asked(bed, path)}
        measure(bench.report, of("out"), takers)


def elapsed(*command, **options):
    return lambda _: [run(list(command), **options)[1]]


def beside(path):
    return {
        MLR: elapsed(*MLR.split(), "cut", "-o", "-f", COLUMNS, path),
        GREP: elapsed(*GREP.split(), WORDS, path, fine=(1,)),
        CAT: elapsed("cat", path),
    }


def asked(bed, path):
    def take(query):
        target = f"/api/products?user_id={SELLER}&{query}"
        return lambda _: [bed.get(target)[1]]

    return {
        "CSV": take("format=csv"),
        "search": take(f"limit=100&q={quote(WORDS)}"),
        "NDJSON": take("format=ndjson"),
        "first page": take("limit=100"),
        "middle page": take(f"limit=100&cursor={middle(path)}"),
        "page of a search": take(f"limit=100&q={quote('nº 1500')}"),
    }


def middle(path):
    """The identifier of the product in the middle."""
    with open(path, "rb") as file:
        lines = file.readlines()
    return ID.match(lines[len(lines) // 2])[1].decode()
