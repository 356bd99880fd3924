#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""measure.py FOLDER: what tests/bench/run measures; FOLDER is taken away."""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import disk
from budgets import rows_of
from catalogue import catalogue
from cgi_programs import cgi
from driver import Load
from fastcgi_program import fastcgi
from growth import growth, neighbour
from machine import heading, machine
from table import Report
from waiting import waiting

SECTIONS = {
    section.__name__: section
    for section in (
        machine,
        cgi,
        fastcgi,
        waiting,
        catalogue,
        growth,
        neighbour,
    )
}
WRONG = 100  # exit status of a wrong usage
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Setting:
    """What every section has: where it measures, and what it tells to."""

    def __init__(self, folder, place):
        self.folder = folder
        self.disk = place  # a folder on it
        self.load = Load(folder)
        self.report = Report()
        self.closing = contextlib.ExitStack()

    def place(self, name):
        """One of the programs that were compiled for this."""
        return os.path.join(self.folder, "programs", name)

    def server(self, server):
        """A server that ends with its section."""
        self.closing.callback(server.close)
        return server


def wanted(words):
    """The sections of these names, in their order; without names all. What the
    machine is comes first in any case."""
    unknown = [word for word in words if word not in SECTIONS]
    if unknown:
        print(
            f"bench: no section {unknown[0]}; there are:",
            *SECTIONS,
            file=sys.stderr,
        )
        sys.exit(WRONG)
    named = {"machine", *(words or SECTIONS)}
    return [name for name in SECTIONS if name in named]


def run_section(name, setting):
    """Measures one; what cannot be measured keeps no other from it. Returns
    whether all of it was."""
    begin = time.monotonic()
    try:
        with setting.closing:
            SECTIONS[name](setting)
    except (OSError, AssertionError, subprocess.SubprocessError) as error:
        print(f"bench: {name}: {error}", file=sys.stderr)
    took = time.monotonic() - begin
    print(f"({name}: {took:.0f} s)", file=sys.stderr)
    missing = setting.report.missing(rows_of(name))
    for row in missing:
        setting.report.unmeasured(row)
    return not missing


def measure_all(names, setting, file_system):
    begin = time.monotonic()
    heading(file_system)
    # A list: the next are measured whatever became of one.
    complete = all([run_section(name, setting) for name in names])
    setting.report.summary()
    print(f"Measured in {time.monotonic() - begin:.0f} s.")
    return 0 if complete else 1


def leave(number, _):
    """A signal that ends us lets everything be taken away first."""
    ignore_signals()
    sys.exit(128 + number)


def ignore_signals():
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def clear(folder):
    """Twice, for what a program may yet write behind its answer."""
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)


def main(folder):
    # Done last: what is mounted there by then is no more.
    atexit.register(clear, folder)
    for number in ENDING:
        signal.signal(number, leave)
    sys.stdout.reconfigure(line_buffering=True)
    try:
        names = wanted(os.environ.get("BENCH", "").split())
        place, file_system = disk.place(folder)
        tempfile.tempdir = place
        return measure_all(names, Setting(folder, place), file_system)
    finally:
        ignore_signals()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
