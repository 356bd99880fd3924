# SPDX-License-Identifier: MIT
"""What the machine is: what the other sections rest on, by itself."""

import os

from budgets import rows_of
from driver import measure, tell

TEXT = b'{"action":"get_stats","params":{"item_id":1}}\n'


def heading(file_system):
    """Printed before all, for a reader to place the figures."""
    kernel = os.uname()
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    system = f"{kernel.sysname} {kernel.release}"
    print(f"Machine: {os.cpu_count()} cores, {system}")
    print(f"Load before: {load}; with more than 0.5 a core, measure again")
    print(f"File system: {file_system}")


def machine(bench):
    """The cost of a process, of a page that it touches, and of a commit."""
    load = bench.load
    bare = os.path.join(bench.disk, "bare")
    os.mkdir(bare)

    def fault(_):
        return [int(tell(bench.place("faults"))) / 1e9]

    static, dynamic = map(bench.place, ("hello", "dynamic"))
    takers = {
        "fork and exec, static": load.taker(load.exec(static)),
        "fork and exec, dynamic": load.taker(load.exec(dynamic)),
        "page fault": fault,
        "bare durable write": load.taker(load.write(bare, TEXT)),
    }
    bench.report.section("machine: what all the rest is made of")
    measure(bench.report, rows_of("machine"), takers)
