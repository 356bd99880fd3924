#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The benchmark: what it judges, and that nothing that goes on meanwhile ends
it. What things cost is no matter here."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

from support import Case, main
from support import waiting as polls
from support.case import wait_until
from support.documents import rows, section
from support.sources import REPOSITORY, read

BENCH = os.path.join(REPOSITORY, "tests", "bench")
sys.path.insert(0, BENCH)

import driver
import growth
import measure
import waiting
from ask import ASK
from budgets import FEW, ROWS, SELF, Row, budget
from fill import FILL
from table import HELD, NOT_HELD, UNMEASURED, Figure, Report, judge

SERVER = types.SimpleNamespace(process=types.SimpleNamespace(pid=os.getpid()))
TITLE = "What requests cost"
HEAPS = ("growth", "neighbour")  # which have one budget for many rows


class Judgement(unittest.TestCase):
    """A row against its budget."""

    def verdict(self, limits, own, tail=False, **beside):
        row = Row("cgi", "own", "", limits, tail=tail)
        taken = {name: Figure(samples) for name, samples in beside.items()}
        return judge(row, {"own": Figure(own), **taken})[0]

    def test_sum(self):
        """a budget is the sum of its terms, and what just keeps it holds it"""
        limits = [[(1, "hello"), (1.5, "bare")]]
        beside = {"hello": [1], "bare": [2]}
        self.assertEqual(self.verdict(limits, [4], **beside), HELD)
        self.assertEqual(self.verdict(limits, [4.1], **beside), NOT_HELD)

    def test_either(self):
        """of two budgets with an "or" one is enough"""
        limits = [[(0.5, "rival")], [(1, "floor")]]
        self.assertEqual(self.verdict(limits, [3], rival=[2], floor=[3]), HELD)
        self.assertEqual(self.verdict(limits, [3], rival=[6], floor=[1]), HELD)
        verdict = self.verdict(limits, [3.1], rival=[6], floor=[3])
        self.assertEqual(verdict, NOT_HELD)

    def test_better_rival(self):
        """of two rivals the better one counts"""
        limits = [[(0.5, ("one", "two"))]]
        self.assertEqual(self.verdict(limits, [2], one=[9], two=[4]), HELD)
        verdict = self.verdict(limits, [2.1], one=[9], two=[4])
        self.assertEqual(verdict, NOT_HELD)

    def test_tail(self):
        """where a cost has to be flat, so has its 99th percentile"""
        own, few = [1, 1, 1, 9], [1, 1, 1, 1]
        limits = [[(1.5, "few")]]
        self.assertEqual(self.verdict(limits, own, few=few), HELD)
        verdict = self.verdict(limits, own, tail=True, few=few)
        self.assertEqual(verdict, NOT_HELD)

    def test_absolute(self):
        """a figure of its own is in the unit of the row"""
        self.assertEqual(self.verdict([[(10, SELF)]], [0.01]), HELD)
        self.assertEqual(self.verdict([[(10, SELF)]], [0.011]), NOT_HELD)

    def test_printed(self):
        """a row tells what it was measured beside, and its verdict; the last
        lines count"""
        row = Row("cgi", "poll", "a fork", [[(1.15, "hello CGI")]])
        report = Report()
        with contextlib.redirect_stdout(io.StringIO()) as said:
            report.row(row, {"poll": [0.003], "hello CGI": [0.002]})
            report.unmeasured(Row("cgi", "create", ""))
            report.summary()
        said = said.getvalue()
        self.assertRegex(said, r"poll +3\.00 ms +3\.00 ms +a fork\n")
        self.assertRegex(said, r"hello CGI +2\.00 ms +2\.00 ms +1\.50 +fork")
        self.assertIn("1.15 × hello CGI: 2.30 ms: NOT held (130%)", said)
        self.assertIn("0 held, 1 NOT held, 1 not measured", said)
        self.assertIn("NOT held: cgi: poll\n", said)
        self.assertIn("not measured: cgi: create\n", said)


