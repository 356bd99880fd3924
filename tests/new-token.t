#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""etc/new-token: what it prints, what it writes, what it refuses."""

import base64
import datetime
import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

from tap import TAPTestRunner

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NEW_TOKEN = os.path.join(REPOSITORY, "etc", "new-token")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
INI_LINE_MAX = 190
USER_MAX = 2**63 - 1
MISUSED = 100
FAILED = 111


def new_token(*arguments, script=NEW_TOKEN, root=None, **options):
    """Runs the script; `root` becomes its STOFLOW_ROOT."""
    environment = {"PATH": os.environ["PATH"]}
    if root is not None:
        environment["STOFLOW_ROOT"] = root
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [script, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        **options,
    )


class NewTokenCase(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="new token ")
        self.addCleanup(self.place.cleanup)
        self.root = self.place.name
        self.tokens = os.path.join(self.root, "etc", "tokens")

    def make(self, *arguments):
        """A token made in self.root, as (token, entries of its file)."""
        run = new_token("--root", self.root, *arguments)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        token = run.stdout.decode().removesuffix("\n")
        return token, self.entries(token)

    def path_of(self, token, root=None):
        name = hashlib.sha256(token.encode()).hexdigest() + ".ini"
        return os.path.join(root or self.root, "etc", "tokens", name)

    def entries(self, token):
        with open(self.path_of(token), "rb") as file:
            text = file.read()
        self.assertTrue(text.endswith(b"\n"), text)
        entries = {}
        for line in text.decode().splitlines():
            key, separator, value = line.partition(" = ")
            self.assertTrue(separator, line)
            self.assertNotIn(key, entries)
            entries[key] = value
        return entries

    def refused(self, status, *arguments, says=None):
        """Fails as told, prints no token, leaves no file."""
        run = new_token("--root", self.root, *arguments)
        self.assertEqual((run.returncode, run.stdout), (status, b""), arguments)
        self.assertNotEqual(run.stderr, b"")
        if says is not None:
            self.assertIn(says, run.stderr.decode())
        self.assertEqual(self.files(), [])

    def files(self):
        return os.listdir(self.tokens) if os.path.exists(self.tokens) else []


class Made(NewTokenCase):
    def test_token_is_prefix_and_32_random_bytes_alone_on_a_line(self):
        run = new_token("--root", self.root, "42", "plugin")
        self.assertRegex(run.stdout, rb"\Astf_[A-Za-z0-9_-]{43}\n\Z")
        random = run.stdout.decode()[4:47] + "="
        self.assertEqual(len(base64.urlsafe_b64decode(random)), 32)

    def test_no_two_tokens_are_equal(self):
        tokens = {self.make("42", "plugin")[0] for _ in range(20)}
        self.assertEqual(len(tokens), 20)
        self.assertEqual(len(self.files()), 20)

    def test_file_bears_the_hash_and_nothing_else_is_left(self):
        token, _ = self.make("42", "plugin")
        self.assertEqual(self.files(), [os.path.basename(self.path_of(token))])

    def test_the_token_itself_is_not_stored(self):
        token, entries = self.make("42", "plugin", "note")
        self.assertNotIn(token, repr(entries))

    def test_entries(self):
        before = utc_now().replace(microsecond=0)
        _, entries = self.make("42", "plugin", "the laptop, 2nd try")
        text = entries.pop("created")
        created = datetime.datetime.strptime(text, TIME_FORMAT)
        self.assertLessEqual(before, created)
        self.assertLessEqual(created, utc_now())
        self.assertEqual(
            entries,
            {
                "user_id": "42",
                "scope": "plugin",
                "note": "the laptop, 2nd try",
            },
        )

    def test_without_a_note_there_is_no_note(self):
        for arguments in (("*", "cron"), ("*", "cron", "")):
            _, entries = self.make(*arguments)
            self.assertEqual(set(entries), {"user_id", "scope", "created"})

    def test_users_and_scopes(self):
        for user in ("1", "42", str(USER_MAX - 1), str(USER_MAX), "*"):
            for scope in ("plugin", "backend", "cron"):
                with self.subTest(user=user, scope=scope):
                    _, entries = self.make(user, scope)
                    self.assertEqual(entries["user_id"], user)
                    self.assertEqual(entries["scope"], scope)

    def test_notes_that_come_back_as_they_are(self):
        for note in (
            "a;b",
            "a = b: c",
            "# not a comment here",
            "[brackets]",
            "Zoé, l'été",
            "x" * 183,
            "$(id) `id` \\n %s *",
        ):
            with self.subTest(note=note):
                _, entries = self.make("42", "plugin", note)
                self.assertEqual(entries["note"], note)

    def test_no_line_is_too_long_for_inih(self):
        token, _ = self.make(str(USER_MAX), "backend", "é" * 91 + "x")
        with open(self.path_of(token), "rb") as file:
            longest = max(len(line) for line in file.read().splitlines())
        self.assertEqual(longest, INI_LINE_MAX)

    def test_modes_whatever_the_umask(self):
        for umask in (0, 0o777):
            with self.subTest(umask=oct(umask)):
                shutil.rmtree(os.path.join(self.root, "etc"), True)
                token = new_token(
                    "--root", self.root, "42", "plugin", umask=umask
                ).stdout.decode()[:-1]
                self.assertEqual(mode_of(self.tokens), 0o700)
                self.assertEqual(mode_of(self.path_of(token)), 0o600)

    def test_expires(self):
        for moment in ("2999-12-31T23:59:59Z", "2400-02-29T00:00:00Z"):
            _, entries = self.make("--expires", moment, "42", "plugin")
            self.assertEqual(entries["expires"], moment)


