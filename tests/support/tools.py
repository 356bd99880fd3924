# SPDX-License-Identifier: MIT
"""What tests take from npm: etc/setup has put it into build/, or says there
why it could not."""

import os

from support.sources import REPOSITORY


def tool(kind, *parts):
    """The path of a tool; `kind` is the folder of tests/ that names it."""
    folder = os.path.join(REPOSITORY, "build", kind, "node_modules")
    return os.path.join(folder, *parts)


def why_no_tool(kind):
    """Why the tools of a kind could not be fetched; None if they are there,
    or if nobody has tried."""
    path = os.path.join(REPOSITORY, "build", kind, "missing")
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None
