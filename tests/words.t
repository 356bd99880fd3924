#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pages have words for all that they may have to say, in both languages."""

import glob
import json
import os
import re
import unittest

from support import main
from support.sources import REPOSITORY, actions, module, problems, read

LANGUAGES = ("french", "english")
APP = os.path.join(REPOSITORY, "www", "app")
# Members of a record that the page shows as JSON only.
APART = {"params", "result"}


def words(language):
    """The words of the pages in a language by their keys, in their order."""
    found = re.findall(
        r"^  (\w+):((?:\s+\"[^\"\n]*\"(?: \+)?)+),$",
        read("www", "app", f"{language}.js"),
        re.M,
    )
    return {
        key: "".join(re.findall(r'"([^"\n]*)"', text)) for key, text in found
    }


def named(kind, among):
    """The names that have words of this kind."""
    prefix = f"{kind}_"
    return {key[len(prefix) :] for key in among if key.startswith(prefix)}


def quoted(source):
    """The strings of a source in C, adjacent ones joined."""
    return re.sub(r'"\s*"', "", source)


class Words(unittest.TestCase):
    """What is said in French is said in English, and the code knows of it."""

    maxDiff = None

    def assert_named(self, kind, known):
        """Just these have words of this kind."""
        for language in LANGUAGES:
            with self.subTest(language):
                self.assertEqual(named(kind, words(language)), known)

    def test_languages(self):
        """both languages have the same keys, and the same places to fill"""
        french, english = map(words, LANGUAGES)
        self.assertGreater(len(french), 150)
        self.assertEqual(list(french), list(english))
        for key, text in french.items():
            self.assertTrue(text.strip() and english[key].strip(), key)
            places = (re.findall(r"{\d}", one) for one in (text, english[key]))
            self.assertEqual(*map(sorted, places), key)

    def test_every_line_is_read(self):
        """this test sees every key there is"""
        for language, said in zip(LANGUAGES, map(words, LANGUAGES)):
            source = read("www", "app", f"{language}.js")
            keys = re.findall(r"^  (\w+):", source, re.M)
            self.assertEqual(list(said), keys)

    def test_problems(self):
        """each code of problem.c has words, and no other"""
        known = {code for _, code in problems()}
        self.assertGreater(len(known), 15)
        self.assert_named("code", known)

    def test_actions(self):
        """each action of action.c has words, and no other"""
        known = {name for name, _ in actions()}
        self.assertGreater(len(known), 8)
        self.assert_named("action", known)

    def test_extension(self):
        """the extension calls each action as the pages do"""
        for language, short in zip(LANGUAGES, ("fr", "en")):
            messages = json.loads(
                read("www", "plugin", "_locales", short, "messages.json")
            )
            said = words(language)
            for name in named("action", said):
                key = f"action_{name}"
                self.assertEqual(messages[key]["message"], said[key])

    def test_declared(self):
        """each verdict that the queue itself gives has words"""
        source = module("lease.c") + module("withdraw.c")
        known = set(re.findall(r'entry, "(\w+)",', source))
        known |= set(re.findall(r'{LEASE_\w+, "(\w+)", "', source))
        self.assertEqual(known, {"timeout", "expired", "cancelled"})
        self.assert_named("declared", known)

    def test_members(self):
        """each member of a task that the API tells has words"""
        source = module("summary.c")
        known = set(re.findall(r'json_member_\w+\(\w+, "(\w+)"', source))
        known |= set(re.findall(r'{"(\w+)", JSON_', source))
        self.assertGreater(len(known), 10)
        inner = {"done", "total", "message", "at"}  # of "progress"
        said = named("member", words("french"))
        self.assertEqual(known - said - APART - inner, set())

    def test_pauses(self):
        """the reasons that the library writes are those the pages know"""
        writers = ("block.c", "pause.c", "seller.c", "seller_other.c")
        source = quoted("".join(map(module, writers)))
        table = read("www", "app", "texts.js").partition("const reasons")[2]
        patterns = re.findall(r"\[/\^(.*?)\$?/, \"(\w+)\"\]", table)
        self.assertEqual(len(patterns), 5)
        for pattern, key in patterns:
            written = pattern.replace(r"(\S+)", "%s")
            written = written.replace("\\(", "(").replace("\\)", ")")
            self.assertIn(f'"{written}', source)
            self.assertIn(key, words("french"))

    def test_used(self):
        """what a page asks for is there, and what is there is asked for"""
        pages = [
            read("www", name) for name in ("index.html", "bridge.html")
        ]
        modules = [
            read(path)
            for path in glob.glob(os.path.join(APP, "*.js"))
            if os.path.basename(path)[:-3] not in LANGUAGES
        ]
        source = "\n".join(pages + modules)
        said = words("french")
        for key in re.findall(r'data-(?:text|label)="(\w+)"', source):
            self.assertIn(key, said)
        for key in re.findall(r'\btext\("(\w+)"', source):
            self.assertIn(key, said)
        kinds = (
            "code", "action", "declared", "member", "lost", "unknown",
            "settled",
        )
        for key in said:
            stem = re.sub("_(tab|one|count)$", "", key)
            if key.partition("_")[0] not in kinds:
                self.assertRegex(source, rf"\b({key}|{stem})\b")


if __name__ == "__main__":
    main()
