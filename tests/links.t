#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the documents point at is there: pages, headings, files, functions."""

import os
import re
import unittest

from support import main
from support.documents import documents, links, prose, rows, slugs
from support.sources import REPOSITORY, read

WHERE = "doc/where.md"
# Files that the documents name and `make run` makes.
MADE = {"etc/run.tokens", "www/stoflow.xpi"}
QUESTIONS = 25
# What defines a function or a table, by the language of its file. A function
# of C begins in the first column, and is not one if its parameters are
# followed by a semicolon.
DEFINITIONS = {
    ".c": r"^[a-z][\w *]*\b{}(?:\([^;{{}}]*\)\n\{{|\[.*= \{{)",
    ".js": r"^(?:export )?(?:const|async function|function|class) {}\b",
    ".py": r"^(?:def |class )?{}\b",
}


def target_of(page, link):
    """(path in the repository, anchor or "") of a link to what is ours."""
    path, _, anchor = link.partition("#")
    if path == "":
        return page, anchor
    folder = os.path.dirname(page)
    return os.path.normpath(os.path.join(folder, path)), anchor


def is_ours(link):
    return "://" not in link and not link.startswith("mailto:")


class Links(unittest.TestCase):
    """Every link of every page."""

    def each(self):
        for page in documents():
            for link in filter(is_ours, links(read(page))):
                yield page, link, *target_of(page, link)

    def test_targets(self):
        """a link leads to a file of the repository"""
        count = 0
        for page, link, path, _ in self.each():
            count += 1
            with self.subTest(page=page, link=link):
                self.assertFalse(path.startswith(".."), "out of the tree")
                self.assertTrue(os.path.exists(os.path.join(REPOSITORY, path)))
        self.assertGreater(count, 50)

    def test_anchors(self):
        """an anchor is that of one heading, and of one only"""
        count = 0
        for page, link, path, anchor in self.each():
            if anchor == "":
                continue
            count += 1
            with self.subTest(page=page, link=link):
                self.assertTrue(path.endswith(".md"))
                self.assertEqual(slugs(read(path)).count(anchor), 1)
        self.assertGreater(count, 20)

    def test_reachable(self):
        """the README leads to each page of doc/, without a detour"""
        reached = {
            path for page, _, path, _ in self.each() if page == "README.md"
        }
        pages = {page for page in documents() if page.startswith("doc/")}
        self.assertGreater(len(pages), 5)
        self.assertLessEqual(pages, reached)

    def test_pages_of_other_folders(self):
        """a page that stands beside what it tells of is linked, too"""
        reached = {path for _, _, path, _ in self.each()}
        self.assertLessEqual(set(documents()) - {"README.md"}, reached)

    def test_form(self):
        """no link is written in a form that this test does not read"""
        for page in documents():
            with self.subTest(page=page):
                text = prose(read(page))
                self.assertNotRegex(text, r"(?m)\]\[|^\[[^\]]+\]: |<a ")


class Files(unittest.TestCase):
    """Files that are named without a link."""

    def test_files(self):
        """every file that the documents name is there"""
        pages = [*documents(), *manual_pages()]
        for page in pages:
            found = re.findall(
                r"\b(?:lib|etc|tests|man|cgi-bin|www|doc)/[\w./-]+\.\w+",
                read(page),
            )
            if page in ("README.md", "doc/inside.md"):
                self.assertGreater(len(found), 3)
            for name in set(found) - MADE:
                if "NAME" in name or "HASH" in name:
                    continue
                with self.subTest(page=page, name=name):
                    folder = os.path.dirname(page)
                    self.assertTrue(
                        any(
                            os.path.exists(os.path.join(REPOSITORY, at, name))
                            for at in ("", folder)
                        )
                    )


def manual_pages():
    names = os.listdir(os.path.join(REPOSITORY, "man"))
    return sorted(os.path.join("man", name) for name in names)


def fault_of(cells):
    """What is wrong with a row of doc/where.md, or None."""
    match = re.fullmatch(r"`(\w+)` in \[([^\]]+)\]\(\.\./([^)]+)\)", cells[1])
    if match is None:
        return "is not of the form `NAME` in [FILE](../FILE)"
    name, told, path = match.groups()
    if told != path:
        return f"calls {path} {told}"
    if not os.path.exists(os.path.join(REPOSITORY, path)):
        return f"names {path}, which is not there"
    pattern = DEFINITIONS[os.path.splitext(path)[1]].format(name)
    if re.search(pattern, read(path), re.M) is None:
        return f"says that {path} defines {name}, which it does not"
    return None


class Where(unittest.TestCase):
    """The questions of doc/where.md."""

    def test_count(self):
        """there are as many as it says"""
        self.assertEqual(len(rows(read(WHERE))), QUESTIONS)
        self.assertIn(f"{QUESTIONS} questions", read(WHERE))

    def test_rows(self):
        """each names a file that is there, and a function or table in it"""
        for number, cells in enumerate(rows(read(WHERE)), 1):
            fault = fault_of(cells)
            if fault is not None:
                with self.subTest(row=number):
                    self.fail(f"{WHERE}: row {number}, {cells[0]!r}, {fault}")

    def test_faults(self):
        """a row that is off is told as what it is"""
        form = "`{0}` in [{1}](../{1})"
        for answer, fault in (
            ("lib/text/number.c", "is not of the form"),
            (form.format("x", "lib/text/none.c"), "is not there"),
            (form.format("number_none", "lib/text/number.c"), "it does not"),
            # Called there, and declared, but not defined.
            (form.format("file_read", "lib/settings/config.c"), "it does not"),
            (form.format("number_parse", "lib/text/number.c"), None),
            (form.format("routes", "lib/http/route.c"), None),
        ):
            with self.subTest(answer=answer):
                told = fault_of(["?", answer])
                if fault is None:
                    self.assertIsNone(told)
                else:
                    self.assertIn(fault, told)


if __name__ == "__main__":
    main()
