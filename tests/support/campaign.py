# SPDX-License-Identifier: MIT
"""Tests of more cases than there is time for in each run.

A campaign has a budget of time, not a number of cases. It tries them in an
order that is drawn anew in each run, so that what one run leaves out another
one tries, and says how many of how many it tried. What is left of the budget
is shared out evenly among the tests yet to come; each tries a least number of
cases in any case, however slow the machine.

STOFLOW_SECONDS is the budget of a script, set-up included. STOFLOW_SEED draws
the order of an earlier run again; STOFLOW_CRASH, whatever its value, lifts the
limit.
"""

import os
import random
import secrets
import subprocess
import sys
import time


def seconds_given(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not seconds >= 0:
        sys.exit(f"STOFLOW_SECONDS is no number of seconds: {text}")
    return seconds


SECONDS = seconds_given(os.environ.get("STOFLOW_SECONDS") or "40")
SEED = os.environ.get("STOFLOW_SEED") or str(secrets.randbelow(10**6))
UNLIMITED = bool(os.environ.get("STOFLOW_CRASH"))


class Campaign:
    """The cases of all tests of a script. `tests` is how many of them take a
    share of the budget, each once."""

    def __init__(self, tests, seconds=SECONDS):
        self.tests = tests
        self.seconds = seconds
        self.end = None
        self.tried = self.known = 0

    def each(self, name, cases, least):
        """The cases in their order, until the share of this test is used."""
        for batch in self.batches(name, cases, least, 1):
            yield from batch

    def batches(self, name, cases, least, size):
        """The same, so many at a time."""
        # The place of a case depends on no other: which there are may differ
        # a little from run to run.
        order = sorted(cases, key=lambda case: draws(name, case).random())
        is_over = self.share()
        tried = 0
        while tried < len(order) and not (tried >= least and is_over()):
            batch = order[tried : tried + size]
            tried += len(batch)
            yield batch
        self.note(name, tried, len(order))

    def share(self):
        """Begins the share of a test; tells whether it is used."""
        now = time.monotonic()
        if self.end is None:
            say(
                f"STOFLOW_SEED={SEED} draws this order again;"
                f" a program starts and ends in {start_cost() * 1000:.1f} ms"
            )
            self.end = now + self.seconds
        end = now + max(self.end - now, 0) / max(self.tests, 1)
        self.tests -= 1
        return lambda: not UNLIMITED and time.monotonic() > end

    def note(self, name, tried, known):
        self.tried += tried
        self.known += known
        say(f"{name}: {tried} of {known} tried")

    def sum_up(self):
        say(f"{self.tried} of {self.known} tried in all")


def draws(*names):
    """What is drawn under these names: the same for the same seed."""
    return random.Random(" ".join(map(str, (SEED, *names))))


def some_of(name, scripts, count):
    """So many of the scripts, in their order; all of them where no limit is
    asked for."""
    if UNLIMITED:
        return scripts
    say(f"STOFLOW_SEED={SEED} draws these scripts again")
    return sorted(draws(name).sample(scripts, count), key=scripts.index)


def start_cost(times=20):
    """Seconds that a fork, an exec and an exit take here, the median."""
    taken = []
    for _ in range(times):
        begun = time.monotonic()
        subprocess.run(["true"], check=True)
        taken.append(time.monotonic() - begun)
    return sorted(taken)[times // 2]


def say(text):
    print(f"# {text}", flush=True)
