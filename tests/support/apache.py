# SPDX-License-Identifier: MIT
"""The real Apache with the project's own configurations."""

import os
import shutil

from support.cgi import BIN, REPOSITORY
from support.server import WebServer, below_settings
from support.web import Rewritten

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


class Apache(WebServer):
    """An Apache; a subclass writes its part of the configuration."""

    modules = COMMON

    def make_folder(self):
        folder = super().make_folder()
        os.mkdir(os.path.join(folder, "www"))
        # The programs' user makes its socket and its files here.
        if os.geteuid() == 0:
            os.chown(folder, int(NOBODY), int(NOBODY))
        return folder

    def point(self, root):
        """Before the first request: whose spool/ is, the programs of root
        become."""
        os.makedirs(os.path.join(root.path, "spool"), 0o700, exist_ok=True)
        super().point(root)

    def directives(self):
        """What follows the modules and BASE."""
        raise NotImplementedError

    def configuration(self):
        lines = []
        for name in self.modules:
            module = os.path.join(MODULES, f"mod_{name}.so")
            lines.append(f"LoadModule {name}_module {module}\n")
        lines.append(BASE.format(folder=self.folder, port=self.port))
        return "".join(lines) + self.directives()

    def command(self, path):
        return [*privileges(), "apache2", "-DFOREGROUND", "-f", path]


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

    def directives(self):
        ours = {
            "PROGRAMS": BIN,
            "PAGES": os.path.join(self.folder, "www"),
            "ROOT": self.root,
            "ADDRESS": f"127.0.0.1:{self.port}",
            "NAME": "localhost",
        }
        lines = [f'Define STOFLOW_{k} "{v}"\n' for k, v in ours.items()]
        return "".join(lines) + below_settings("apache.conf")


class Hosted(Apache):
    """A host with a ScriptAlias, and etc/htaccess in the document root."""

    modules = (*COMMON, "setenvif", "rewrite", "headers")
    allowed = "FileInfo"

    def lay_out(self):
        put_programs(os.path.join(self.folder, "cgi-bin"), self.root)
        put_htaccess(os.path.join(self.folder, "www"))

    def directives(self):
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


class ApacheRewritten(Rewritten):
    """Requests to an Apache that rewrites /api to the programs."""

    kind = Configured


class HtaccessRewritten(ApacheRewritten):
    """Requests to a host that etc/htaccess makes rewrite."""

    kind = Hosted
    counts = False  # since 2.4.59, unless an environment variable is set
    passes_slash = False  # AllowEncodedSlashes is not for .htaccess


class HtaccessDispatched(ApacheRewritten):
    """Requests to a host that rewrites nothing: /cgi-bin/api/..."""

    kind = Plain
    counts = False
    passes_slash = False
    prefix = "/cgi-bin"
