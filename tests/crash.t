#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every crash point: each program and each kind of request is killed at each
of its system calls, and each call that can fail is made to fail.

STOFLOW_CRASH=full tries every point, as CI does; otherwise every fourth one
stands for its neighbours, and under a sanitizer, which is slow, every
sixteenth. STOFLOW_CRASH=NAME tries every point of the scenarios whose name
holds NAME. STOFLOW_CRASH=all makes each call fail with each error and follows
up every point; else the errors take turns, and equal trees are followed up
once.
"""

import atexit
import multiprocessing
import os
import unittest

from support import fault, main
from support.cgi import SANITIZERS
from support.scenarios import SCENARIOS
from support.stage import Stage, clear, workshop
from support.trial import Trial

SCALE = os.environ.get("STOFLOW_CRASH", "")
ALL = SCALE == "all"
STEP = (16 if SANITIZERS else 4) if SCALE == "" else 4 if SANITIZERS else 1
PROCESSES = 2

REASON = fault.why_not()
WORKSHOP = workshop()
OWNER = os.getpid()
TRIALS = {}  # of this process, by scenario
TOTAL = {"tried": 0, "reached": 0}


@atexit.register
def _clear():
    if os.getpid() == OWNER:
        clear(WORKSHOP)


def trial_of(index):
    """This process's own Trial of a scenario."""
    if index not in TRIALS:
        place = os.path.join(WORKSHOP, f"{index}-{os.getpid()}")
        os.makedirs(place, exist_ok=True)
        template = Stage(os.path.join(WORKSHOP, str(index)))
        TRIALS.clear()
        TRIALS[index] = Trial(SCENARIOS[index], template, place, ALL)
    return TRIALS[index]


def strike(job):
    """One trial: (point, reached, complaints)."""
    index, point = job
    return point, *trial_of(index).run(point)


def jobs_of(index, calls):
    points = fault.kill_points(calls) + fault.error_points(calls, each=ALL)
    step = 1 if ALL else STEP
    # Each scenario begins elsewhere, so that no call is left out of all.
    return [(index, point) for point in points[index % step :: step]]


def say(text):
    print(f"# {text}", flush=True)


@unittest.skipIf(REASON, f"no faults can be injected here: {REASON}")
class CrashTest(unittest.TestCase):
    """One test for each scenario; made below."""

    @classmethod
    def setUpClass(cls):
        cls.pool = multiprocessing.Pool(PROCESSES)

    @classmethod
    def tearDownClass(cls):
        cls.pool.close()
        cls.pool.join()
        say(
            f"{TOTAL['tried']} points tried in all,"
            f" {TOTAL['reached']} of them reached"
        )

    def scenario(self, index):
        scenario = SCENARIOS[index]
        path = os.path.join(WORKSHOP, str(index))
        scenario.stage(path)
        self.addCleanup(clear, path)
        trial = trial_of(index)
        _, wrong = trial.run(None)
        self.assertEqual(wrong, [], f"{scenario.name}: without a fault")
        jobs = jobs_of(index, trial.points)
        results = self.pool.map(strike, jobs, chunksize=8)
        self.report(scenario, results)

    def report(self, scenario, results):
        reached = sum(1 for result in results if result[1])
        TOTAL["tried"] += len(results)
        TOTAL["reached"] += reached
        say(f"{scenario.name}: {len(results)} points, {reached} reached")
        # A run differs a little from the one before, but not much: where
        # most points are missed, faults are not injected at all.
        self.assertGreaterEqual(reached, len(results) * 0.9)
        wrong = [
            f"{point}: {text}" for point, _, texts in results for text in texts
        ]
        for text in wrong:
            say(text)
        if wrong:
            self.fail(f"{len(wrong)} complaints")


def add_test(index, scenario):
    def test(self):
        self.scenario(index)

    test.__doc__ = scenario.name
    setattr(CrashTest, f"test_{index:02d}", test)


for number, each in enumerate(SCENARIOS):
    if SCALE in ("", "full", "all") or SCALE in each.name:
        add_test(number, each)


if __name__ == "__main__":
    main()