class Table(unittest.TestCase):
    """The rows, stated once."""

    def test_budgets(self):
        """each budget that is told has a row that measures it, and the other
        way round"""
        told = [
            tuple(cells)
            for cells in rows(section(read("doc", "testing.md"), TITLE))
            if len(cells) == 3 and cells[0].startswith("`")
        ]
        single = {t for t in told if not any(h in t[0] for h in HEAPS)}
        known = {
            (f"`{row.section}`", row.what.strip(), budget(row))
            for row in ROWS
            if row.limits and row.section not in HEAPS
        }
        self.assertEqual(single, known)
        heaps = {cells[2] for cells in told if cells not in single}
        grown = {budget(row) for row in ROWS if row.section in HEAPS}
        self.assertEqual(heaps, grown - {""})

    def test_sections(self):
        """every section has rows, is told, and no row is of another"""
        self.assertEqual({row.section for row in ROWS}, {*measure.SECTIONS})
        text = section(read("doc", "testing.md"), TITLE)
        told = [cells[0].strip("`") for cells in rows(text) if len(cells) == 2]
        self.assertEqual(told, [*measure.SECTIONS])

    def test_names(self):
        """no two rows of a section have one name"""
        names = [(row.section, row.what) for row in ROWS]
        self.assertEqual(len(names), len(set(names)))

    def test_growth(self):
        """what grows can be filled, and what is asked then can be asked"""
        heaps = [row for row in ROWS if row.section in HEAPS and row.ask]
        self.assertGreater(len(heaps), 20)
        for row in heaps:
            self.assertIn(row.thing, FILL)
            self.assertIn(row.ask, ASK)
            self.assertEqual(row.beside(), [FEW])


class Turns(unittest.TestCase):
    """What is compared is measured in turns."""

    def test_order(self):
        """none always comes behind the same; each is taken as often"""
        taken = []

        def taker(name):
            return lambda clients: taken.append((name, clients)) or [1]

        row = Row("cgi", "own", "", [[(1, "hello")]], rounds=0)
        takers = {name: taker(name) for name in ("own", "hello", "other")}
        samples = driver.compare(row, takers, 4)
        order = ["own", "hello", "hello", "own"]
        self.assertEqual(taken, [(name, 4) for name in order])
        self.assertEqual(samples, {"own": [1, 1], "hello": [1, 1]})


class Broken(unittest.TestCase):
    """A section that cannot be measured."""

    def test_others_go_on(self):
        """it keeps no other from it; its rows are told, and so is the exit
        status"""
        done = []

        def broken(setting):
            setting.report.section("cgi")
            raise AssertionError("no server")

        sections = {"cgi": broken, "neighbour": done.append}
        report = Report()
        setting = types.SimpleNamespace(
            report=report, closing=contextlib.ExitStack()
        )
        with mock.patch.object(measure, "SECTIONS", sections):
            with contextlib.redirect_stdout(io.StringIO()) as said:
                with contextlib.redirect_stderr(said):
                    status = measure.measure_all(sections, setting, "")
        self.assertEqual(done, [setting])
        self.assertEqual(status, 1)
        self.assertIn("bench: cgi: no server", said.getvalue())
        self.assertIn("cgi: empty poll", report.verdicts[UNMEASURED])


class Failing(unittest.TestCase):
    """A request to a root in which there is much of something."""

    def test_others_go_on(self):
        """one that fails is told, and the next row is measured"""
        heap = [row for row in ROWS if row.section == "neighbour"]
        asks = [mock.Mock(side_effect=AssertionError("ended by signal 14"))]
        asks += [lambda _: (0.001, 0.002)] * (len(heap) - 1)
        table = {row.ask: ask for row, ask in zip(heap, asks)}
        report = Report()
        with contextlib.ExitStack() as stack:
            said = io.StringIO()
            stack.enter_context(contextlib.redirect_stdout(said))
            stack.enter_context(contextlib.redirect_stderr(said))
            stack.enter_context(mock.patch.object(growth, "ASK", table))
            for row in heap:
                growth.tried(report, row, "few", "many")
        self.assertIn("ended by signal 14", said.getvalue())
        self.assertEqual(report.missing(heap), heap[:1])


