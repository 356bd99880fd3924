#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The documents say what the code does: neither knows more than the other.

What the code knows is read from the sources, what the documents say from
README.md, doc/ and the pages in man/. The tour of the README is taken.
"""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from support import main
from support.cgi import REPOSITORY, SANITIZERS, TIMEOUT, program
from support.checkout import Checkout, MakeRun, environment
from support.documents import FENCE, documents, quoted, rows, section
from support.grammar import DONE, EXECUTING, QUEUED
from support.sources import (
    SCOPES,
    actions,
    directories,
    failures,
    module,
    params,
    problems,
    read,
    routes,
)

WIDTH = 80
PAGES = sorted(glob.glob(os.path.join(REPOSITORY, "man", "*.[1-8]")))
# The rules of each server's configuration: what a path matches, and which
# program that leads to.
REWRITES = {
    "lighttpd.conf": r'"(\^[^"]+)"\s*=> "/cgi-bin/?([a-z-]*)\$0"',
    "apache.conf": r'^RewriteRule "(\^[^"]+)"[ \\\n]+"/cgi-bin/?([a-z-]*)\$0"',
    "htaccess": r'^RewriteRule "(\^[^"]+)" "cgi-bin/([a-z-]*)/?\$0"',
}
# What differs from run to run in the output that the tour shows.
VARYING = (
    (r"\d{8}T\d{6}\\\.\d{6}Z", r"\\d{8}T\\d{6}\\.\\d{6}Z"),
    (r"\d{4}\\-\d\d\\-\d\dT[\d:]+\\\.\d{6}Z", r"[-0-9T:]+\\.\\d{6}Z"),
    (r"…", r".*"),
)


README = read("README.md")
API = read("doc", "api.md")
INSIDE = read("doc", "inside.md")
INSTALL = read("doc", "install.md")
OPERATE = read("doc", "operate.md")
SPOOL = read("doc", "spool.md")
TESTING = read("doc", "testing.md")
ALL_PAGES = "\n".join(read("man", os.path.basename(page)) for page in PAGES)


class Code(unittest.TestCase):
    """Tables of the code against tables of the documents."""

    maxDiff = None

    def test_routes(self):
        """the routes told are those of route.c"""
        known = {
            (f"{method} /api{pattern}", name, scopes)
            for method, pattern, name, scopes in routes()
        }
        self.assertGreater(len(known), 4)
        told = set()
        for route, name, scopes in self.route_rows():
            allowed = frozenset(s for s in SCOPES if s in scopes)
            told.add((quoted(route)[0], name, allowed))
        self.assertEqual(told, known)
        for route, _, _ in known:
            pattern = route.partition("/api")[2]
            self.assertIn(pattern, ALL_PAGES, "in no manual page")

    def route_rows(self):
        return rows(section(API, "Routes"))

    def test_routes_of_the_servers(self):
        """each server's configuration leads every route to its program"""
        for name, rule in REWRITES.items():
            rules = re.findall(rule, read("etc", name), re.M)
            self.assertGreater(len(rules), 4)
            for route, program_name, _ in self.route_rows():
                path = quoted(route)[0].partition(" ")[2]
                path = re.sub(r"{\w+}", "x-1", path)
                for form in (path, path[len("/api") :], path + "?user_id=42"):
                    if name != "lighttpd.conf":
                        form = form.partition("?")[0]
                    # In .htaccess a path begins behind its folder.
                    form = form[1:] if name == "htaccess" else form
                    taken = [to for at, to in rules if re.match(at, form)]
                    self.assertEqual(taken[:1], [program_name], (name, form))

    def test_problems(self):
        """the codes told are those of problem.c, with their statuses"""
        known = problems()
        self.assertGreater(len(known), 15)
        told = set()
        for row in rows(API):
            if row[0].isdigit():
                told.add((int(row[0]), quoted(row[1])[0]))
        self.assertEqual(told, known)
        page = read("man", "stoflow-cgi.8")
        listed = re.findall(r"^\.It Cm ([a-z_]+) Pq (\d{3})$", page, re.M)
        self.assertEqual({(int(s), c) for c, s in listed}, known)

    def test_failures(self):
        """the kinds of failure told are those of the plugin"""
        told = section(API, "POST /api/plugin/tasks/{id}/result")
        table = told[told.index("| `data.code` |"):]
        listed = [quoted(code)[0] for code, _ in rows(table)]
        self.assertEqual(listed, failures())

    def test_selftest(self):
        """the checks told are those of selftest.c"""
        known = re.findall(
            r'^    \{"(\w+)", (?:selftest|check)_', module("selftest.c"), re.M
        )
        self.assertGreater(len(known), 5)
        told = [
            quoted(row[0])[0]
            for row in rows(section(OPERATE, "The selftest"))
        ]
        self.assertEqual(told, known)
        page = read("man", "stoflow-cgi.8")
        listed = page.partition(".Ss The selftest")[2].partition(".Ss ")[0]
        for name in known:
            self.assertRegex(listed, rf"\b{name}\b")

    def test_header_line(self):
        """the line against a stripped header is the same everywhere"""
        source = module("token.c")
        line = re.search(r'"(SetEnvIf .*)";', source).group(1)
        line = line.replace('\\"', '"')
        self.assertIn(f"\n    {line}\n", INSTALL)
        self.assertIn(f"\n{line}\n", read("etc", "htaccess"))

    def test_keys(self):
        """the keys told are those of config.c"""
        source = module("config.c")
        known = set(re.findall(r'strcmp\(key, "(\w+)"\)', source))
        known |= set(re.findall(r'"(\w+)",\s*offsetof', source))
        told = {quoted(row[1])[0] for row in self.key_rows()}
        self.assertEqual(told, known)
        shipped = set(re.findall(r"^;(\w+) = ", read("etc/stoflow.ini"), re.M))
        self.assertEqual(shipped, known)
        page = read("man", "stoflow.ini.5")
        listed = set(re.findall(r"^\.It Cm (\w+) =", page, re.M))
        self.assertEqual(listed, known)

    def key_rows(self):
        found = rows(section(OPERATE, "Settings"))
        self.assertGreater(len(found), 5)
        return found

    def test_keys_are_taken(self):
        """each key with its default is taken, and a strange one refused"""
        lines = []
        for where, key, default, _ in self.key_rows():
            entry = f"{quoted(key)[0]} = {quoted(default)[0]}"
            lines += [quoted(where)[0], entry]
        lines.append("[action get_stats]")
        lines += [line for line in lines if line.startswith("retries")]
        self.assertEqual(self.read_settings("\n".join(lines) + "\n"), 0)
        self.assertEqual(self.read_settings("[queue]\nno_key = 1\n"), 100)

    def test_shipped_settings(self):
        """the shipped stoflow.ini is taken, and so is all that it comments"""
        text = read("etc", "stoflow.ini")
        self.assertEqual(self.read_settings(text), 0)
        bare = re.sub(r"^;(?=\w+ = |\[)", "", text, flags=re.M)
        self.assertGreater(bare.count("\nexpire = "), 5)
        self.assertEqual(self.read_settings(bare), 0)

    def test_shipped_defaults(self):
        """the shipped stoflow.ini and the documents tell the same defaults"""
        common = read("etc", "stoflow.ini").partition("What sellers'")[0]
        shipped = set(re.findall(r"^;(\w+) = (\w+)$", common, re.M))
        told = {
            (quoted(key)[0], quoted(default)[0])
            for _, key, default, _ in self.key_rows()
        }
        self.assertEqual(told, shipped)

    def read_settings(self, text):
        """The exit status of a sweeper that reads them."""
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, "etc"))
            path = os.path.join(root, "etc", "stoflow.ini")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run(
                [program("sweeper"), "--root", root],
                env=SANITIZERS,
                capture_output=True,
                timeout=TIMEOUT,
            )
            return done.returncode

    def test_actions(self):
        """the actions told are those of action.c"""
        words = {"NEVER": "no", "ALWAYS": "yes", "READS": "reads only"}
        known = {(name, words[repeat]) for name, repeat in actions()}
        self.assertGreater(len(known), 5)
        told = {
            (quoted(name)[0], repeat)
            for name, repeat, _ in rows(section(SPOOL, "Actions"))
        }
        self.assertEqual(told, known)
        for name, _ in known:
            self.assertIn(name, read("man", "stoflow-spool.5"))

    def test_params(self):
        """the parameters told are those that action.c checks"""
        known = params()
        self.assertGreater(len(known), 5)
        told = {}
        for name, required, others in rows(section(SPOOL, "Parameters")):
            told[quoted(name)[0]] = (quoted(required), quoted(others))
        self.assertLessEqual(set(told), {name for name, _ in actions()})
        checked = {name for name in told if any(told[name])}
        self.assertEqual(checked, set(known))
        for action, members in known.items():
            required, others = told[action]
            for same in set(others) & set(told):  # "as of" another action
                others = others + told[same][0] + told[same][1]
            names = set(required + others) - set(told)
            needed = {name for name in members if members[name]}
            with self.subTest(action=action):
                self.assertEqual(names, set(members))
                self.assertLessEqual(needed, set(required))

    def test_programs(self):
        """every program has a manual page"""
        sources = glob.glob(os.path.join(REPOSITORY, "cgi-bin", "*.c"))
        known = {os.path.basename(source)[:-2] for source in sources}
        self.assertGreater(len(known), 4)
        named = set(re.findall(r"^\.Nm ([\w-]+)", ALL_PAGES, re.M))
        self.assertLessEqual(known, named)
        self.assertLessEqual({"new-token", "sweeper"}, named)

    def test_directories(self):
        """the maps show every directory of the spool, and no other"""
        known = directories()
        self.assertGreater(len(known), 8)
        told = set()
        for cells in rows(section(SPOOL, "Places")):
            places = [path for path in quoted(cells[0]) if "/" in path]
            told |= {place.partition("/")[0] for place in places}
        self.assertEqual(told, known)
        page = read("man", "stoflow-spool.5")
        listed = re.findall(r"^\.It Pa spool/(\w+)/", page, re.M)
        self.assertEqual(set(listed), known)
        beside = rows(read("spool", "README.md"))
        told = [quoted(cells[0]) for cells in beside]
        self.assertEqual(sorted(told), sorted([f"{n}/"] for n in known))

    def test_rooms(self):
        """the picture of lib/ shows its rooms in their order"""
        (line,) = re.findall(r"^ROOMS := (.*)$", read("Makefile"), re.M)
        known = line.split()
        folders = glob.glob(os.path.join(REPOSITORY, "lib", "*", ""))
        there = {os.path.basename(os.path.dirname(path)) for path in folders}
        self.assertEqual(there, set(known))
        picture = FENCE.search(section(INSIDE, "The eleven rooms")).group(2)
        told = re.findall(r"^  (\S+) +\|", picture, re.M)
        self.assertEqual(told, ["cgi-bin/", *reversed(known)])

    def test_packages(self):
        """the documents tell what each package is for"""
        packages = read("etc", "packages")
        known = set(
            re.findall(r"^[a-z]+(?:-\d+)?\s+(\S+)", packages, re.M)
        )
        told = set()
        for names, _ in rows(section(TESTING, "Packages")):
            told |= set(names.split(", "))
        self.assertEqual(told, known)

    def test_make(self):
        """what the documents tell to make can be made"""
        makefile = read("Makefile")
        known = set(re.findall(r"^#: make ([\w-]+) ", makefile, re.M))
        for line in re.findall(r"^([\w -]+):(?!=)", makefile, re.M):
            known |= set(line.split())
        told = set()
        for text in map(read, documents()):
            told |= set(re.findall(r"^    make ([a-z-]+)", text, re.M))
            told |= set(re.findall(r"`make ([a-z-]+)", text))
        self.assertGreater(len(told), 4)
        self.assertLessEqual(told, known)

    def test_constants(self):
        """numbers that the documents tell are those of the headers"""
        headers = "".join(
            read(path)
            for path in glob.glob(os.path.join(REPOSITORY, "lib/*/*.h"))
        )
        for name, document, phrase in (
            ("PROGRAM_ALARM", "doc/inside.md", "PROGRAM_ALARM | {} |"),
            ("TEMPORARY_AGE", "doc/inside.md", "TEMPORARY_AGE | {} |"),
            ("TEMPORARY_AGE", "man/stoflow-spool.5", "{} seconds"),
            ("TEMPORARY_AGE", "man/sweeper.8", "{} seconds"),
            ("EXPIRED_PER_POLL", "doc/inside.md", "EXPIRED_PER_POLL ({})"),
            ("EXPIRE_FILES", "doc/inside.md", "EXPIRE_FILES ({})"),
            ("EXPIRE_FILES", "man/sweeper.8", "{} files of one user"),
            ("EXPIRE_EVERY", "doc/inside.md", "EXPIRE_EVERY ({})"),
            ("QUEUE_DEEP", "doc/inside.md", "QUEUE_DEEP ({})"),
            ("QUEUE_DEEP", "doc/operate.md", "more than {} tasks"),
            ("SWEEP_SECONDS", "man/sweeper.8", "after {} seconds"),
            ("FIGURES_MANY", "doc/api.md", "more than {} names"),
            ("FIGURES_MANY", "doc/api.md", "more than {} tasks"),
            ("FIGURES_MANY", "doc/inside.md", "FIGURES_MANY ({})"),
            ("FIGURES_KEPT", "doc/api.md", "up to {} seconds old"),
            ("INGEST_IN_PASSING", "doc/inside.md", "INGEST_IN_PASSING ({})"),
            ("DROPS_PER_POLL", "doc/spool.md", "more than {} files"),
            ("RECORD_ERROR_MAX", "doc/api.md", "{} characters are kept"),
            ("RECORD_ERROR_MAX", "man/stoflow-spool.5", "{} characters"),
            ("TIMEOUT_MAX", "doc/api.md", "1 to {}"),
            ("PRIORITY_MAX", "doc/api.md", "0 to {}"),
            ("PRIORITY_MAX", "doc/spool.md", "RANK is {} minus"),
            ("ACTION_LENGTH_MAX", "doc/api.md", "[a-z0-9_]{{1,{}}}"),
            ("ID_LENGTH_MAX", "doc/api.md", "[A-Za-z0-9_-]{{1,{}}}"),
            ("RECEIVE_ID_LENGTH_MIN", "doc/api.md", "({} to "),
            ("INI_LINE_MAX", "man/stoflow.ini.5", "more than {} bytes"),
            ("CONFIG_ACTIONS_MAX", "man/stoflow.ini.5", "may be {} such"),
            ("RETRIES_MAX", "man/stoflow.ini.5", "0 to {}"),
        ):
            with self.subTest(name=name, document=document):
                match = re.search(rf"\b{name} = (\d+)\b", headers)
                self.assertIsNotNone(match, "in no header")
                self.assertIn(phrase.format(match.group(1)), read(document))


    def test_first_screen(self):
        """the listing that the README opens with could be one of ours"""
        kind, listing = FENCE.search(README).groups()
        self.assertEqual(kind, "text")
        grammars = {"done/42": DONE, "executing/42": EXECUTING}
        grammars["pending/42"] = QUEUED
        seen = set()
        for block in listing.split("\n\n"):
            folder, _, names = block.partition(":\n")
            for name in names.split() if folder in grammars else ():
                self.assertRegex(name, grammars[folder])
                seen.add(folder)
        self.assertEqual(seen, set(grammars))


