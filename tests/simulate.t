#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Schedules of the simulator (tests/simulate/): all programs at the same time,
in a kernel in memory. They are the same in each run, as many as there is time
for, unless STOFLOW_SEED draws others: fresh ones are for `make simulate`."""

import os
import re
import subprocess
import unittest
import zlib

from support import main
from support.campaign import SECONDS, UNLIMITED, say

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(HOME, "build", "debug")
SIMULATE = os.path.join(BUILD, "simulate")
SEED = os.environ.get("STOFLOW_SEED") or "911"
WITHOUT_LIMIT = 100_000  # schedules, where no time is set
LEAST = 5  # seconds
# Between a server and a program: sockets, signals and children, no files.
CARRIERS = ("fastcgi.o", "crew.o")
PROGRAMS = (
    "create poll held result progress cancel retry task tasks sweeper sync"
    " products health status photos execute pause"
).split()


def number(text):
    """What a seed may be there."""
    return text if text.isdigit() else str(zlib.crc32(text.encode()))


def simulate(**given):
    words = [f"{name}={value}" for name, value in given.items()]
    return subprocess.run(
        [SIMULATE, *words], capture_output=True, text=True, check=False
    )


def wrapped():
    """What calls.list gives to the linker, and what it knows to be pure."""
    path = os.path.join(HOME, "tests", "simulate", "calls.list")
    with open(path, encoding="ascii") as file:
        lines = [line.strip() for line in file]
    return {line.lstrip("! ") for line in lines if line and line[0] != "#"}


def symbols(file, option, but=()):
    """Global names that a program or an archive needs, or has: all of its parts
    but these."""
    out = subprocess.run(
        ["nm", "-P", "-A", "-g", option, os.path.join(BUILD, file)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.rpartition(": ") for line in out.splitlines()]
    return {
        name.split()[0]
        for part, _, name in lines
        if not part.endswith(tuple(f"[{one}]" for one in but))
    }


class SimulateTest(unittest.TestCase):
    """The simulator as it is run for a while."""

    def test_schedules(self):
        """no schedule fails in which nothing goes wrong but its order"""
        limit = {"SECONDS": max(LEAST, int(SECONDS / 6))}
        if UNLIMITED:
            limit = {"SCHEDULES": WITHOUT_LIMIT}
        done = simulate(SEED=number(SEED), FAULTS="no", **limit)
        for line in done.stdout.splitlines():
            say(line)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_faults(self):
        """everything that can go wrong does"""
        done = simulate(SEED=number(SEED), SCHEDULES=200, KEEP=200)
        struck = re.search(r"^\d+ kills, .*", done.stdout, re.M)
        self.assertNotIn(" 0 ", f", {struck.group()}".replace(",", " "))

    def test_replay(self):
        """a schedule that is replayed goes the same way to the call"""
        seed = number(SEED)
        traces = {simulate(SEED=f"{seed}.7").stdout for _ in range(2)}
        self.assertEqual(len(traces), 1)
        self.assertIn("the file system is as ", traces.pop())

    def test_programs(self):
        """each program can be run with others of its kind alone"""
        for program in PROGRAMS:
            done = simulate(
                SEED=number(SEED), SCHEDULES=3, PROGRAMS=program, FAULTS="no"
            )
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_make(self):
        """make hands on what it was given, and nothing of its own"""
        for given in ([], ["PROGRAMS=create,poll", "SECONDS=3"]):
            asked = subprocess.run(
                ["make", "-n", "-C", HOME, "simulate", *given],
                capture_output=True,
                text=True,
                check=True,
                env={"PATH": os.environ["PATH"]},
            ).stdout
            line = re.search(r"^build/debug/simulate .*", asked, re.M)[0]
            words = re.findall(r"\b[A-Z]+='[^']+'", line)
            said = [word.replace("'", "") for word in words]
            self.assertEqual(sorted(said), given)

    def test_calls(self):
        """the library needs nothing of a system but what is simulated"""
        needed = symbols("libstoflow.a", "--undefined-only", but=CARRIERS)
        held = symbols("libstoflow.a", "--defined-only")
        self.assertEqual(needed - held - wrapped(), set())

    def test_carriers(self):
        """what carries requests is no part of a simulated program"""
        everything = symbols("libstoflow.a", "--defined-only")
        rest = symbols("libstoflow.a", "--defined-only", but=CARRIERS)
        self.assertNotEqual(everything, rest)
        linked = symbols("simulate", "--defined-only")
        self.assertEqual(linked & (everything - rest), set())

    def test_names(self):
        """nothing of the simulator's takes the place of the library's"""
        held = symbols("libstoflow.a", "--defined-only")
        ours = symbols("libsimulate.a", "--defined-only")
        self.assertEqual(held & ours, set())


if __name__ == "__main__":
    main()
