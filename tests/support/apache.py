# SPDX-License-Identifier: MIT
"""The real Apache with the project's own configurations.

A server that serves one test after the other is quicker than one for each: a
symbolic link stands for the root, and is pointed at the root of each test.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile

from support.case import wait_until
from support.cgi import BIN, REPOSITORY, TIMEOUT
from support.web import END_OF_SETTINGS, Rewritten, connect, free_port

MODULES = "/usr/lib/apache2/modules"
COMMON = ("mpm_event", "cgid", "authz_core", "alias", "dir", "env", "mime")
NOBODY = "65534"
# Apache does not serve as root. A test that runs as root gives it another
# user, who may still use what is root's, as the spools of the tests are.
CAPABILITIES = "+dac_override,+fowner,+chown"
BASE = """\
ServerName localhost
ServerRoot "{folder}"
PidFile "{folder}/pid"
ScriptSock "{folder}/socket"
Mutex sem
ErrorLog "{folder}/log"
LogLevel warn
TypesConfig /etc/mime.types
StartServers 1
Listen 127.0.0.1:{port}
"""
# What a host gives that lets nothing be configured but by .htaccess.
HOST = """\
DocumentRoot "{folder}/www"
<Directory "{folder}/www">
    Options SymLinksIfOwnerMatch
    AllowOverride {allowed}
    Require all granted
</Directory>
"""
ALIAS = """\
ScriptAlias "/cgi-bin/" "{folder}/cgi-bin/"
<Directory "{folder}/cgi-bin">
    AllowOverride {allowed}
    Require all granted