class Guarantees(unittest.TestCase):
    """The numbered guarantees of the README."""

    def test_numbers(self):
        """they are numbered without a gap, and what refers to them exists"""
        text = section(README, "What you can rely on")
        numbers = [int(n) for n in re.findall(r"^- \*\*G(\d+)", text, re.M)]
        self.assertGreater(len(numbers), 5)
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        referring = README + INSIDE
        for number in re.findall(r"\bG(\d+)\b", referring):
            self.assertIn(int(number), numbers)
        argued = {int(n) for n in re.findall(r"\(G(\d+)\)", INSIDE)}
        self.assertLessEqual({1, 3, 4, 5, 6, 10}, argued)

    def test_tried(self):
        """each names tests that try it, and these are there"""
        text = section(README, "What you can rely on")
        promises = re.split(r"^- (?=\*\*G)", text, flags=re.M)[1:]
        for promise in promises:
            with self.subTest(promise=promise[:40]):
                tests = re.findall(r"`(tests/[\w-]+\.t)`", promise)
                self.assertTrue(tests)
                for test in tests:
                    path = os.path.join(REPOSITORY, test)
                    self.assertTrue(os.path.exists(path), test)


class Layout(unittest.TestCase):
    """How documents and sources are set."""

    def test_width(self):
        """no line is wider than 80 columns, but tables and output"""
        for pattern in (
            "*.md",
            "doc/*.md",
            "spool/*.md",
            "www/plugin/*.md",
            "lib/*/*.[ch]",
            "cgi-bin/*.c",
            "man/*",
            "tests/*.t",
            "tests/*/*.py",
            "tests/unit/*/*.[ch]",
            "etc/stoflow.ini",
            "www/*.yaml",
            "Makefile",
        ):
            for path in glob.glob(os.path.join(REPOSITORY, pattern)):
                if os.path.isfile(path):
                    with self.subTest(path=os.path.relpath(path, REPOSITORY)):
                        self.assertEqual(wide_lines(path), [])

    @unittest.skipIf(shutil.which("mandoc") is None, "mandoc is not here")
    def test_pages(self):
        """mandoc has nothing to say about the manual pages"""
        self.assertGreater(len(PAGES), 4)
        done = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "warning", *PAGES],
            capture_output=True,
            timeout=TIMEOUT,
        )
        self.assertEqual((done.returncode, done.stdout), (0, b""))

    def test_references(self):
        """a page that another refers to is one of ours or the system's"""
        ours = {os.path.basename(page).rpartition(".")[0] for page in PAGES}
        system = {"crontab", "cp", "link", "ls", "mv", "rename"}
        found = set(re.findall(r"^\.Xr ([\w.-]+)", ALL_PAGES, re.M))
        self.assertEqual(found - system, ours)


