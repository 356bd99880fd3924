#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Real power loss, on file systems of our own: the file system is shut down
under a program, or after its answer, mounted again, and looked at.

What was acknowledged must be there, what may be handed out only once is not
offered again, and everything else is in a state that a sweep makes clean.
When it goes, is drawn anew in each run, see support/campaign.py, from the
moments at which a file has got its name; with STOFLOW_CRASH=all it goes after
every change that a program makes.
"""

import atexit
import os
import unittest
from dataclasses import dataclass

from support import fault, main, mount
from support.agreement import Agreement
from support.campaign import Campaign, say
from support.fault import Point
from support.scenario import run_sweeper
from support.scenarios import SCENARIOS
from support.stage import Stage, clear, workshop
from support.trial import REPEATABLE, Trial

ALL = os.environ.get("STOFLOW_CRASH") == "all"

# What gives a file its name: between this and the flush is the moment at which
# a loss of power does most.
NAMINGS = frozenset("link linkat rename renameat renameat2".split())
# What changes a tree otherwise, or makes a change safe.
CHANGES = NAMINGS | frozenset(
    "mkdir mkdirat write writev pwrite64 fsync fdatasync unlink unlinkat"
    " openat open ftruncate".split()
)
NAMES = (
    "create: in a root where nothing was",
    "create: beside others",
    "create: with an id",
    "create: with an Idempotency-Key",
    "create: with an Idempotency-Key and an id",
    "create: with its photo",
    "poll: a repeatable task",
    "poll: a task that may not be repeated",
    "poll: with a receive_id",
    "poll: one drop at the top",
    "poll: one drop in the folder",
    "poll: drops everywhere",
    "poll: one is overdue that may not be repeated",
    "result: a success",
    "result: a failure",
    "result: all products",
    "result: late, the task waits again",
    "result: late, the task was declared failed",
    "photos: in a root where nothing was",
    "photos: that is there already",
    "sync: of a seller who is known",
    "sync: of one who is not, where nothing was",
    "sync: under way, its result is in",
    "sweeper: drops",
    "sweeper: results",
    "sweeper: a sync follows",
    "sweeper: left by crashes",
)

LEAST = 1  # losses of a request, after that which follows its answer
CAMPAIGN = Campaign(tests=2 * len(NAMES))

WORKSHOP = workshop()
atexit.register(clear, WORKSHOP)


class PowerAgreement(Agreement):
    """What must be so although the power was lost."""

    def _next_task(self, answer):
        """A claim that may be repeated needs no flush: at worst the task
        waits again. Any other must have reached the disk."""
        if answer.status == 200 and answer.json["task_id"] is not None:
            if answer.json["action"] not in REPEATABLE:
                super()._next_task(answer)


class PowerTrial(Trial):
    """A trial whose fault is followed by the loss of power."""

    agreement = PowerAgreement
    power_lost = True

    def __init__(self, scenario, template, disk):
        super().__init__(scenario, template, disk.path)
        self.log = os.path.join(WORKSHOP, "log")
        self.disk = disk
        self.journal_first = False
        self.second = None  # the answer to a repeated request
        self.repeat = False

    def _strike(self, point):
        self.disk.settle()
        outcome = super()._strike(point)
        self.second = self._ask_until_served() if self.repeat else None
        self.disk.cut_power(self.journal_first)
        return outcome

    def _ask_until_served(self):
        """What a killed program held is held until a sweep."""
        answer = self.scenario.ask(self.stage)
        if answer.status == 503:
            self.stage.let_debris_age()
            run_sweeper(self.stage)
            answer = self.scenario.ask(self.stage)
        return answer

    def _take_answer(self, outcome, killed, tree):
        """What a repeated request is told must hold as well, although it may
        have found the work done, and not flushed, by one that was killed."""
        if self.second is None:
            super()._take_answer(outcome, killed, tree)
            return
        self.answer = self.second
        if "photo_url" in self.answer.json:
            self._check_agreement(tree)
        elif self.answer.status == 201:
            task_id = self.answer.json["task_id"]
            if (self.scenario.users[0], task_id) not in tree.tasks:
                self._complain(f"201 for {task_id}, which is lost")
        elif self.answer.status == 200:
            self._check_answer(outcome, tree)

    def _check_tidied(self, outcome, tree):
        """What was removed may be there again; the sweeper's part comes."""

    def _check_offer(self, task_id, failed):
        """Without a receive_id a second poll gets whatever is next."""
        if self.second is None or "receive_id" in self.scenario.target:
            super()._check_offer(task_id, failed)


