# SPDX-License-Identifier: MIT
"""What a row has cost beside its budget, printed and counted."""

import math
import statistics

from budgets import RESTS, SELF, budget

UNITS = {"ms": 1e-3, "s": 1, "µs": 1e-6, "MB": 1e6, "MiB": 1 << 20, "": 1}
HELD, NOT_HELD, UNMEASURED = "held", "NOT held", "not measured"


def percentile(samples, share):
    """The nearest rank: the value that `share` of the samples keep to."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Figure:
    """A series of samples with its median and 99th percentile."""

    def __init__(self, samples):
        self.median = statistics.median(samples)
        self.p99 = percentile(samples, 0.99)


def allowed(row, figures, part):
    """The most that the row may cost by the limit that allows most; `part` of
    a figure is its median or its p99."""

    def value(name):
        if name is SELF:
            return UNITS[row.unit]
        names = name if isinstance(name, tuple) else (name,)
        return min(getattr(figures[one], part) for one in names)

    return max(
        sum(factor * value(name) for factor, name in limit)
        for limit in row.limits
    )


def judge(row, figures):
    """(HELD or NOT_HELD, how much of what it may cost it does)."""
    parts = ("median", "p99") if row.tail else ("median",)
    own = figures[row.name()]
    used = max(
        getattr(own, part) / allowed(row, figures, part) for part in parts
    )
    return (HELD if used <= 1 else NOT_HELD), used


def line(what, median, p99="", ratio="", rests=""):
    print(f"{what:<44}{median:>12}{p99:>12}{ratio:>8}  {rests}".rstrip())


def show(value, unit):
    return f"{value / UNITS[unit]:,.2f} {unit}".rstrip()


class Report:
    """What has been printed, and how often which verdict."""

    def __init__(self):
        self.verdicts = {HELD: [], NOT_HELD: [], UNMEASURED: []}
        self.printed = []

    def section(self, title):
        print(f"\n{title}")
        line("", "median", "p99", "ratio", "rests on")

    def row(self, row, samples, addition="", note=""):
        """A row's own samples and those beside it, by name. `addition` tells
        apart what one row measures several times."""
        self.printed.append(row)
        figures = {name: Figure(taken) for name, taken in samples.items()}
        own = figures[row.name()]
        what = row.what + addition
        median, p99 = (show(v, row.unit) for v in (own.median, own.p99))
        line(what, median, p99, note, row.rests)
        for name in row.beside():
            self._beside(name, figures[name], own, row.unit)
        if row.limits:
            verdict, used = judge(row, figures)
            most = show(allowed(row, figures, "median"), row.unit)
            print(f"    at most {budget(row)}: {most}: {verdict} ({used:.0%})")
            self._count(verdict, row, addition)

    def _beside(self, name, figure, own, unit):
        median, p99 = (show(v, unit) for v in (figure.median, figure.p99))
        ratio = f"{own.median / figure.median:.2f}"
        line(f"  {name}", median, p99, ratio, RESTS.get(name, ""))

    def missing(self, rows):
        """Those of the rows that have not been printed."""
        return [row for row in rows if row not in self.printed]

    def unmeasured(self, row):
        print(f"{row.what}: {UNMEASURED}")
        self._count(UNMEASURED, row)

    def _count(self, verdict, row, addition=""):
        self.verdicts[verdict].append(f"{row.section}: {row.what}{addition}")

    def summary(self):
        each = self.verdicts.items()
        counts = [f"{len(rows)} {verdict}" for verdict, rows in each]
        print(f"\nRows: {', '.join(counts)}.")
        for verdict in (NOT_HELD, UNMEASURED):
            for row in self.verdicts[verdict]:
                print(f"  {verdict}: {row}")
