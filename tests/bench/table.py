# SPDX-License-Identifier: MIT
"""The figures, one line each, beside what they are measured against."""

import math
import statistics

HEAD = ("what", "median", "p99", "ratio", "p99", "budget", "")


def percentile(samples, share):
    """The nearest rank: the value that `share` of the samples keep to."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Figure:
    """A series of samples with its median and 99th percentile."""

    def __init__(self, samples):
        self.median = statistics.median(samples)
        self.p99 = percentile(samples, 0.99)

    def ratios(self, base):
        return self.median / base.median, self.p99 / base.p99


def verdict(values, limit):
    worst = max(values) / limit
    return "within" if worst <= 1 else f"over by {worst - 1:.0%}"


def line(cells):
    print("{:<36}{:>10}{:>10}{:>7}{:>7}{:>9}  {}".format(*cells).rstrip())


def in_ms(seconds):
    return f"{seconds * 1e3:.2f} ms"


def section(title):
    print(f"\n{title}")
    line(HEAD)


def row(
    what, samples, base=None, ratio=None, most=None, seconds=None, note=""
):
    """Prints one line; returns its figure.

    `ratio`: the budget of the median relative to `base`; `most`: that of the
    median and of the 99th percentile; `seconds`: that of the median itself.
    `note` is printed behind all.
    """
    figure = Figure(samples)
    cells = [what, in_ms(figure.median), in_ms(figure.p99), "", "", "", ""]
    ratios = figure.ratios(base) if base else ()
    if base:
        cells[3:5] = (f"{value:.2f}" for value in ratios)
    kept = ""
    if ratio:
        cells[5], kept = f"{ratio:g} x", verdict(ratios[:1], ratio)
    elif most:
        cells[5], kept = f"{most:g} x", verdict(ratios, most)
    elif seconds:
        kept = verdict([figure.median], seconds)
        cells[5] = f"{seconds * 1e3:g} ms"
    cells[6] = ", ".join(filter(None, (kept, note)))
    line(cells)
    return figure


def row_memory(what, peak, size, most=None):
    """Memory in bytes relative to a size, such as that of a body."""
    cells = [what, f"{peak / 1e6:.2f} MB", "", f"{peak / size:.2f}"]
    cells += ["", "", ""]
    if most:
        cells[5:] = f"{most:g} x", verdict([peak / size], most)
    line(cells)
