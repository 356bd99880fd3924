#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `make` finds out about the machine: which compiler makes the programs
static, and whether npm is within reach."""

import os
import shutil
import subprocess
import tempfile
import unittest

from support import main
from support.cgi import TIMEOUT
from support.sources import REPOSITORY

MUSL = shutil.which("musl-gcc")
PLAIN = "int wanted(void); int wanted(void) { return 1; }"
CALLING = "int %s(void); int wanted(void); int wanted(void) { return %s(); }"


class Machine(unittest.TestCase):
    """Tools of our own making come first in PATH."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="stoflow-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.bin = self.place("bin")
        os.mkdir(self.bin)

    def place(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, path, text, mode=0o644):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def script(self, name, text):
        self.write(os.path.join(self.bin, name), f"#!/bin/sh\n{text}\n", 0o755)

    def run_script(self, *command, **environment):
        environment.setdefault("PATH", f"{self.bin}:{os.environ['PATH']}")
        return subprocess.run(
            command,
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )


class Toolchain(Machine):
    """etc/toolchain, and libraries of our own."""

    def library(self, text):
        """An archive with one object, which has the function `wanted`."""
        self.write(self.place("wanted.c"), text)
        for command in (
            ["gcc", "-c", "-O0", "-fno-builtin", "wanted.c"],
            ["ar", "rcs", "libwanted.a", "wanted.o"],
        ):
            subprocess.run(command, cwd=self.folder, check=True)

    def find(self, **environment):
        """(exit status, output, errors, what was found)."""
        done = self.run_script(
            os.path.join(REPOSITORY, "etc", "toolchain"),
            "found",
            "wanted",
            "libwanted.a",
            **environment,
        )
        try:
            with open(self.place("found"), encoding="utf-8") as file:
                found = file.read()
        except FileNotFoundError:
            found = None
        return done.returncode, done.stdout, done.stderr, found

    @unittest.skipUnless(MUSL, "musl-gcc is not installed")
    def test_musl(self):
        """what links with musl is linked with musl, and nothing is said"""
        self.library(PLAIN)
        self.assertEqual(self.find(), (0, "", "", "musl-gcc\n"))

    def test_glibc(self):
        """what wants a name of glibc's is not, and the reason is said once"""
        self.library(CALLING % (("gnu_get_libc_version",) * 2))
        status, said, wrong, found = self.find()
        self.assertEqual((status, wrong, found), (0, "", "gcc\n"))
        self.assertIn("the programs are linked with glibc", said)
        if MUSL:
            self.assertIn("`gnu_get_libc_version'", said)
        self.assertEqual(self.find(), (0, "", "", "gcc\n"))

    @unittest.skipUnless(MUSL, "musl-gcc is not installed")
    def test_other_name(self):
        """a name for large files stands for musl's own one"""
        self.script(
            "musl-gcc",
            f"""case "$*" in
            *--defsym=fopen64=fopen*) exec {MUSL} "$@" ;;
            *) echo "undefined reference to \\`fopen64'" >&2; exit 1 ;;
            esac""",
        )
        self.library(PLAIN)
        status, said, _, found = self.find()
        self.assertEqual(status, 0)
        self.assertEqual(found, "musl-gcc -Wl,--defsym=fopen64=fopen\n")
        self.assertIn("`fopen64'", said)

    def test_no_musl(self):
        """where there is no musl-gcc, glibc it is"""
        needed = "gcc ld as mktemp rm sed sort head grep tail cmp mv cat"
        for name in needed.split():
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        self.library(PLAIN)
        status, said, _, found = self.find(PATH=self.bin)
        self.assertEqual((status, found), (0, "gcc\n"))
        self.assertIn("musl-gcc is not installed", said)

    def test_none(self):
        """where nothing links, that is an error that says what is missing"""
        self.library(CALLING % ("nowhere", "nowhere"))
        status, _, wrong, found = self.find()
        self.assertEqual((status, found), (1, None))
        self.assertIn("`nowhere'", wrong)


class Npm(Machine):
    """etc/setup check in a tree of its own, where npm is a script of ours.
    The packages are there, or these tests would not run."""

    def setUp(self):
        super().setUp()
        for name in ("etc/setup", "etc/packages"):
            os.makedirs(self.place("etc"), exist_ok=True)
            shutil.copy(os.path.join(REPOSITORY, name), self.place(name))
        shutil.copytree(
            os.path.join(REPOSITORY, "tests", "tools"),
            self.place("tests", "tools"),
        )
        self.missing = self.place("build", "tools", "missing")

    def set_up(self, **environment):
        command = (self.place("etc", "setup"), "check")
        return self.run_script(*command, **environment)

    def out_of_reach(self):
        self.script("npm", "echo npm ERR! code ETIMEDOUT >&2; exit 1")

    def test_out_of_reach(self):
        """where npm reaches nobody, the reason is kept, and all goes on"""
        self.out_of_reach()
        done = self.set_up()
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.missing, encoding="utf-8") as file:
            self.assertIn("ETIMEDOUT", file.read())
        self.assertIn("skipped", done.stderr)

    def test_on_ci(self):
        """on CI that is an error"""
        self.out_of_reach()
        done = self.set_up(CI="true")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ETIMEDOUT", done.stderr)

    def test_in_reach_again(self):
        """the next time it is tried again, and then no more"""
        self.out_of_reach()
        self.set_up()
        self.script("npm", "echo >>$0.calls; mkdir node_modules")
        for _ in range(2):
            self.assertEqual(self.set_up().returncode, 0)
        self.assertFalse(os.path.exists(self.missing))
        with open(os.path.join(self.bin, "npm.calls")) as file:
            self.assertEqual(file.read(), "\n")


if __name__ == "__main__":
    main()
