#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the web servers say of the pages: the headers beside the text."""

import os

from support import Case, main
from support.apache import (
    COMMON,
    HOST,
    ApacheRewritten,
    Configured,
    Hosted,
    put_htaccess,
    put_programs,
)
from support.case import EMPTY
from support.refusal import POLL
from support.web import Rewritten

HEADERS = {
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class ConfiguredBare(Configured):
    """etc/apache.conf where nobody has enabled mod_headers."""

    modules = (*COMMON, "rewrite", "reqtimeout")


class Beside(Hosted):
    """Programs in the folder of the pages, under their .htaccess."""

    def lay_out(self):
        pages = os.path.join(self.folder, "www")
        put_programs(os.path.join(pages, "cgi-bin"), self.root)
        put_htaccess(pages, {"#Options +ExecCGI": "Options +ExecCGI"})

    def directives(self):
        return HOST.format(folder=self.folder, allowed="FileInfo Options")


class BesideBare(Beside):
    """The same on a host that has no mod_headers."""

    modules = (*COMMON, "setenvif", "rewrite")


class Pages(Case):
    """Under lighttpd."""

    transport = Rewritten
    expected = HEADERS

    def folder(self):
        return os.path.join(self.root.path, "www")

    def told(self, path):
        """The status of a request and which of the headers it brought."""
        answer = self.api.get(path, checked=False)
        told = {k: v for k, v in answer.headers.items() if k in HEADERS}
        return answer.status, told

    def test_pages(self):
        """no page may be framed, and what is sent is what it says it is"""
        for name in ("index.html", "main.js", "client.py"):
            path = os.path.join(self.folder(), name)
            with open(path, "w") as file:
                file.write("a page")
            self.addCleanup(os.unlink, path)
            with self.subTest(name=name):
                self.assertEqual(
                    self.told(f"/{name}?x=1"), (200, self.expected)
                )
        self.assertEqual(self.told("/"), (200, self.expected))

    def test_refused(self):
        """neither may the server's own words"""
        self.assertEqual(self.told("/nothing.html"), (404, self.expected))

    def test_programs(self):
        """the programs say for themselves what their answers need"""
        answer = self.api.get(POLL, token=self.plugin)
        self.assertEqual(answer.json, EMPTY)
        told = {k: v for k, v in answer.headers.items() if k in HEADERS}
        self.assertEqual(told, {"x-content-type-options": "nosniff"})


class PagesOfApache(Pages):
    """Under Apache, configured by its owner."""

    transport = ApacheRewritten

    def folder(self):
        return os.path.join(self.api.server.folder, "www")


class OfApacheBare(ApacheRewritten):
    kind = ConfiguredBare


class OfHost(ApacheRewritten):
    kind = Beside
    counts = False


class OfHostBare(OfHost):
    kind = BesideBare


class PagesOfHost(PagesOfApache):
    """Under Apache with etc/htaccess, the programs below it."""

    transport = OfHost


class PagesOfApacheBare(PagesOfApache):
    """Without mod_headers all else works."""

    transport = OfApacheBare
    expected = {}


class PagesOfHostBare(PagesOfApache):
    """Neither does etc/htaccess need it."""

    transport = OfHostBare
    expected = {}


if __name__ == "__main__":
    main()
