# SPDX-License-Identifier: MIT
"""The ways in which servers reach the program api by FastCGI."""

import os

from support.server import below_settings
from support.web import Dispatched, Rewritten, Server


class FastServer(Server):
    """A lighttpd that starts the program api."""

    workers = 4

    def configuration(self):
        socket = os.path.join(self.folder, "socket")
        return (
            super().configuration()
            + f'var.socket = "{socket}"\n'
            + f'var.workers = "{self.workers}"\n'
            + below_settings("lighttpd-fastcgi.conf")
        )


class FastRewritten(Rewritten):
    """Requests to it, by rewriting /api."""

    kind = FastServer


class FastDispatched(Dispatched):
    """Requests to it as /cgi-bin/api/…"""

    kind = FastServer
