# SPDX-License-Identifier: MIT
"""The documents as the tests read them: sections, tables, headings, links."""

import glob
import os
import re

from .sources import REPOSITORY

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
INDENTED = re.compile(r"(?<=\n\n)(?:    .*\n)+")
HEADING = re.compile(r"^(#{1,6}) (.+)$", re.M)


def documents():
    """Every page of ours in Markdown, as a path in the repository."""
    found = [
        os.path.relpath(path, REPOSITORY)
        for pattern in ("*.md", "doc/*.md", "spool/*.md", "www/*/*.md")
        for path in glob.glob(os.path.join(REPOSITORY, pattern))
    ]
    return sorted(found)


def section(text, title):
    """What stands below a heading, up to the next of its level or above."""
    start = re.search(rf"^(#+) {re.escape(title)}\n", text, re.M)
    if start is None:
        raise AssertionError(f"no section {title!r}")
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start.group(1))}}} ", rest, re.M)
    return rest if end is None else rest[: end.start()]


def rows(text):
    """The cells of every row of the tables in a text, without the heads."""
    found = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        if set(line) <= set("|- "):
            found.pop()  # the line before was the head of this table
            continue
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def prose(text):
    """A page without its examples."""
    return INDENTED.sub("", FENCE.sub("", text))


def slugs(text):
    """The anchors of a page's headings, by the rule of GitHub."""
    titles = [title for _, title in HEADING.findall(FENCE.sub("", text))]
    return [
        re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        for title in titles
    ]


def links(text):
    """The targets of all links of a page."""
    return re.findall(r"\]\(([^()\s]+)\)", prose(text))
