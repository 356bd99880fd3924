#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where the programs find etc/ and spool/, in which order."""

import os
import shutil

from support import Case, main
from support.cgi import Direct, program
from support.root import Root

POLL = "/api/plugin/tasks?user_id=42"
PROGRAMS = ("api", "create-task", "health", "next-task", "result", "sweeper")


class Roots(Case):
    """Programs copied to another place, as an upload to a host does."""

    def setUp(self):
        super().setUp()
        self.other = Root()
        self.addCleanup(self.other.remove)
        self.folder = os.path.join(self.other.path, "cgi-bin")
        os.mkdir(self.folder)
        for name in PROGRAMS:
            shutil.copy(program(name), self.folder)
        self.pointer = os.path.join(self.folder, "stoflow.root")

    def poll_status(self, token, environment=None, name="next-task"):
        """The status of a poll that a copied program answers."""
        copied = Direct(self.root, self.folder)
        answer = copied.get(
            POLL,
            token=token,
            program_name=name,
            env={"STOFLOW_ROOT": environment},
        )
        return answer.status

    def test_beside(self):
        """ROOT/cgi-bin/NAME finds ROOT by where it stands"""
        token = self.other.token(42, "plugin")
        self.assertEqual(self.poll_status(token), 200)
        self.assertTrue(os.path.isdir(self.other.spool))
        self.assertEqual(self.poll_status(self.plugin), 401)

    def test_pointer(self):
        """stoflow.root beside the program comes before that"""
        for text in (self.root.path, self.root.path + "\n", "%s\r\n# x\n"):
            with self.subTest(text=text):
                Root.write(self.pointer, text.replace("%s", self.root.path))
                self.assertEqual(self.poll_status(self.plugin), 200)
                self.assertFalse(os.path.exists(self.other.spool))

    def test_environment(self):
        """STOFLOW_ROOT comes before both"""
        Root.write(self.pointer, "/nowhere")
        status = self.poll_status(self.plugin, self.root.path)
        self.assertEqual(status, 200)

    def test_dispatcher(self):
        """api answers every route by itself"""
        token = self.other.token(42, "plugin")
        self.assertEqual(self.poll_status(token, name="api"), 200)

    def test_no_sibling(self):
        """with no other program beside it, too"""
        for name in PROGRAMS:
            if name != "api":
                os.unlink(os.path.join(self.folder, name))
        token = self.other.token(42, "plugin")
        self.assertEqual(self.poll_status(token, name="api"), 200)
        self.assertTrue(os.path.isdir(self.other.spool))

    def test_wrong_pointers(self):
        """a stoflow.root that names no folder is told, and no guess made"""
        for text in ("", "\n", "relative/path", "/nowhere/at/all", "\0"):
            with self.subTest(text=repr(text)):
                Root.write(self.pointer, text)
                self.assertEqual(self.poll_status(self.plugin), 500)
                self.assertFalse(os.path.exists(self.other.spool))

    def test_wrong_environment(self):
        """so is a wrong STOFLOW_ROOT"""
        for place in ("/nowhere/at/all", "relative/path", "/dev/null"):
            with self.subTest(place=place):
                status = self.poll_status(self.plugin, place)
                self.assertIn(status, (500, 503))
                self.assertFalse(os.path.exists(self.other.spool))


if __name__ == "__main__":
    main()