</Directory>
"""


class Apache:
    """An Apache of our own on a port that was free; close() ends it.

    A subclass writes its part of the configuration and lays out `folder`.
    """

    modules = COMMON

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="stoflow-apache-")
        self.root = os.path.join(self.folder, "root")
        os.mkdir(os.path.join(self.folder, "www"))
        # The programs' user makes its socket and its files here.
        if os.geteuid() == 0:
            os.chown(self.folder, int(NOBODY), int(NOBODY))
        self.lay_out()
        for _ in range(5):
            self.port = free_port()
            if self._start():
                return
        raise AssertionError(f"Apache does not start: {self.said()}")

    def lay_out(self):
        """Puts into the folder what the configuration names."""

    def configuration(self):
        """What follows the modules and BASE."""
        raise NotImplementedError

    def _write(self):
        path = os.path.join(self.folder, "conf")
        with open(path, "w", encoding="utf-8") as file:
            for name in self.modules:
                module = os.path.join(MODULES, f"mod_{name}.so")
                file.write(f"LoadModule {name}_module {module}\n")
            file.write(BASE.format(folder=self.folder, port=self.port))
            file.write(self.configuration())
        return path

    def _start(self):
        """False if it ended, as when another took the port meanwhile."""
        command = ["/usr/sbin/apache2", "-DFOREGROUND", "-f", self._write()]
        with open(os.path.join(self.folder, "said"), "ab") as said:
            self.process = subprocess.Popen(
                [*privileges(), *command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        if not wait_until(lambda: self._ended() or self._answers()):
            self.close()
        return not self._ended()

    def _ended(self):
        return self.process.poll() is not None

    def _answers(self):
        """It listens before it has read all of its configuration, so that
        only an answer shows that it runs."""
        try:
            with self.connect() as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return connection.recv(1) != b""
        except OSError:
            return False

    def connect(self):
        return connect(self.port)

    def said(self):
        """What it wrote while starting, and its log."""
        text = ""
        for name in ("said", "log"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text

    def point(self, root):
        """Serves this root from now on; the link is never missing."""
        fresh = self.root + ".part"
        os.symlink(root.path, fresh)
        os.rename(fresh, self.root)

    def close(self):
        if not self._ended():
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)


def privileges():
    """A command that Apache is run by: it dies with the test, and is not
    root."""
    command = ["setpriv", "--pdeathsig", "TERM"]
    if os.geteuid() != 0:
        return command
    return [
        *command,
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        f"--inh-caps={CAPABILITIES}",
        f"--ambient-caps={CAPABILITIES}",
    ]


class Configured(Apache):
    """With etc/apache.conf: the server is ours."""

    modules = (*COMMON, "rewrite", "reqtimeout", "headers")

    def configuration(self):
        path = os.path.join(REPOSITORY, "etc", "apache.conf")
        with open(path, encoding="utf-8") as file:
            _, mark, rest = file.read().partition(END_OF_SETTINGS)
        if not mark:
            raise AssertionError(f"{path} has no {END_OF_SETTINGS!r}")
        ours = {
            "PROGRAMS": BIN,
            "PAGES": os.path.join(self.folder, "www"),
            "ROOT": self.root,
            "ADDRESS": f"127.0.0.1:{self.port}",
            "NAME": "localhost",
        }
        lines = [f'Define STOFLOW_{k} "{v}"\n' for k, v in ours.items()]
        return "".join(lines) + rest.partition("\n")[2]


class Hosted(Apache):
    """A host with a ScriptAlias, and etc/htaccess in the document root."""

    modules = (*COMMON, "setenvif", "rewrite", "headers")
    allowed = "FileInfo"

    def lay_out(self):
        put_programs(os.path.join(self.folder, "cgi-bin"), self.root)
        put_htaccess(os.path.join(self.folder, "www"))

    def configuration(self):
        return (HOST + ALIAS).format(folder=self.folder, allowed=self.allowed)


class Plain(Hosted):
    """A host without mod_rewrite, and etc/htaccess beside the programs."""

    modules = (*COMMON, "setenvif")

    def lay_out(self):
        super().lay_out()
        put_htaccess(os.path.join(self.folder, "cgi-bin"))


def put_programs(folder, root):
    """Lays the programs out as they are uploaded, with stoflow.root."""
    os.mkdir(folder)
    for name in os.listdir(BIN):
        path = os.path.join(BIN, name)
        if "." not in name and os.access(path, os.X_OK):
            shutil.copy(path, folder)
    with open(os.path.join(folder, "stoflow.root"), "w") as file:
        file.write(root + "\n")


def put_htaccess(folder, changes=None):
    """etc/htaccess as .htaccess, with these lines of it replaced."""
    with open(os.path.join(REPOSITORY, "etc", "htaccess")) as file:
        text = file.read()
    for line, other in (changes or {}).items():
        if f"\n{line}\n" not in text:
            raise AssertionError(f"etc/htaccess has no line {line!r}")
        text = text.replace(f"\n{line}\n", f"\n{other}\n")
    with open(os.path.join(folder, ".htaccess"), "w") as file:
        file.write(text)


SERVERS = {}


def shared(kind):
    """The server of this kind that all tests of this script share."""
    if kind not in SERVERS:
        SERVERS[kind] = kind()
        atexit.register(SERVERS[kind].close)
    return SERVERS[kind]


class ApacheRewritten(Rewritten):
    """Requests to an Apache that rewrites /api to the programs."""

    name = "apache"
    kind = Configured

    def __init__(self, root):
        self.root = root
        self.server = shared(self.kind)
        self.server.point(root)


class HtaccessRewritten(ApacheRewritten):
    """Requests to a host that etc/htaccess makes rewrite."""

    name = "apache, .htaccess"
    kind = Hosted
    counts = False  # since 2.4.59, unless an environment variable is set
    passes_slash = False  # AllowEncodedSlashes is not for .htaccess


class HtaccessDispatched(ApacheRewritten):
    """Requests to a host that rewrites nothing: /cgi-bin/api/..."""

    name = "apache, /cgi-bin/api"
    kind = Plain
    counts = False
    passes_slash = False
    prefix = "/cgi-bin"