class Root(NewTokenCase):
    def test_option_comes_before_the_environment(self):
        with tempfile.TemporaryDirectory() as other:
            run = new_token("--root", self.root, "42", "plugin", root=other)
            token = run.stdout.decode()[:-1]
            self.assertTrue(os.path.exists(self.path_of(token)))
            self.assertEqual(os.listdir(other), [])

    def test_environment_comes_before_the_place_of_the_script(self):
        token = new_token("42", "plugin", root=self.root).stdout.decode()[:-1]
        self.assertTrue(os.path.exists(self.path_of(token)))

    def test_else_it_is_the_folder_above_the_script(self):
        etc = os.path.join(self.root, "etc")
        os.mkdir(etc)
        script = shutil.copy(NEW_TOKEN, etc)
        token = new_token("42", "plugin", script=script, cwd="/")
        path = self.path_of(token.stdout.decode()[:-1])
        self.assertTrue(os.path.exists(path))

    def test_relative_root_that_looks_like_an_option(self):
        os.mkdir(os.path.join(self.root, "-x y"))
        run = new_token("--root", "-x y", "42", "plugin", cwd=self.root)
        path = self.path_of(
            run.stdout.decode()[:-1], os.path.join(self.root, "-x y")
        )
        self.assertTrue(os.path.exists(path), run.stderr)

    def test_root_that_is_not_there(self):
        missing = os.path.join(self.root, "missing")
        self.refused(MISUSED, "--root", missing, "42", "plugin", says=missing)
        self.assertFalse(os.path.exists(missing))


class Refused(NewTokenCase):
    def test_users(self):
        for user in (
            "",
            "0",
            "042",
            "-1",
            "+1",
            "1.0",
            "1e3",
            " 1",
            "1\n",
            "**",
            "x",
            "../x",
            str(USER_MAX + 1),
            str(10**19),
            "9" * 400,
        ):
            with self.subTest(user=user):
                # "--", or a minus would be taken for an option
                self.refused(MISUSED, "--", user, "plugin", says="USER")

    def test_scopes(self):
        for scope in ("", "Plugin", "admin", "plugin ", "plugin\n", "*"):
            with self.subTest(scope=scope):
                self.refused(MISUSED, "42", scope, says="SCOPE")

    def test_notes(self):
        for note in (
            "two\nlines",
            "user_id\r",
            "tab\there",
            "bell\a",
            "\x7f",
            "cut ;here",
            ";all",
            " before",
            "after ",
            "x" * 184,
            "é" * 92,
        ):
            with self.subTest(note=note):
                self.refused(MISUSED, "42", "plugin", note, says="NOTE")

    def test_expiries(self):
        for moment in (
            "tomorrow",
            "2999-12-31",
            "2999-12-31T23:59:59",
            "2999-12-31T23:59:59+00:00",
            "2999-12-31T23:59:59.5Z",
            "2999-02-29T00:00:00Z",
            "2999-12-31T24:00:01Z",
            "2999-12-31T23:59:59Z\n",
            "2001-01-01T00:00:00Z",
        ):
            with self.subTest(moment=moment):
                self.refused(MISUSED, "--expires", moment, "42", "plugin")

    def test_arguments(self):
        for arguments in (
            (),
            ("42",),
            ("42", "plugin", "a", "note"),
            ("--unknown", "42", "plugin"),
            ("--root",),
            ("--root", "", "42", "plugin"),
            ("--expires",),
        ):
            with self.subTest(arguments=arguments):
                self.refused(MISUSED, *arguments)

    def test_help_goes_to_standard_output(self):
        run = new_token("--help")
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertIn(b"--expires TIME", run.stdout)
        self.assertIn(b"111", run.stdout)


class Failing(NewTokenCase):
    def test_place_that_cannot_hold_tokens(self):
        os.mkdir(os.path.join(self.root, "etc"))
        with open(self.tokens, "wb"):
            pass
        run = new_token("--root", self.root, "42", "plugin")
        self.assertEqual((run.returncode, run.stdout), (FAILED, b""))
        self.assertIn(self.tokens.encode(), run.stderr)

    def test_a_token_that_nobody_saw_is_withdrawn(self):
        with open("/dev/full", "wb") as full:
            run = new_token("--root", self.root, "42", "plugin", stdout=full)
        self.assertEqual(run.returncode, FAILED)
        self.assertEqual(self.files(), [])

    def test_a_reader_that_has_gone_counts_as_nobody(self):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            run = new_token("--root", self.root, "42", "plugin", stdout=writing)
        finally:
            os.close(writing)
        self.assertEqual(run.returncode, FAILED)
        self.assertEqual(self.files(), [])


class Needs(NewTokenCase):
    def test_nothing_but_coreutils(self):
        """With a PATH that holds only what the coreutils package ships."""
        listed = subprocess.run(
            ["dpkg-query", "-L", "coreutils"], capture_output=True, check=True
        ).stdout.decode()
        tools = os.path.join(self.root, "tools")
        os.mkdir(tools)
        for path in re.findall(r"^(?:/usr)?/bin/\S+$", listed, re.MULTILINE):
            if not os.path.isdir(path):
                os.symlink(path, os.path.join(tools, os.path.basename(path)))
        run = subprocess.run(
            ["/bin/sh", NEW_TOKEN, "--root", self.root, "42", "plugin"],
            env={"PATH": tools},
            capture_output=True,
            check=False,
        )
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(len(self.files()), 1)


def utc_now():
    """As strptime() of TIME_FORMAT knows it: without its zone."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


if __name__ == "__main__":
    runner = TAPTestRunner()
    runner.set_stream(True)
    unittest.main(testRunner=runner)
