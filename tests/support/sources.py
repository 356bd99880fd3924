# SPDX-License-Identifier: MIT
"""The tables of the code, read from its sources: what documents must tell."""

import os
import re

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
SCOPES = ("plugin", "backend", "cron")
EVERY_SCOPE = "|".join(f"SCOPE_{scope.upper()}" for scope in SCOPES)


def read(*parts):
    """The text of a file of the repository."""
    with open(os.path.join(REPOSITORY, *parts), encoding="utf-8") as file:
        return file.read()


def routes():
    """(method, pattern, program, scopes) of each row of lib/route.c."""
    rows = re.findall(
        r'\{METHOD_(\w+), "(/[^"]+)", "([^"]+)",\s*([A-Z_ |]+)\}',
        read("lib", "route.c"),
    )
    return {
        (method, pattern, program, _scopes(text))
        for method, pattern, program, text in rows
    }


def _scopes(text):
    text = text.replace("ANY_SCOPE", EVERY_SCOPE)
    return frozenset(s for s in SCOPES if f"SCOPE_{s.upper()}" in text)


def problems():
    """(status, code) of each row of lib/problem.c."""
    rows = re.findall(
        r'\{PROBLEM_\w+, (\d+),\s*"(\w+)",', read("lib", "problem.c")
    )
    return {(int(status), code) for status, code in rows}


def actions():
    """(name, "NEVER", "ALWAYS" or "READS") of each row of lib/action.c."""
    rows = re.findall(r'\{"(\w+)", REPEAT_(\w+),', read("lib", "action.c"))
    return set(rows)
