# SPDX-License-Identifier: MIT
"""What one request costs with 10 of a thing and with many of it, and beside
another seller who has piled up everything."""

import sys
from itertools import groupby

from ask import ASK
from bed import Bed
from budgets import rows_of
from crowd import crowd
from driver import compare
from fill import FILL
from spool import scaled, settle

KINDS = ("processor", "elapsed")


def flat(report, row, few, many):
    """The same request to both, in turns, after one that is not counted: who
    comes first reads the folder."""
    ask = ASK[row.ask]
    beds = {row.name(): many, row.beside()[0]: few}
    takers = {}
    for name, bed in beds.items():
        ask(bed)
        takers[name] = lambda _, bed=bed: [ask(bed)]
    samples = compare(row, takers)
    for place, kind in enumerate(KINDS):
        part = {name: [one[place] for one in s] for name, s in samples.items()}
        report.row(row, part, f", {kind}")


def tried(report, row, few, many):
    """A request that fails keeps no other row from being measured."""
    try:
        flat(report, row, few, many)
    except AssertionError as error:
        print(f"bench: {row.what}: {error}", file=sys.stderr)


def grown(bench, section, title):
    """All rows of a section, for each thing with the same two roots."""
    bench.report.section(title)
    asked = (row for row in rows_of(section) if row.ask)
    for thing, rows in groupby(asked, lambda row: row.thing):
        rows = list(rows)
        few_of_it = rows[0].few if rows[0].few <= 100 else scaled(rows[0].few)
        count = scaled(rows[0].full)
        print(f"{count:,} {thing}, beside {few_of_it:,}:")
        with Bed() as few, Bed() as many:
            if few_of_it:
                FILL[thing](few, few_of_it)
            FILL[thing](many, count)
            settle(many.root.path)
            for row in rows:
                tried(bench.report, row, few, many)


def growth(bench):
    grown(bench, "growth", "growth: a process for each request, by itself")
    crowd(bench)


def neighbour(bench):
    title = "neighbour: one seller's requests beside another's heap"
    grown(bench, "neighbour", title)