@dataclass(frozen=True)
class Loss:
    """One loss of power."""

    point: Point = None  # after the answer, if there is none
    journal_first: bool = False  # only once the journal has been written
    repeat: bool = False  # and a second request comes before it

    def __str__(self):
        where = f"{self.point or 'after the answer'}"
        where += ", asked again" if self.repeat else ""
        return where + (
            ", after the journal" if self.journal_first else ", at once"
        )


def moments(calls):
    """SIGKILL between two calls of which the first changed something. A
    killed program flushes nothing, so then the power may go at leisure."""
    wanted = CHANGES if ALL else NAMINGS
    return [
        Point(call, number, "KILL")
        for before, (call, number) in zip(calls, calls[1:])
        if before[0] in wanted
    ]


def losses_of(calls):
    """Every one after the answer and at a moment, but for the first of all,
    which shows what the calls are."""
    yield Loss(journal_first=True)
    for point in moments(calls):
        yield Loss(point)
        yield Loss(point, journal_first=True)
        yield Loss(point, repeat=True)


class PowerLossTest(unittest.TestCase):
    """The tests of one file system."""

    kind = None

    @classmethod
    def setUpClass(cls):
        cls.reason = fault.why_not() or mount.why_not(WORKSHOP, cls.kind)
        if not cls.reason:
            cls.disk = mount.LoopDisk(WORKSHOP, cls.kind)

    @classmethod
    def tearDownClass(cls):
        CAMPAIGN.sum_up()
        if not cls.reason:
            cls.disk.remove()

    def setUp(self):
        if self.reason:
            self.skipTest(f"no {self.kind} here: {self.reason}")

    def test_the_loss_is_real(self):
        """What was not flushed is lost, and what was flushed is not."""
        for name in ("flushed", "lost"):
            with open(os.path.join(self.disk.path, name), "w") as file:
                file.write(name)
                file.flush()
                if name == "flushed":
                    os.fsync(file.fileno())
        self.disk.cut_power()
        self.assertIn("flushed", os.listdir(self.disk.path))
        self.assertNotIn("lost", os.listdir(self.disk.path))

    def lose_power(self, scenario):
        path = os.path.join(WORKSHOP, "template")
        scenario.stage(path)
        self.addCleanup(clear, path)
        trial = PowerTrial(scenario, Stage(path), self.disk)
        wrong = self.strike(trial, Loss())
        for loss in CAMPAIGN.each(
            f"{self.kind}: {scenario.name}", losses_of(trial.points), LEAST
        ):
            wrong += self.strike(trial, loss)
        for text in wrong:
            say(text)
        if wrong:
            self.fail(f"{len(wrong)} complaints")

    @staticmethod
    def strike(trial, loss):
        """The complaints after one loss of power."""
        trial.journal_first, trial.repeat = loss.journal_first, loss.repeat
        _, wrong = trial.run(loss.point)
        return [f"{loss}: {text}" for text in wrong]


class Ext4Test(PowerLossTest):
    """ext4, the usual file system of small hosts."""

    kind = "ext4"


class XfsTest(PowerLossTest):
    """xfs, whose journal orders less than that of ext4."""

    kind = "xfs"


def add_test(scenario):
    def test(self):
        self.lose_power(scenario)

    test.__doc__ = scenario.name
    name = "".join(c if c.isalnum() else "_" for c in scenario.name)
    setattr(PowerLossTest, f"test_{name}", test)


for each in SCENARIOS:
    if each.name in NAMES:
        add_test(each)

# unittest would else run the class that holds the tests, too.
del PowerLossTest


if __name__ == "__main__":
    main()