class Running(unittest.TestCase):
    """tests/bench/run itself, measuring next to nothing."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, names):
        return subprocess.Popen(
            [os.path.join(BENCH, "run")],
            env={
                **os.environ,
                "TMPDIR": self.folder,
                "BENCH": names,
                "BENCH_SCALE": "0.01",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_it(self, names):
        """(exit status, standard output, standard error)."""
        with self.start(names) as run:
            return (*run.communicate(), run.returncode)

    def assert_nothing_left(self):
        self.assertEqual(os.listdir(self.folder), [])
        with open("/proc/self/mounts", encoding="utf-8") as file:
            self.assertNotIn(self.folder, file.read())

    def test_unknown_section(self):
        """a section that is none is told, and which there are"""
        out, err, status = self.run_it("cgi nothing")
        self.assertEqual((out, status), ("", 100))
        self.assertIn("no section nothing;", err)
        self.assertIn(" ".join(measure.SECTIONS), err)
        self.assert_nothing_left()

    def test_sections(self):
        """all that needs no rival is measured; the machine comes first; what
        is not held is no error; nothing is left"""
        out, err, status = self.run_it("cgi waiting growth neighbour")
        self.assertEqual(status, 0, err)
        heads = re.findall(r"^(\w+): .+\n +median", out, re.M)
        wanted = ["machine", "cgi", "waiting", "growth", "neighbour"]
        self.assertEqual(heads, wanted)
        self.assertRegex(out, r"\nRows: \d+ held, \d+ NOT .*, 0 not measured")
        self.assertRegex(out, r"\AMachine: .*\n.*\nFile system: ")
        self.assert_nothing_left()

    def test_interrupted(self):
        """nothing is left by one that is interrupted either"""
        with self.start("cgi") as run:
            for line in run.stdout:
                if line.startswith("empty poll"):
                    break
            run.send_signal(signal.SIGINT)
            _, err = run.communicate()
        self.assertEqual(run.returncode, 130, err)
        self.assertNotIn("Traceback", err)
        self.assert_nothing_left()


class Vanishing(unittest.TestCase):
    """A held poll ends when it likes, also between two looks into /proc."""

    def start(self, *command):
        child = subprocess.Popen(command, stdin=subprocess.PIPE)
        self.addCleanup(child.communicate)
        return child

    def test_program_that_has_ended(self):
        """a program that has ended since it was listed waits no more"""
        gone = self.start("true")
        gone.wait()
        read = waiting.read

        def listed(path):
            return str(gone.pid) if path.endswith("/children") else read(path)

        with mock.patch.object(waiting, "read", listed):
            self.assertEqual(waiting.sizes_of_waiting(SERVER), {})

    def test_descriptor_that_is_closed(self):
        """nor does one that has closed a descriptor since that was listed"""
        self.start("cat")
        with mock.patch.object(os, "listdir", lambda _: ["0", "1000000"]):
            self.assertEqual(waiting.sizes_of_waiting(SERVER), {})


class Held(polls.Held, Case):
    """A poll that is held, under a server."""

    def test_sizes(self):
        """what waits is found, and what it holds in memory"""
        self.held(wait=25)
        sizes = {}
        self.assertTrue(
            wait_until(lambda: sizes.update(self.sizes()) or sizes)
        )
        self.assertGreater(int(sizes["Rss"]), 0)
        self.assertGreaterEqual(int(sizes["Rss"]), int(sizes["Pss"]))
        self.create()

    def sizes(self):
        return waiting.sizes_of_waiting(self.api.server)


if __name__ == "__main__":
    main()
