#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The checkout is a root: what `make run` serves, writes and leaves alone."""

import os
import re
import shutil
import socket
import stat
import unittest

from support import main
from support.checkout import Checkout, MakeRun
from support.responder import children, wait_for_end
from support.sources import directories
from support.server import connect

OURS = {"example.json", "README.md"}  # beside the folders of the spool
FAILED = 111
MISUSED = 100


def picture(*places):
    """Every path below these with its content, or None for a folder."""
    seen = {}
    for place in places:
        if os.path.isfile(place):
            with open(place, "rb") as file:
                seen[place] = file.read()
            continue
        for folder, _, names in os.walk(place):
            seen[folder] = None
            seen.update(picture(*(os.path.join(folder, n) for n in names)))
    return seen


class Run(unittest.TestCase):
    """A fresh copy of this checkout, in which etc/run is started."""

    def setUp(self):
        self.checkout = Checkout()
        self.addCleanup(self.checkout.remove)

    def serve(self, *options, root=None):
        ways = [word for word in options if word.startswith("--")]
        roots = [word for word in options if word not in ways]
        words = ("etc/run", *ways, "{}", *roots)
        server = MakeRun(self.checkout, *words, root=root)
        self.addCleanup(self.stop, server)
        return server

    def stop(self, server):
        if not server.log.closed:
            server.close()

    def place(self, *parts):
        return self.checkout.place(*parts)

    def shell(self, commands, status=0):
        """What the commands say in the checkout."""
        done = self.checkout.call("sh", "-euc", commands)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def poll(self, server):
        """The ID of the task that a poll with its own token gets."""
        return self.shell(
            f"curl -sf -H 'Authorization: Bearer {server.token('plugin')}' "
            f"'http://127.0.0.1:{server.port}/api/plugin/tasks?user_id=42' | "
            'sed \'s/.*"task_id":"*\\([^",]*\\).*/\\1/\''
        ).strip()

    def mode(self, *parts):
        return stat.S_IMODE(os.stat(self.place(*parts)).st_mode)


