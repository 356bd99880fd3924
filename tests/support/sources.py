# SPDX-License-Identifier: MIT
"""The tables of the code, read from its sources: what documents must tell."""

import glob
import os
import re

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
SCOPES = ("plugin", "backend", "cron")
EVERY_SCOPE = "|".join(f"SCOPE_{scope.upper()}" for scope in SCOPES)


def read(*parts):
    """The text of a file of the repository."""
    with open(os.path.join(REPOSITORY, *parts), encoding="utf-8") as file:
        return file.read()


def module(name):
    """The text of a source or header of lib/, in whichever room it lies."""
    (path,) = glob.glob(os.path.join(REPOSITORY, "lib", "*", name))
    return read(path)


def routes():
    """(method, pattern, program, scopes) of each row of route.c."""
    rows = re.findall(
        r'\{METHOD_(\w+), "(/[^"]+)", "([^"]+)",\s*([A-Z_ |]+)\}',
        module("route.c"),
    )
    return {
        (method, pattern, program, _scopes(text))
        for method, pattern, program, text in rows
    }


def _scopes(text):
    text = text.replace("ANY_SCOPE", EVERY_SCOPE)
    return frozenset(s for s in SCOPES if f"SCOPE_{s.upper()}" in text)


def problems():
    """(status, code) of each row of problem.c."""
    rows = re.findall(
        r'\{PROBLEM_\w+, (\d+),\s*"(\w+)",', module("problem.c")
    )
    return {(int(status), code) for status, code in rows}


def failures():
    """What `data.code` may say of a failed task, as the plugin tells it."""
    source = read("www", "plugin", "background", "errors.js")
    listed = re.search(r"\bconst CODES = \[(.*?)\];", source, re.S)
    return re.findall(r'"(\w+)"', listed[1])


def actions():
    """(name, "NEVER", "ALWAYS" or "READS") of each row of action.c."""
    rows = re.findall(r'\{"(\w+)", REPEAT_(\w+),', module("action.c"))
    return set(rows)


def params():
    """{action: {member: whether it is required}} of those whose parameters
    are checked, by the tables of action.c."""
    source = module("action.c")
    bodies = dict(
        re.findall(r"json_shape (\w+)\[\] = \{(.*?)END", source, re.S)
    )
    tables = dict(
        re.findall(r"action_params (of_\w+) = \{(\w+),", source)
    )
    found = re.findall(r'\{"(\w+)", REPEAT_\w+, \w+, &(\w+)\}', source)
    return {action: _members(bodies, tables[table]) for action, table in found}


def _members(bodies, table):
    """Those of a table, and of the objects that they hold."""
    row = r'[({]"(\w+)"(?:, (true|false))?'
    members = {
        name: required == "true"
        for name, required in re.findall(row, bodies[table])
    }
    for inner in re.findall(r"\b(\w+_rows)\}", bodies[table]):
        members.update(_members(bodies, inner))
    return members


def directories():
    """The names in path.c: every folder of the spool."""
    return set(
        re.findall(r'^    "(\w+)",\s+/\* SPOOL_', module("path.c"), re.M)
    )