class Tour(unittest.TestCase):
    """The README's tour, taken as a reader does, in a checkout of his own."""

    def setUp(self):
        self.checkout = Checkout()
        self.addCleanup(self.checkout.remove)
        self.server = MakeRun(self.checkout)
        self.addCleanup(self.server.close)
        self.shell = subprocess.Popen(
            ["sh"],
            cwd=self.checkout.path,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.addCleanup(self.end_shell)

    def end_shell(self):
        self.shell.stdin.close()
        self.shell.stdout.close()
        self.shell.wait(TIMEOUT)

    def test_tour(self):
        """every command says what the README shows"""
        text = section(README, "A tour in sixty seconds")
        blocks = FENCE.findall(text)
        self.assertGreater(sum(kind == "sh" for kind, _ in blocks), 8)
        for number, (kind, block) in enumerate(blocks):
            if kind != "sh":
                self.assertEqual(kind, "text")
                self.assertEqual(blocks[number - 1][0], "sh")
                continue
            shown = None
            if number + 1 < len(blocks) and blocks[number + 1][0] == "text":
                shown = blocks[number + 1][1]
            self.take(block, shown)

    def take(self, block, shown):
        """Runs one block. What only looks is repeated for a while, since a
        process that tidies up follows an answer by a moment."""
        self.assertLess(block.count("127.0.0.1"), 2)
        commands = block.replace(":8000", f":{self.server.port}")
        looks = all(
            line.split()[0] in ("ls", "cat") for line in block.splitlines()
        )
        end = time.monotonic() + 20
        while True:
            said = self.run_block(commands)
            if shown is None or re.fullmatch(pattern_of(shown), said):
                return
            if not looks or time.monotonic() > end:
                self.fail(f"{block}says\n{said}but the README shows\n{shown}")
            time.sleep(0.01)

    def run_block(self, commands):
        self.shell.stdin.write(f"{commands}\necho; echo '= end' $?\n")
        self.shell.stdin.flush()
        lines = []
        for line in self.shell.stdout:
            if line.startswith("= end"):
                break
            lines.append(line)
        said = "".join(lines)
        return said[:-1] if said.endswith("\n\n") or said == "\n" else said


def pattern_of(shown):
    pattern = re.escape(shown)
    for varying, by in VARYING:
        pattern = re.sub(varying, by, pattern)
    return pattern


def wide_lines(path):
    """The lines wider than a screen, but rows of tables and output."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".md"):
        text = FENCE.sub("", text)
        text = re.sub(r"^\|.*$", "", text, flags=re.M)
    lines = text.splitlines()
    return [line for line in lines if len(line) > WIDTH and "://" not in line]


if __name__ == "__main__":
    main()