class Serve(Run):
    """etc/run over the checkout that it stands in."""

    def test_first_look(self):
        """`ls spool` shows every folder at once, and only to its owner"""
        os.chmod(self.checkout.spool, 0o755)
        before = picture(self.place("etc", "lighttpd.conf"))
        self.serve()
        shown = set(self.shell("ls spool").split())
        self.assertEqual(shown, directories() | OURS)
        closed = {"spool", "etc/tokens"}
        closed |= {f"spool/{name}" for name in directories()}
        for name in closed:
            self.assertEqual(self.mode(name), 0o700, name)
        for name in ("etc/run.tokens", "etc/run.conf"):
            self.assertEqual(self.mode(name), 0o600, name)
        self.assertEqual(picture(*before), before)

    def test_one_task(self):
        """the example that is copied into the queue is handed out"""
        server = self.serve()
        self.shell("cp spool/example.json spool/pending/")
        self.assertRegex(self.poll(server), r"^example-\d{8}-\d{6}$")
        self.assertEqual(self.poll(server), "null")

    def test_fastcgi(self):
        """with FASTCGI=1 processes stay, and Ctrl-C ends them, too"""
        server = self.serve("--fastcgi")
        self.shell("cp spool/example.json spool/pending/")
        self.assertRegex(self.poll(server), r"^example-")
        (parent,) = children(server.process.pid)
        workers = children(parent)
        self.assertEqual(len(workers), 4)
        server.close()
        self.assertTrue(wait_for_end([parent, *workers]))

    def test_far_down(self):
        """and where the path is longer than that of a socket may be"""
        far = os.path.join("far", "down" * 40)
        server = self.serve("--fastcgi", far, root=self.place(far))
        self.assertEqual(self.poll(server), "null")
        self.assertEqual(len(children(server.process.pid)), 1)

    def test_again(self):
        """the next run goes on with the queue and with the tokens"""
        server = self.serve()
        self.shell("cp spool/example.json spool/pending/; cgi-bin/sweeper")
        kept = picture(self.place("etc"), self.place("spool", "pending"))
        token = server.token("plugin")
        server.close()
        server = self.serve()
        self.assertEqual(server.token("plugin"), token)
        del kept[self.place("etc", "run.conf")]  # it names the port
        now = picture(self.place("etc"), self.place("spool", "pending"))
        self.assertEqual(kept, {path: now.get(path) for path in kept})
        self.assertRegex(self.poll(server), "^example-")

    @unittest.skipIf(shutil.which("git") is None, "git is not here")
    def test_nothing_shows(self):
        """git sees nothing of what a run writes"""
        self.git("init -q")
        self.git("add -A")
        self.git("commit -qm x")
        self.assertEqual(self.git("ls-files spool"), "spool/README.md\n")
        known = self.git("ls-files etc").split()
        self.assertLessEqual({"etc/run", "etc/lighttpd.conf"}, set(known))
        server = self.serve()
        self.shell("cp spool/example.json spool/list.json")
        self.shell("cp spool/example.json spool/pending/")
        self.poll(server)
        self.shell("etc/new-token 43 plugin; echo x >spool/pending/43.json")
        server.close()
        status = self.git("status --porcelain --untracked-files=all")
        self.assertEqual(status, "")

    def git(self, command):
        return self.shell(
            "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1; "
            f"git -c user.name=x -c user.email=x@y.z {command}"
        )

    def test_what_is_served(self):
        """of all that lies in the checkout, only pages are sent"""
        server = self.serve()
        os.mkdir(self.place(".git"))
        self.shell("echo secret >.git/config; cp Makefile www/.secret")
        token = self.shell("cd etc/tokens; ls").split()[0]
        for name in (
            "spool/README.md",
            "spool/example.json",
            "spool/log/access.log",
            "etc/run.tokens",
            "etc/run.conf",
            "etc/stoflow.ini",
            f"etc/tokens/{token}",
            ".git/config",
            "Makefile",
            "cgi-bin/health.c",
            "www/index.html",
        ):
            for path in self.ways_to(name):
                with self.subTest(path=path):
                    status = self.ask(server, path)
                    self.assertIn(status, (400, 403, 404), path)
        self.assertEqual(self.ask(server, "/.secret"), 403)
        self.assertEqual(self.ask(server, "/index.html"), 200)
        self.assertEqual(self.ask(server, "/cgi-bin/health"), 200)

    def ways_to(self, name):
        """Paths that a careless server would follow there."""
        yield "/" + name
        for up in ("../", "%2e%2e/", "..%2f", "%2e%2e%2f", ".%00./", "..\\"):
            yield f"/{up}{name}"
            for folder in ("app", "cgi-bin", "plugin/content"):
                yield f"/{folder}/{up * (folder.count('/') + 2)}{name}"
                yield f"/{folder}/{up}{name}"
        if name != "cgi-bin/health.c":
            yield f"/cgi-bin/health/../../{name}"
            yield f"/cgi-bin//../{name}"

    def ask(self, server, path):
        """The status; what is sent back with it must be no secret."""
        with connect(server.port) as connection:
            request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
            connection.sendall(request.encode())
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        for secret in (b"secret", b"stf_", b"scope =", b"#include", b"var."):
            self.assertNotIn(secret, answer)
        return int(answer.split(b" ", 2)[1])

    def test_removed(self):
        """whoever removes the spool, with or without its map, gets a new"""
        for command in ("rm -r spool/*/", "rm -r spool"):
            with self.subTest(command=command):
                server = self.serve()
                self.shell("cp spool/example.json spool/pending/")
                server.close()
                self.shell(command)
                server = self.serve()
                self.assertEqual(self.poll(server), "null")
                server.close()
                shown = set(self.shell("ls spool").split())
                self.assertEqual(shown - OURS, directories())

    def test_clean(self):
        """`make clean` takes what was built, and nothing that a run wrote"""
        server = self.serve()
        self.shell("cp spool/example.json spool/pending/")
        self.poll(server)
        server.close()
        self.checkout.wait()
        before = picture(self.place("spool"), self.place("etc"))
        self.assertIn(self.place("etc", "run.tokens"), before)
        self.shell("mkdir -p build; make clean")
        self.assertEqual(
            picture(self.place("spool"), self.place("etc")), before
        )
        self.assertFalse(os.path.exists(self.place("build")))
        self.assertFalse(os.path.exists(self.place("cgi-bin", "sweeper")))

    def test_misuse(self):
        """a command that says too little or too much is told how"""
        for words in ((), ("8000", ""), ("8000", "x", "y")):
            with self.subTest(words=words):
                done = self.checkout.call("etc/run", *words)
                self.assertEqual(done.returncode, MISUSED)
                usage = "usage: etc/run [--fastcgi] PORT [ROOT]"
                self.assertIn(usage, done.stderr)


