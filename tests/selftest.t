#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a host gets wrong is told by health?selftest=1, and the line that
mends it does mend it."""

import os
import platform
import struct
import subprocess
import tempfile
import time
import unittest

from support import Case, main
from support.apache import (
    COMMON,
    HtaccessDispatched,
    HtaccessRewritten,
    Hosted,
    put_programs,
)
from support.cgi import SANITIZERS, TIMEOUT
from support.fault import why_not
from support.web import Rewritten

TARGET = "/api/health?selftest=1"
CHECKS = [
    "authorization",
    "document_root",
    "spool_modes",
    "token_modes",
    "configuration",
    "cron",
    "files",
    "clock",
    "locks",
    "inotify",
    "disk",
    "limits",
    "processes",
    "stuck",
]


class Selftest(Case):
    """A host, and what is wrong with it."""

    def findings(self, **options):
        """What each check found, by its name."""
        options.setdefault("token", self.backend)
        answer = self.api.get(TARGET, **options)
        self.assertEqual(answer.status, 200, answer)
        found = answer.json["selftest"]
        self.assertEqual([one["check"] for one in found], CHECKS)
        for one in found:
            self.assertEqual("fix" in one, not one["ok"], one)
            self.assertNotEqual(one["detail"], "")
        self.assertEqual(self.root.ls("tmp"), [])
        return {one["check"]: one for one in found}

    def assert_fault(self, check, detail, **options):
        """This check alone finds a fault; its line is returned."""
        self.sweep()
        found = self.findings(**options)
        wrong = [name for name, one in found.items() if not one["ok"]]
        self.assertEqual(wrong, [check], found)
        self.assertIn(detail, found[check]["detail"])
        return found[check]["fix"]

    def run_line(self, line):
        """Does what the line that mends it says, in a shell."""
        done = subprocess.run(
            ["sh", "-c", line],
            env={**SANITIZERS, "PATH": os.environ["PATH"]},
            capture_output=True,
            timeout=TIMEOUT,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""), line)

    def assert_mended(self, **options):
        found = self.findings(**options)
        self.assertEqual([one for one in found.values() if not one["ok"]], [])


class Place(Selftest):
    """Modes, places, settings and cron."""

    def test_fit(self):
        """a host that does everything right"""
        self.sweep()
        self.assert_mended()

    def test_scopes(self):
        """it needs a token of scope backend, and says so"""
        for token in (self.plugin, self.cron):
            answer = self.api.get(TARGET, token=token)
            self.assert_problem(answer, 403, "wrong_scope")
        answer = self.api.get(TARGET)
        self.assert_problem(answer, 401, "token_missing", "SetEnvIf")

    def test_not_asked(self):
        """nothing is tested where nobody asks for it"""
        for query in ("", "?selftest=0"):
            answer = self.api.get(f"/api/health{query}", token=self.backend)
            self.assertEqual(answer.status, 200)
            self.assertNotIn("selftest", answer.json)
        self.assertNotIn("selftest", self.root.ls("index"))

    def test_document_root(self):
        """a root below the document root, also by a symbolic link"""
        link = self.root.path + ".link"
        os.symlink(self.root.path, link)
        self.addCleanup(os.unlink, link)
        for folder in (self.root.path, os.path.dirname(self.root.path), link):
            for root in (self.root.path, link):
                with self.subTest(folder=folder, root=root):
                    fix = self.assert_fault(
                        "document_root",
                        "The spool and the tokens lie in the document root",
                        env={"DOCUMENT_ROOT": folder, "STOFLOW_ROOT": root},
                    )
                    self.assertIn("stoflow.root", fix)

    def test_parts_of_the_root(self):
        """the spool alone, or the tokens alone"""
        self.sweep()
        for name, detail in (("spool", "The spool"), ("etc", "The tokens")):
            with self.subTest(name=name):
                folder = os.path.join(self.root.path, name)
                self.assert_fault(
                    "document_root",
                    f"{detail} lie",
                    env={"DOCUMENT_ROOT": folder},
                )

    def test_beside_the_document_root(self):
        """a folder that begins with the same letters is another one"""
        other = self.root.path[:-1]
        os.mkdir(other)
        self.addCleanup(os.rmdir, other)
        www = os.path.join(self.root.path, "www")
        os.mkdir(www)
        self.sweep()
        for folder in (other, www, "/nowhere"):
            with self.subTest(folder=folder):
                self.assert_mended(env={"DOCUMENT_ROOT": folder})

    def test_spool_modes(self):
        """folders of the spool that others may look into"""
        for names, mode in (((), 0o755), (("pending",), 0o710)):
            with self.subTest(names=names):
                self.sweep()
                os.chmod(self.root.place(*names), mode)
                detail = "/".join(("spool", *names)) + f" has mode {mode:04o}"
                fix = self.assert_fault("spool_modes", detail)
                self.run_line(fix)
                self.assert_mended()

    def test_token_modes(self):
        """a folder of tokens that others may look into"""
        tokens = os.path.join(self.root.path, "etc", "tokens")
        os.chmod(self.root.path, 0o711)
        os.chmod(os.path.dirname(tokens), 0o755)
        os.chmod(tokens, 0o755)
        self.run_line(self.assert_fault("token_modes", "has mode 0755"))
        self.assert_mended()
        os.chmod(tokens, 0o755)
        os.chmod(self.root.path, 0o700)
        self.assert_mended()

    def test_configuration(self):
        """a wrong stoflow.ini, with its line"""
        self.sweep()
        self.root.write_ini("[queue]\nsettle = 2\nsettel = 2\n")
        found = self.findings()["configuration"]
        self.assertIn("line 3", found["detail"])
        self.assertIn("line 3 of " + self.root.path, found["fix"])
        self.root.configure()


class Cron(Selftest):
    """Whether anything has called the sweeper."""

    def test_never(self):
        """cron was never seen; the line for it is one that works"""
        found = self.findings()["cron"]
        self.assertFalse(found["ok"])
        when, _, line = found["fix"].rpartition("* ")
        self.assertEqual(when, "* * * * ")
        self.run_line(line)
        self.assert_mended()

    def test_not_seen(self):
        """a dry run and a sweep that follows an answer do not count"""
        self.sweep("--dry-run")
        self.api.get("/api/sweeper?dry_run=1", token=self.cron)
        self.assertFalse(self.findings()["cron"]["ok"])
        self.assertNotIn("cron", self.root.ls("index"))

    def test_called(self):
        """a call by URL counts"""
        self.api.get("/api/sweeper", token=self.cron)
        self.assert_mended()

    def test_long_ago(self):
        """cron has stopped: it says when it last ran"""
        self.sweep()
        stamp = self.root.place("index", "cron")
        self.root.set_age(stamp, 86000)
        self.assert_mended()
        self.root.set_age(stamp, 87000)
        found = self.findings()["cron"]
        self.assertFalse(found["ok"])
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 87000))
        self.assertIn(day, found["detail"])

    def test_in_the_future(self):
        """nor has cron run next year"""
        self.sweep()
        self.root.set_age(self.root.place("index", "cron"), -366 * 86400)
        self.assertFalse(self.findings()["cron"]["ok"])

    def test_background(self):
        """what the lack of cron means depends on `background`"""
        self.assertIn("background = no", self.findings()["cron"]["detail"])
        self.root.configure(queue={"background": "yes", "sweep_every": 86400})
        self.assertIn("Only requests", self.findings()["cron"]["detail"])


class Disk(Selftest):
    """What the file system cannot do; strace(1) takes it away."""

    def setUp(self):
        reason = why_not()
        if reason:
            self.skipTest(reason)
        super().setUp()

    def without(self, *injections):
        """Options for a request whose program meets these faults."""
        options = SANITIZERS.get("ASAN_OPTIONS", "exitcode=86")
        return {
            # The leak detector traces, too, and there can be but one.
            "env": {
                "ASAN_OPTIONS": options + ":detect_leaks=0",
                "PATH": os.environ["PATH"],
            },
            "wrapper": (
                "strace",
                "-o",
                "/dev/null",
                *(f"--inject={one}" for one in injections),
            ),
        }

    def test_files(self):
        """no links, no rename, no fsync: what does not work is named"""
        self.sweep()
        for calls, error, detail, fix in (
            ("link,linkat", "EPERM", "link(2) does not work", "chmod"),
            ("link,linkat", "EOPNOTSUPP", "link(2) does not", "Move"),
            ("rename,renameat", "EIO", "rename(2) does not work", "Move"),
        ):
            with self.subTest(calls=calls, error=error):
                line = self.assert_fault(
                    "files", detail, **self.without(f"{calls}:error={error}")
                )
                self.assertIn(fix, line)

    def test_no_fsync(self):
        """a disk on which nothing is safe"""
        self.sweep()
        found = self.findings(**self.without("fsync:error=EIO"))
        self.assertIn("fsync(2) does not", found["files"]["detail"])
        # the folder's fsync alone, after those of health itself and the file
        found = self.findings(**self.without("fsync:error=EIO:when=3"))
        self.assertIn("fsync(2) of a folder", found["files"]["detail"])

    def test_full(self):
        """a full disk: the answer is no 507, since it says what helps"""
        self.sweep()
        options = self.without("fsync:error=ENOSPC")
        answer = self.api.get(TARGET, token=self.backend, **options)
        self.assertEqual(answer.json["status"], "degraded")
        found = {one["check"]: one for one in answer.json["selftest"]}
        self.assertIn("keep_done", found["files"]["fix"])

    def last(self, name, pattern):
        """Which of the calls of this name is the last that matches."""
        with tempfile.NamedTemporaryFile("r") as log:
            options = self.without()
            trace = ("-e", f"trace={name}", "-o", log.name)
            options["wrapper"] = ("strace", *trace)
            self.findings(**options)
            calls = log.read().splitlines()
        found = [n for n, call in enumerate(calls, 1) if pattern in call]
        self.assertNotEqual(found, [], calls)
        return found[-1]

    @unittest.skipUnless(platform.machine() == "x86_64", "struct stat is its")
    def test_clock(self):
        """a file system whose clock is off, by more than two seconds"""
        self.sweep()
        name = "newfstatat"
        when = self.last(name, '"tmp/1')  # of a file: named by its moment
        for seconds, side in (
            (-60, "behind"),
            (60, "ahead of"),
            (0, None),
            (2, None),
        ):
            with self.subTest(seconds=seconds):
                moment = int(time.time()) + seconds
                status = struct.pack("=88xq8x", moment).hex()
                clock = self.findings(
                    **self.without(
                        f"{name}:poke_exit=@arg3={status}:when={when}"
                    )
                )["clock"]
                self.assertEqual(clock["ok"], side is None, clock)
                if side is not None:
                    self.assertIn(f" s {side} that", clock["detail"])

    def test_locks(self):
        """no locks"""
        self.sweep()
        when = self.last("fcntl", "F_SETLK,")
        self.assert_fault(
            "locks",
            "no locks",
            **self.without(f"fcntl:error=ENOLCK:when={when}"),
        )

    def test_inotify(self):
        """no inotify"""
        for injection in (
            "inotify_init1:error=EMFILE",
            "inotify_add_watch:error=ENOSPC",
        ):
            with self.subTest(injection=injection):
                self.assert_fault(
                    "inotify", "half second", **self.without(injection)
                )

    def test_disk(self):
        """a disk that is too full for new tasks"""
        self.sweep()
        status = struct.pack("=2q3Q2Q", 0xEF53, 4096, 10**6, 9, 9, 10**6, 500)
        options = self.without(f"fstatfs:poke_exit=@arg2={status.hex()}")
        fix = self.assert_fault("disk", "36864 bytes", **options)
        self.assertIn("keep_done", fix)


class AtLighttpd(Selftest):
    """What lighttpd tells."""

    transport = Rewritten

    def test_fit(self):
        """nothing is wrong with etc/lighttpd.conf"""
        self.sweep()
        self.assert_mended()


class AtHost(Selftest):
    """What a host with etc/htaccess tells."""

    transport = HtaccessRewritten

    def test_fit(self):
        """the header comes the long way, which is no fault"""
        self.sweep()
        self.assert_mended()
        found = self.findings()["authorization"]
        self.assertIn(" REDIRECT_HTTP_AUTHORIZATION", found["detail"])


class Bare(Hosted):
    """A host that strips the header."""

    modules = (*COMMON, "setenvif")

    def lay_out(self):
        put_programs(os.path.join(self.folder, "cgi-bin"), self.root)


class BareDispatched(HtaccessDispatched):
    kind = Bare


class AtBareHost(Selftest):
    """A host that strips the Authorization header."""

    transport = BareDispatched

    def test_stripped(self):
        """the 401 tells the line that mends it"""
        self.sweep()
        answer = self.api.get(TARGET, token=self.backend)
        self.assert_problem(answer, 401, "token_missing")
        own = {"X-StoFlow-Token": self.backend}
        found = self.findings(token=None, headers=own)["authorization"]
        self.assertIn(" X-StoFlow-Token", found["detail"])
        line = answer.detail[answer.detail.index("SetEnvIf") :]
        folder = os.path.join(self.api.server.folder, "cgi-bin")
        with open(os.path.join(folder, ".htaccess"), "w") as file:
            file.write(line + "\n")
        self.assert_mended()
        found = self.findings()["authorization"]
        self.assertIn(" HTTP_AUTHORIZATION", found["detail"])


if __name__ == "__main__":
    main()
