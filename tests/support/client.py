# SPDX-License-Identifier: MIT
"""The Python client, and its examples, run as a user would."""

import csv
import glob
import json
import os
import subprocess
import sys

from support.cgi import REPOSITORY

COLUMNS = ("id", "title", "price", "brand", "size")  # the guide's
CLIENT = os.path.join(REPOSITORY, "www", "client")
sys.dont_write_bytecode = True
sys.path.insert(0, CLIENT)

import vinted_proxy_client as client  # noqa: E402
from vinted_proxy_client import (  # noqa: E402
    VintedProxyClient,
    VintedProxyError,
)

__all__ = [
    "CLIENT",
    "Examples",
    "VintedProxyClient",
    "VintedProxyError",
    "client",
]


class Examples:
    """Mixed into a Case whose seller has three products; `url` is where the
    backend is."""

    def run_example(self, name, *arguments):
        """What the example says; it works in the test's root."""
        path = os.path.join(CLIENT, "examples", name)
        done = subprocess.run(
            [sys.executable, "-B", path, *arguments],
            env={
                **os.environ,
                "STOFLOW_URL": self.url,
                "STOFLOW_TOKEN": self.backend,
                "STOFLOW_USER": "42",
                "PYTHONUTF8": "1",
            },
            cwd=self.root.path,
            capture_output=True,
            timeout=180,
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def export_to_csv(self):
        """The rows that export_to_csv.py makes, as Excel reads them."""
        said = self.run_example("export_to_csv.py", "out.csv")
        self.assertEqual(said, "✅ 3 produits exportés vers out.csv\n")
        path = os.path.join(self.root.path, "out.csv")
        with open(path, newline="", encoding="utf-8") as file:
            self.assertEqual(file.read(1), "\ufeff")  # for Excel
            head, *rows = csv.reader(file, delimiter=";", strict=True)
        self.assertEqual(head[:2], ["id", "titre"])
        return [dict(zip(COLUMNS, row)) for row in rows]

    def sync_to_file(self):
        """The products that sync_to_file.py finds."""
        said = self.run_example("sync_to_file.py", "out.ndjson")
        self.assertEqual(said, "✅ 3 produits synchronisés\n")
        path = os.path.join(self.root.path, "out.ndjson")
        self.assertEqual(glob.glob(path + ".part"), [])
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def update_all_prices(self, price):
        """Every product is given this price, by update_all_prices.py."""
        said = self.run_example("update_all_prices.py", price, "0")
        self.assertEqual(said.count("✅"), 3)
        self.assertEqual(said.count(f" : {price}\n"), 3)