class Elsewhere(Run):
    """Other roots than the checkout, and what earlier versions left."""

    def here(self):
        """What lies in the checkout, but for run/."""
        return {
            path: content
            for path, content in picture(self.checkout.path).items()
            if not path.startswith(self.place("run"))
        }

    def test_root(self):
        """with ROOT= all that is written is written there"""
        before = self.here()
        server = self.serve("run", root=self.place("run"))
        self.shell("cp run/spool/example.json run/spool/pending/")
        self.assertRegex(self.poll(server), "^example-")
        server.close()
        self.checkout.wait()
        self.assertEqual(self.here(), before)
        self.assertEqual(
            sorted(os.listdir(self.place("run", "etc"))),
            ["run.conf", "run.tokens", "stoflow.ini", "tokens"],
        )
        shown = set(self.shell("ls run/spool").split())
        self.assertEqual(shown, directories() | OURS)

    def leave_queue(self):
        """A task in run/, as an earlier version left it there."""
        server = self.serve("run", root=self.place("run"))
        self.shell("cp run/spool/example.json run/spool/pending/old.json")
        server.close()

    def refused(self):
        done = self.checkout.call("etc/run", "1")
        self.assertEqual(done.returncode, FAILED)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_told(self):
        """a queue in run/ is told of, and nothing is served or written"""
        self.leave_queue()
        before = picture(self.checkout.path)
        said = self.refused()
        self.assertIn("the queue of earlier runs is in ./run", said)
        for root in ("run", "."):
            self.assertIn(f"\n    make run ROOT={root} ", said)
        self.assertEqual(picture(self.checkout.path), before)

    def test_go_on(self):
        """ROOT=run goes on with it"""
        self.leave_queue()
        server = self.serve("run", root=self.place("run"))
        self.assertRegex(self.poll(server), "^example-")

    def test_move(self):
        """it goes on here once it was moved by the command that is told"""
        self.leave_queue()
        kept = picture(self.place("run", "etc", "run.tokens"))
        (command,) = re.findall("^    (mv .*)$", self.refused(), re.M)
        self.shell(command)
        server = self.serve()
        self.assertIn(server.token("plugin").encode(), *kept.values())
        self.assertRegex(self.poll(server), "^example-")
        self.assertNotIn("earlier runs", server.said())

    def test_start_anew(self):
        """ROOT=. starts a new one; from then on it is only told of"""
        self.leave_queue()
        self.serve(".").close()
        server = self.serve()
        self.assertEqual(self.poll(server), "null")
        self.assertIn("make run ROOT=run serves it", server.said())
        kept = os.listdir(self.place("run", "spool", "pending"))
        self.assertEqual(kept, ["old.json"])

    def test_run_without_queue(self):
        """a folder run/ in which no queue lies says nothing"""
        os.makedirs(self.place("run", "spool"))
        self.assertNotIn("earlier runs", self.serve().said())


class Install(Run):
    """`make install`; what it installs is taken as built."""

    def install(self):
        self.shell("make -o all install DESTDIR=$PWD/to")
        return self.place("to", "srv", "stoflow")

    def test_new(self):
        """a new root has the map of its queue, in a folder of its owner's"""
        spool = os.path.join(self.install(), "spool")
        self.assertEqual(os.listdir(spool), ["README.md"])
        self.assertEqual(self.mode(spool), 0o700)
        self.shell("to/srv/stoflow/cgi-bin/sweeper")
        shown = set(os.listdir(spool))
        self.assertEqual(shown, directories() | {"README.md"})

    def test_again(self):
        """a queue that is there stays, in the mode that it has"""
        spool = os.path.join(self.install(), "spool")
        self.shell("to/srv/stoflow/cgi-bin/sweeper")
        self.shell("cp Makefile to/srv/stoflow/spool/pending/x.json")
        os.chmod(spool, 0o750)
        before = picture(spool)
        self.install()
        self.assertEqual(picture(spool), before)
        self.assertEqual(self.mode(spool), 0o750)


if __name__ == "__main__":
    main()
