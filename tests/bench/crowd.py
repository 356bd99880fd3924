# SPDX-License-Identifier: MIT
"""How many processes are at work behind the answers to results in a row."""

from bed import SELLER, Bed
from budgets import IN_A_ROW, rows_of
from driver import measure
from fill import execute, products
from spool import scaled
from support.case import wait_until
from support.cgi import encode
from support.workers import holders, is_quiet

STATS = {"item_id": 7750000000, "view_count": 3}  # of a product that is there
TASK = encode({"action": "get_stats", "params": {"item_id": 7750000000}})
RESULT = {"success": True, "data": STATS, "execution_time_ms": 1}


def crowd(bench):
    with Bed(background="yes") as bed:
        products(bed, scaled(100000))
        takers = {IN_A_ROW: lambda _: [most_at_work(bed)]}
        rows = [row for row in rows_of("growth") if row.what == IN_A_ROW]
        measure(bench.report, rows, takers)


def most_at_work(bed):
    """The most that were seen at once."""
    wait_until(lambda: is_quiet(bed.root))
    seen = []
    for _ in range(40):
        task = execute(bed, 1, SELLER, "get_stats", TASK)
        bed.post(f"/api/plugin/tasks/{task}/result", RESULT)
        seen.append(len(holders(bed.root)))
    wait_until(lambda: is_quiet(bed.root))
    return max(seen)
