# SPDX-License-Identifier: MIT
"""The ways in which servers reach the program api by FastCGI."""

import os
import signal
import subprocess

from support.apache import Configured
from support.cgi import TIMEOUT, program
from support.server import WebServer, below_settings
from support.web import Dispatched, Rewritten, Server

WORKERS = "4"


class FastServer(Server):
    """A lighttpd that starts the program."""

    def configuration(self):
        socket = os.path.join(self.folder, "socket.fastcgi")
        return (
            super().configuration()
            + f'var.socket = "{socket}"\n'
            + f'var.workers = "{WORKERS}"\n'
            + below_settings("lighttpd-fastcgi.conf")
        )


class Fcgid(Configured):
    """An Apache whose mod_fcgid starts it."""

    modules = (*Configured.modules, "fcgid")

    def directives(self):
        return (
            "Define STOFLOW_FCGID\n"
            f"FcgidIPCDir {self.folder}/fcgid\n"
            f"FcgidProcessTableFile {self.folder}/fcgid.table\n"
            + super().directives()
        )


class Spawned(WebServer):
    """A server that finds it started by spawn-fcgi."""

    def lay_out(self):
        super().lay_out()
        self.socket = os.path.join(self.folder, "api.socket")
        self.spawned = subprocess.Popen(
            ["spawn-fcgi", "-n", "-s", self.socket, "--", program("api")],
            env={**os.environ, "STOFLOW_WORKERS": WORKERS},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def close(self):
        self.spawned.send_signal(signal.SIGTERM)
        self.spawned.wait(TIMEOUT)
        super().close()


class Proxied(Spawned, Configured):
    """An Apache that asks it by mod_proxy_fcgi."""

    modules = (*Configured.modules, "proxy", "proxy_fcgi")

    def directives(self):
        return f"Define STOFLOW_SOCKET {self.socket}\n" + super().directives()


# Everything that nginx would write elsewhere.
HTTP = """\
daemon off;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/body;
fastcgi_temp_path {folder}/fastcgi;
proxy_temp_path {folder}/proxy;
scgi_temp_path {folder}/scgi;
uwsgi_temp_path {folder}/uwsgi;
upstream stoflow {{
    server unix:{socket};
}}
server {{
listen 127.0.0.1:{port};
root {root}/www;
set $stoflow_root {root};
"""


class Nginx(Spawned):
    """An nginx with etc/nginx.conf."""

    def point(self, root):
        os.makedirs(os.path.join(root.path, "www"), exist_ok=True)
        super().point(root)

    def configuration(self):
        user = "user root;\n" if os.geteuid() == 0 else ""
        ours = HTTP.format(
            folder=self.folder,
            socket=self.socket,
            port=self.port,
            root=self.root,
        )
        return user + ours + below_settings("nginx.conf") + "}\n"

    def command(self, path):
        return ["nginx", "-e", os.path.join(self.folder, "log"), "-c", path]


class FastRewritten(Rewritten):
    """Requests by FastCGI, at /api/…"""

    kind = FastServer


class FastDispatched(Dispatched):
    """The same at /cgi-bin/api/…"""

    kind = FastServer


class FcgidRewritten(Rewritten):
    """Requests to that Apache."""

    kind = Fcgid
    says_cut = says_far = (500,)


class ProxiedRewritten(Rewritten):
    """Requests to that one, which reads no further than it must."""

    kind = Proxied
    says_far = (400,)  # it ends too early as well


class NginxRewritten(Rewritten):
    """Requests to nginx, at /api/…"""

    kind = Nginx


class NginxDispatched(Dispatched):
    """The same at /cgi-bin/api/…"""

    kind = Nginx
