#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tables of a catalogue, opened in LibreOffice."""

import json
import os
import shutil
import subprocess
import unittest
from xml.etree import ElementTree

from support import Case, main

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

# What sellers, and strangers, might call a product.
TITLES = (
    "T-shirt Nike, bleu",
    'Jean "501" ; très bon état',
    "Шапка ❄",
    "=1+1",
    '=HYPERLINK("http://x.example";"x")',
    "＝1+1",
    "Jean;=1+1;x",
    "Jean,=1+1,x",
    "Jean\t=1+1\tx",
    "Jean|=1+1|x",
    'Jean;"=1+1";x',
    "Jean; =1+1",
    "Jean\n=1+1\nx",
    '";=1+1;"',
    "\t=1+1",
    "  =1+1",
    # Behind these nothing computes, and no guard stands.
    "\u00a0=1+1",
    "\u200b=1+1",
    "\u3000=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
)
PRICES = ("28.90", "1500.50", "5.00")
MOMENT = "2024-12-07T10:00:15.123456Z"
STATUSES = ("active", "reserved", "gone")

# Microsoft's numbers for the languages, as the options of the filter have them.
FRENCH = 1036
ENGLISH = 1033


def product(index):
    return {
        "id": 7750837522 + index,
        "title": TITLES[index],
        "price": PRICES[index % 3],
        "size": "W34 | FR 44",
        "status": STATUSES[index % 3],
        "view_count": index,
        "published_at": MOMENT,
        "description": f"{TITLES[index]}\nfin",
    }


def read_cells(row):
    """The cells of a row, each its element; repeated ones are told once."""
    cells = []
    for cell in row.iter(f"{TABLE}table-cell"):
        times = int(cell.get(f"{TABLE}number-columns-repeated", 1))
        cells += [cell] * min(times, 20)
    return cells


def text_of(cell):
    return "\n".join("".join(p.itertext()) for p in cell.iter(f"{TEXT}p"))


def written(text):
    """A text but for its blanks, of which LibreOffice makes elements, and for
    apostrophes that make it one."""
    return "".join(text.replace("'", "").split())


@unittest.skipIf(shutil.which("soffice") is None, "LibreOffice is not here")
class Opened(Case):
    """What a spreadsheet makes of a table, by its language and separator."""

    leaves_debris = "the catalogue here is written by hand"

    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.root.path, "sheets")
        os.mkdir(self.folder)
        lines = (json.dumps(product(n)) + "\n" for n in range(len(TITLES)))
        path = os.path.join(self.root.make("products"), "42.ndjson")
        self.root.write(path, "".join(lines).encode())
        os.chmod(path, 0o600)
        token = self.root.token(42, "plugin")
        for name, query in (("plain", ""), ("fr", "fr"), ("en", "en")):
            query = f"&locale={query}" if query else ""
            answer = self.api.get(
                f"/api/products?format=csv{query}", token=token
            )
            self.root.write(self.path(name, "csv"), answer.body)

    def path(self, name, kind):
        return os.path.join(self.folder, f"{name}.{kind}")

    def open(self, separator, language, trims="false"):
        """The documents that LibreOffice makes of the three tables."""
        done = subprocess.run(
            (
                "soffice",
                f"-env:UserInstallation=file://{self.folder}/profile",
                "--headless",
                "--convert-to",
                "fods",
                # Separator, quotes, UTF-8, first line, columns, language,
                # quoted numbers are numbers, and so is all that looks like one,
                # two for exports, whether blanks at the ends are cut.
                f"--infilter=CSV:{ord(separator)},34,76,1,,{language},"
                f"false,true,false,false,{trims}",
                "--outdir",
                self.folder,
                *(self.path(name, "csv") for name in ("plain", "fr", "en")),
            ),
            env=os.environ | {"HOME": self.folder},
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done)
        return {
            name: ElementTree.parse(self.path(name, "fods")).getroot()
            for name in ("plain", "fr", "en")
        }

    def check_rows(self, document):
        """All is there, each in its cell, and numbers and moments are such."""
        head, *rows = document.iter(f"{TABLE}table-row")
        self.assertEqual(text_of(read_cells(head)[0]), "id")
        rows = [read_cells(row) for row in rows]
        rows = [cells for cells in rows if text_of(cells[0])]
        self.assertEqual(len(rows), len(TITLES))
        for index, cells in enumerate(rows):
            want = product(index)
            values = [cell.get(f"{OFFICE}value") for cell in cells]
            self.assertEqual(int(values[0]), want["id"])
            self.assertEqual(float(values[2]), float(want["price"]))
            self.assertEqual(float(values[10]), want["view_count"])
            self.assertEqual(
                written(text_of(cells[1])), written(want["title"])
            )
            self.assertEqual(text_of(cells[4]), want["size"])
            self.assertEqual(
                cells[13].get(f"{OFFICE}date-value", "")[:19], MOMENT[:19]
            )

    def check_nothing_computes(self, documents):
        for name, document in documents.items():
            for cell in document.iter(f"{TABLE}table-cell"):
                self.assertIsNone(
                    cell.get(f"{TABLE}formula"), (name, text_of(cell))
                )

    def test_french(self):
        """the French table, where the semicolon separates"""
        documents = self.open(";", FRENCH)
        self.check_rows(documents["fr"])
        self.check_nothing_computes(documents)

    def test_english(self):
        """the English table, where the comma separates"""
        documents = self.open(",", ENGLISH)
        self.check_rows(documents["en"])
        self.check_nothing_computes(documents)

    def test_tab(self):
        """no table computes anything where the tab separates"""
        self.check_nothing_computes(self.open("\t", FRENCH))

    def test_trimmed(self):
        """nor where blanks at the ends of cells are cut"""
        for separator in ";,\t|":
            self.check_nothing_computes(self.open(separator, FRENCH, "true"))


if __name__ == "__main__":
    main()
