#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""GET /api/products: the catalogue in pages, as a table, line by line."""

import csv
import io
import json
import os
import random
import threading
import time
import unittest
from urllib.parse import quote

from support import Case, main
from support.cgi import SANITIZERS
from support.pages import Paged
from support.web import Dispatched, Rewritten

COLUMNS = (
    "id,title,price,brand,size,currency,condition,status,url,photo,"
    "view_count,favourite_count,message_count,published_at,first_seen,"
    "last_seen,description,twin_of"
).split(",")
SEEN = "2024-12-07T10:00:15.123456Z"
SHIRT = {
    "id": 123456,
    "title": "T-shirt Nike",
    "price": "15.00",
    "currency": "EUR",
    "brand": "Nike",
    "brand_id": 53,
    "size": "M",
    "condition": "Très bon état",
    "status": "active",
    "url": "https://www.vinted.fr/items/123456-t-shirt",
    "photo": "https://images.example/1.jpeg",
    "photos": ["https://images.example/1.jpeg"],
    "description": "Porté deux fois",
    "view_count": 12,
    "favourite_count": 3,
    "message_count": 1,
    "published_at": "2024-11-01T08:00:00.000000Z",
    "twin_of": 7750837522,
    "first_seen": "2024-11-02T08:00:00.000000Z",
    "seen_at": SEEN,
}
ROW = {c: str(SHIRT.get(c, "")) for c in COLUMNS} | {"last_seen": SEEN}


def line(number, **fields):
    row = {"id": number, "title": f"product {number}", **fields}
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def lines(rows):
    return "".join(f"{row}\n" for row in rows).encode()


class Products(Paged, Case):
    """A catalogue, and a plugin's token to read it with."""

    path = "/api/products"
    rows = "products"
    key = "id"

    leaves_debris = "catalogues here are written by hand"

    def write(self, content, user=42, age=60):
        """Puts the catalogue in place by one rename, as the programs do."""
        folder = self.root.make("products")
        path = os.path.join(folder, f"{user}.ndjson")
        part = os.path.join(self.root.path, "part")
        self.root.write(part, content)
        os.chmod(part, 0o600)
        if age is not None:
            self.root.set_age(part, age)
        os.rename(part, path)
        return path


class Pages(Products):
    """What a page holds, and how one leads to the next."""

    def test_no_catalogue(self):
        """a user without a catalogue has no products"""
        self.assertEqual(self.page(), {"products": [], "next_cursor": None})

    def test_rows(self):
        """rows are what stands in the file, members of others included"""
        rows = [SHIRT, {"id": 7750837522, "title": "Jean", "ours": [1, {}]}]
        self.write(lines(json.dumps(row) for row in rows))
        page = {"products": rows, "next_cursor": None}
        self.assertEqual(self.page(), page)
        self.assertEqual(self.get("user_id=42").json, page)
        self.assertEqual(self.get(path="/products").json, page)

    def test_as_ingested(self):
        """what a plugin reports is there, an id beyond 2^53 to the digit"""
        big = 2**64 - 1
        listed = [{"id": big, "title": "é"}, {"id": 5, "price": "7"}]
        self.create("get_all_products", {"user_id": 1}, task_id="t1")
        self.poll()
        data = {"products": listed, "total": 2}
        self.root.configure(queue={"background": "yes"})
        self.finish("t1", {"success": True, "data": data})
        self.sweep()
        self.assertEqual(self.ids(), [5, big])
        self.assertEqual(self.ids(f"cursor={big - 1}"), [big])
        self.assertEqual(self.ids(f"cursor={big}"), [])
        self.assertEqual(self.page()["products"][0]["price"], "7.00")

    def test_pages(self):
        """pages follow each other without gap or overlap"""
        numbers = [7 * n + 1 for n in range(25)]
        self.write(lines(line(n) for n in numbers))
        first = self.page("limit=10")
        self.assertEqual([r["id"] for r in first["products"]], numbers[:10])
        self.assertIsInstance(first["next_cursor"], str)
        for limit in (1, 2, 5, 24, 25, 26, 1000):
            with self.subTest(limit=limit):
                self.assertEqual(self.all_ids(f"limit={limit}"), numbers)

    def test_default_limit(self):
        """a page holds 100 unless it is asked for more"""
        self.write(lines(line(n + 1) for n in range(101)))
        self.assertEqual(len(self.ids()), 100)
        self.assertEqual(len(self.ids("limit=101")), 101)

    def test_last_page_promises_nothing(self):
        """a cursor is given only where something follows that passes"""
        states = ["active"] * 5 + ["sold"] * 5
        self.write(lines(line(n + 1, status=s) for n, s in enumerate(states)))
        self.assertIsNone(self.page("limit=10")["next_cursor"])
        self.assertIsNone(self.page("limit=5&status=active")["next_cursor"])
        self.assertIsNotNone(self.page("limit=4&status=sold")["next_cursor"])

    def test_gone_cursor(self):
        """a cursor holds when its product has gone"""
        self.write(lines(line(n) for n in (1, 2, 3, 4)))
        cursor = self.page("limit=2")["next_cursor"]
        self.write(lines(line(n) for n in (1, 3, 4)))
        self.assertEqual(self.ids(f"cursor={cursor}"), [3, 4])

    def test_rewritten_between(self):
        """what exists throughout comes once, whatever is written between"""
        chance = random.Random(1)
        stay = [10 * n for n in range(1, 80)]

        def rewrite():
            others = chance.sample(range(1, 801), chance.randrange(300))
            numbers = sorted({*stay, *(n for n in others if n % 10)})
            pad = "x" * chance.randrange(300)
            self.write(lines(line(n, pad=pad) for n in numbers), age=None)

        rewrite()
        for limit in (1, 7, 50):
            with self.subTest(limit=limit):
                found = self.all_ids(f"limit={limit}", rewrite)
                self.assertEqual(found, sorted(set(found)))
                self.assertEqual([n for n in found if n % 10 == 0], stay)

    def test_rewritten_meanwhile(self):
        """nor what another process writes at the same time"""
        stay = [10 * n for n in range(1, 300)]
        over = threading.Event()

        def rewrite():
            chance = random.Random(2)
            while not over.is_set():
                others = chance.sample(range(1, 3001), 900)
                numbers = sorted({*stay, *(n for n in others if n % 10)})
                self.write(lines(line(n) for n in numbers), age=None)

        self.write(lines(line(n) for n in stay))
        thread = threading.Thread(target=rewrite)
        thread.start()
        try:
            for query in ("limit=20", "limit=300", "limit=20&q=product"):
                with self.subTest(query=query):
                    found = self.all_ids(query)
                    self.assertEqual(found, sorted(set(found)))
                    self.assertEqual([n for n in found if n % 10 == 0], stay)
        finally:
            over.set()
            thread.join()

    def test_many(self):
        """100,000 products: any page, and all of them in one file"""
        numbers = [7000000000 + 3 * n for n in range(100000)]
        text = lines(line(n, description="é" * (n % 90)) for n in numbers)
        self.write(text)
        self.assertEqual(self.ids("limit=3"), numbers[:3])
        for at in (1, 777, 50000, 99990, 99998, 99999):
            with self.subTest(at=at):
                cursor = numbers[at]
                after = numbers[at + 1 : at + 6]
                for given in (cursor, cursor + 1, cursor + 2):
                    self.assertEqual(
                        self.ids(f"limit=5&cursor={given}"), after
                    )
        self.assertEqual(self.ids("q=7000149998"), [])
        self.assertEqual(self.ids("q=7000149997%20xyz"), [])
        self.assertEqual(self.ids("q=7000150000"), [7000150000])
        self.assertEqual(self.get("format=ndjson").body, text)

    @unittest.skipIf(SANITIZERS, "a sanitizer needs terabytes of addresses")
    def test_little_memory(self):
        """a table of 20 MB needs no memory of that size"""
        text = lines(line(n + 1, description="é" * 400) for n in range(25000))
        self.assertGreater(len(text), 20_000_000)
        self.write(text)
        limited = ("sh", "-c", 'ulimit -v 8192; exec "$0"')
        for form in ("csv", "ndjson"):
            with self.subTest(form=form):
                answer = self.api.get(
                    f"/api/products?format={form}",
                    token=self.plugin,
                    wrapper=limited,
                )
                self.assertEqual(answer.status, 200)
                self.assertGreater(len(answer.body), 20_000_000)


class Filters(Products):
    """q and status."""

    def setUp(self):
        super().setUp()
        rows = [
            line(101, title="Robe d'été ÉLÉGANTE", brand="Zara"),
            line(202, title="Jean", brand="LEE", description="Très bon ÉTAT"),
            line(303, title="Œuvre ŸŠŽ", status="sold", size="robe"),
            '{"id":404,"title":"ROBE \\u00c9T\\u00c9","status":"reserved"}',
            line(505, title='"Jean" \\ Levi\'s', status="active", price="202"),
            line(606, title="straße", status="draft", brand_id=77),
            line(707, title="Шапка, зима"),
        ]
        self.write(lines(rows))

    def test_words(self):
        """every word, in title, brand, description or id, in any case"""
        for words, want in (
            ("robe", [101, 404]),
            ("ROBE", [101, 404]),
            ("été", [101, 404]),
            ("ÉTÉ", [101, 404]),
            ("ete", [101, 404]),
            ("état", [202]),
            ("etat", [202]),
            ("ШАПКА", [707]),
            ("шапка зима", [707]),
            ("lee", [202]),
            ("zara robe", [101]),
            ("  robe   zara ", [101]),
            ("zara jean", []),
            ("œuvre", [303]),
            ("OEUVRE", [303]),
            ("Ÿšž", [303]),
            ("ysz", [303]),
            ("0", [101, 202, 303, 404, 505, 606, 707]),
            ("202", [202]),
            ("bon ét", [202]),
            ('"jean"', [505]),
            ("\\", [505]),
            ("levi's", [505]),
            ("STRAßE", [606]),
            ("strasse", [606]),
            ("levi’s", [505]),
            ("title", []),
            ("77", []),
            ("active", []),
            ("", [101, 202, 303, 404, 505, 606, 707]),
            (" ", [101, 202, 303, 404, 505, 606, 707]),
        ):
            with self.subTest(words=words):
                self.assertEqual(self.ids(f"q={quote(words)}"), want)

    def test_status(self):
        """one status, or any of several"""
        for status, want in (
            ("active", [505]),
            ("sold,reserved", [303, 404]),
            ("draft,gone,deleted,closed,hidden", [606]),
            ("gone", []),
        ):
            with self.subTest(status=status):
                self.assertEqual(self.ids(f"status={status}"), want)

    def test_repeated(self):
        """a word that stands there often counts once, whatever its letters"""
        words = quote("Jean JEAN jean " * 400)
        self.assertEqual(self.ids(f"q={words}"), [202, 505])

    def test_both(self):
        """a filter and a filter, and pages of what passes"""
        self.assertEqual(self.ids("q=jean&status=active,sold"), [505])
        self.assertEqual(self.all_ids("q=jean&limit=1"), [202, 505])

    def test_wrong(self):
        """what makes no sense is refused by name"""
        self.assert_refused(
            status=("", "actif", "active,", ",sold", "Sold", "sold;gone"),
            limit=("", "0", "-1", "1001", "ten", "1.5", "99999999999999"),
            cursor=("", "0", "-1", "x", "1 ", "18446744073709551616"),
            format=("", "xml", "JSON", "csv,json"),
            q=(" ".join(map(str, range(33))), "x" * 257),
            user_id=("", "x", "0"),
        )


class Tables(Products):
    """CSV and NDJSON."""

    def table(self, query=""):
        answer = self.get(f"format=csv&{query}")
        self.assertEqual(answer.status, 200, answer)
        text = answer.body.decode("utf-8")
        self.assertTrue(text.endswith("\r\n"))
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))

    def test_csv(self):
        """a header and a row, as the guide's columns have them"""
        self.write(lines([json.dumps(SHIRT)]))
        answer = self.get("format=csv")
        head, row, end = answer.body.decode().split("\r\n")
        self.assertEqual((head, end), (",".join(COLUMNS), ""))
        self.assertTrue(row.startswith("123456,T-shirt Nike,15.00,Nike,M,EUR"))
        self.assertEqual(
            answer.headers["content-type"], "text/csv; charset=utf-8"
        )
        self.assertEqual(
            answer.headers["content-disposition"],
            'attachment; filename="products-42.csv"',
        )
        rows = csv.DictReader(io.StringIO(answer.body.decode(), newline=""))
        self.assertEqual(list(rows), [ROW])

    def test_empty(self):
        """no catalogue is a header without rows"""
        self.assertEqual(self.table(), [COLUMNS])
        self.assertEqual(self.get("format=ndjson").body, b"")

    def test_cells(self):
        """every text comes back as it was"""
        for text in (
            "a,b",
            'say "hi"',
            '"',
            '""',
            ",",
            "two\nlines",
            "two\r\nlines",
            "a\rb",
            " blanks ",
            "é ✓ 👕",
            "",
            "a;b\tc",
            "'quoted'",
            "\\",
        ):
            with self.subTest(text=text):
                self.write(lines([line(1, title=text, description="end")]))
                row = dict(zip(COLUMNS, self.table()[1]))
                self.assertEqual(row["title"], text)
                self.assertEqual(row["description"], "end")

    def test_formulas(self):
        """a cell that a spreadsheet would take for a formula is made text"""
        for text in (
            "=1+1",
            '=HYPERLINK("http://x.example")',
            "+33 6",
            "-1",
            "@SUM(A1)",
            "|x",
            "%x",
            "\uff1d1",
            "\tx",
            "\rx",
        ):
            with self.subTest(text=text):
                self.write(lines([line(1, title=text, brand=text)]))
                row = dict(zip(COLUMNS, self.table()[1]))
                self.assertEqual(row["title"], "'" + text)
                self.assertEqual(row["brand"], "'" + text)

    def test_other_separators(self):
        """nor does one begin a formula for whoever separates otherwise"""
        for text, want in (
            ("Jean;=1+1;x", "Jean;'=1+1;x"),
            ("a\t=1\t+2", "a\t'=1\t'+2"),
            ('a;"=1"', "a;\"'=1\""),
            ("\n=x", "'\n'=x"),
            ("a - b; c = d", "a - b; c = d"),
        ):
            with self.subTest(text=text):
                self.write(lines([line(1, title=text)]))
                self.assertEqual(self.table()[1][1], want)
                table = self.get("format=csv").body.decode()
                for separator in ",;\t|":
                    for cell in table.replace("\n", separator).split(separator):
                        start = cell.lstrip('" ')[:1]
                        self.assertNotIn(start, ("=", "+", "-", "@"))

    def test_locale(self):
        """a table as the spreadsheets of a language open it"""
        self.write(lines([json.dumps(SHIRT | {"price": "1500.50"})]))
        for locale, separator, mark in (
            ("fr", ";", ","),
            ("fr-FR", ";", ","),
            ("de", ";", ","),
            ("en", ",", "."),
            ("en_GB", ",", "."),
        ):
            with self.subTest(locale=locale):
                answer = self.get(f"format=csv&locale={locale}")
                self.assertEqual(answer.body[:3], b"\xef\xbb\xbf")
                text = io.StringIO(answer.body.decode("utf-8-sig"), newline="")
                head, row = csv.reader(text, delimiter=separator, strict=True)
                self.assertEqual(len(head), len(COLUMNS))
                self.assertEqual(head[0], "id")
                self.assertEqual(row[0], "123456")
                self.assertEqual(row[2], f"1500{mark}50")
                self.assertEqual(row[-3], "2024-12-07 10:00:15")
                french = locale.startswith("fr")
                self.assertEqual(head[1], "titre" if french else "title")
                self.assertEqual(row[7], "en vente" if french else "active")

    def test_locale_unknown(self):
        """one of which no table is known is refused"""
        for locale in ("", "xx", "french", "auto"):
            with self.subTest(locale=locale):
                answer = self.get(f"format=csv&locale={locale}")
                self.assert_problem(answer, 422, "invalid_field")
                self.assertIn("must be a language", answer.json["detail"])

    def test_locale_elsewhere(self):
        """it is refused where the answer would be no table"""
        for form in ("", "format=json&", "format=ndjson&"):
            with self.subTest(form=form):
                answer = self.get(f"{form}locale=fr")
                self.assert_problem(answer, 422, "invalid_field")
                self.assertIn("format=csv", answer.json["detail"])

    def test_odd_values(self):
        """no cell breaks its row, whatever a person made of the members"""
        row = {"title": None, "price": 5, "brand": {"title": "x"}, "size": []}
        row["status"] = True
        row["view_count"] = 10**30
        row["description"] = "a\0b"
        self.write(lines([json.dumps({"id": 1, **row})]))
        have = dict(zip(COLUMNS, self.table()[1]))
        self.assertEqual(
            {k: v for k, v in have.items() if v},
            {
                "id": "1",
                "price": "5",
                "view_count": str(10**30),
                "description": "a\ufffdb",
            },
        )

    def test_filtered(self):
        """filters and pages hold for tables as well"""
        states = ["active", "sold", "sold", "gone"]
        rows = [line(n + 1, status=s) for n, s in enumerate(states)]
        self.write(lines(rows))
        self.assertEqual(
            [r[0] for r in self.table("status=sold")[1:]], ["2", "3"]
        )
        answer = self.get("format=ndjson&status=sold")
        self.assertEqual(answer.body, lines(rows[1:3]))
        answer = self.get("format=ndjson&limit=2")
        self.assertEqual(answer.body, lines(rows[:2]))
        cursor = answer.headers["x-next-cursor"]
        answer = self.get(f"format=ndjson&limit=2&cursor={cursor}")
        self.assertEqual(answer.body, lines(rows[2:]))
        self.assertNotIn("x-next-cursor", answer.headers)
        answer = self.get("format=csv&limit=1&q=product")
        self.assertEqual(answer.headers["x-next-cursor"], "1")

    def test_ndjson(self):
        """NDJSON is the file"""
        text = lines([json.dumps(SHIRT), line(7750837522, other={"a": [1]})])
        self.write(text)
        answer = self.get("format=ndjson")
        self.assertEqual(answer.body, text)
        self.assertEqual(
            answer.headers["content-type"], "application/x-ndjson"
        )
        self.assertEqual(
            answer.headers["content-disposition"],
            'attachment; filename="products-42.ndjson"',
        )


class ByHand(Products):
    """Catalogues that a person has had in hands."""

    def check(self, content, want):
        """What is there, in pages of any size and in tables."""
        self.write(content)
        self.assertEqual(self.ids(), want)
        for limit in (1, 2, 1000):
            self.assertEqual(self.all_ids(f"limit={limit}"), want)
        text = self.get("format=ndjson").body
        self.assertEqual(
            [json.loads(t)["id"] for t in text.splitlines()], want
        )
        text = self.get("format=csv").body.decode()
        rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
        self.assertEqual([row[0] for row in rows], [str(n) for n in want])

    def test_order(self):
        """products out of order come in order"""
        self.check(lines(map(line, (5, 6, 1, 2, 9, 3))), [1, 2, 3, 5, 6, 9])

    def test_long_out_of_order(self):
        """even where only the last of many is out of place"""
        numbers = [*range(2, 3000), 1]
        self.write(lines(map(line, numbers)))
        self.assertEqual(self.ids("limit=2"), [1, 2])
        self.assertEqual(self.ids("limit=2&cursor=2998"), [2999])

    def test_edited_after_a_look(self):
        """an edit is noticed, although the file was found sorted before"""
        self.check(lines(map(line, (1, 2, 3))), [1, 2, 3])
        self.assertIn("42.catalog", self.root.ls("index"))
        self.write(lines(map(line, (3, 1, 2))), age=30)
        self.assertEqual(self.ids("limit=2"), [1, 2])
        self.write(lines(map(line, (1, 2))), age=20)
        self.assertEqual(self.ids(), [1, 2])

    def test_edited_at_this_moment(self):
        """a file so fresh that an edit could bear its time is not trusted"""
        moment = time.time() + 3600
        for numbers in ((1, 2, 3), (3, 1, 2), (2, 3, 1)):
            path = self.write(lines(map(line, numbers)))
            os.utime(path, (moment, moment))
            self.assertEqual(self.ids("limit=2"), [1, 2])

    def test_index_lost(self):
        """without the stamp everything is as before"""
        self.check(lines(map(line, (1, 2, 3))), [1, 2, 3])
        os.unlink(self.root.place("index", "42.catalog"))
        self.assertEqual(self.ids(), [1, 2, 3])

    def test_twice(self):
        """of two lines for one product the first counts"""
        text = lines(
            [line(1), line(2, title="a"), line(2, title="b"), line(3)]
        )
        self.check(text, [1, 2, 3])
        self.assertEqual(self.page()["products"][1]["title"], "a")

    def test_bad_lines(self):
        """lines that are no products are passed over"""
        good = [line(1), line(2), line(3)]
        for bad in (
            "",
            "  ",
            "{",
            '{"id":',
            '{"id":2',
            '{"id":2,"title":"x',
            '{"id":2,"title":}',
            '{"id":"x"}',
            '{"id":null}',
            '{"title":"none"}',
            "[]",
            "null",
            "5",
            "\x00\x01",
            "\ufeff",
            "x" * 3000000,
            '{"id":2,"a":' + "[" * 100000,
        ):
            with self.subTest(bad=bad[:30]):
                self.check(lines([good[0], bad, good[2]]), [1, 3])

    def test_not_utf8(self):
        """bytes that are not UTF-8 spoil their own line alone"""
        text = line(1) + '\n{"id":2,"title":"\udcff"}\n' + line(3)
        self.check(text.encode(errors="surrogateescape"), [1, 3])

    def test_forms(self):
        """other ends of lines, other orders of members, ids as text"""
        one, two = line(1), line(2)
        self.check(f"{one}\r\n{two}\r\n".encode(), [1, 2])
        self.check(f"{one}\n{two}".encode(), [1, 2])
        self.check(f"\n\n{one}\n \t\n{two}\n\n".encode(), [1, 2])
        self.check(b'{"title":"a","id":2}\n{"id":1}\n', [1, 2])
        self.check(b"", [])
        self.check(b"\n", [])
        self.check(b'{"id":1}', [1])
        self.write(b'{ "id": "12" }\n{"id":5}\n')
        self.assertEqual(self.ids(), [5, "12"])

    def test_no_file(self):
        """what is no file at all is an error, and nothing hangs"""
        path = self.write(b"")
        for make in (
            os.mkdir,
            os.mkfifo,
            lambda p: os.symlink("/etc/passwd", p),
        ):
            with self.subTest(make=make):
                os.unlink(path) if not os.path.isdir(path) else os.rmdir(path)
                make(path)
                for query in ("", "format=csv", "q=root"):
                    self.assert_problem(self.get(query), 500, "spoilt_file")

    def test_growing(self):
        """a file that is being written in place gives what is there"""
        path = self.write(lines(line(n + 1) for n in range(5000)))
        over = threading.Event()

        def scribble():
            chance = random.Random(3)
            while not over.is_set():
                with open(path, "r+b") as file:
                    file.truncate(chance.randrange(200000))
                    file.seek(0, os.SEEK_END)
                    file.write(lines(line(n + 1) for n in range(300)))

        thread = threading.Thread(target=scribble)
        thread.start()
        try:
            for _ in range(30):
                found = self.ids("limit=1000")
                self.assertEqual(found, sorted(set(found)))
                self.page("cursor=2500")
        finally:
            over.set()
            thread.join()


class Callers(Products):
    """Who may see which catalogue."""

    def test_scopes(self):
        """plugin and backend tokens, each for its own users"""
        self.write(lines([line(1)]), 42)
        self.write(lines([line(2)]), 7)
        self.assertEqual(
            self.get("user_id=7", self.backend).json["products"][0]["id"], 2
        )
        self.assert_problem(self.get("", self.backend), 422, "invalid_field")
        self.assert_problem(self.get("user_id=7"), 403, "wrong_user")
        self.assert_problem(self.get("", self.cron), 403, "wrong_scope")
        self.assert_problem(self.get("", "x" * 48), 401, "token_invalid")
        answer = self.api.get("/api/products")
        self.assert_problem(answer, 401, "token_missing")
        answer = self.api.post("/api/products", {}, token=self.plugin)
        self.assert_problem(answer, 405, "method_not_allowed")

    def test_reads_only(self):
        """nothing is changed, not even by a catalogue that needs mending"""
        self.write(lines([line(2), "x", line(1)]))
        self.ids()  # the first makes the folder of the log
        before = self.root.picture()
        self.assertEqual(self.ids(), [1, 2])
        self.assertEqual(self.root.changes(before), [])


class Results(Products):
    """What completed tasks have brought."""

    def test_taken_in(self):
        """it is in the answer, whichever form is asked for first"""
        item = {"id": 7750837000, "title": "Robe", "price": "9.00"}
        for query in ("", "format=csv", "format=ndjson", "q=robe"):
            with self.subTest(query=query):
                task_id = self.create("create_product")
                self.assertEqual(self.poll_id(), task_id)
                item["id"] += 1
                self.finish(task_id, {"success": True, "data": {"item": item}})
                answer = self.get(query)
                self.assertIn(b"%d" % item["id"], answer.body)
                self.assertEqual(self.root.ls("ingest", 42), [])
        self.assertEqual(len(self.ids()), 4)

    def test_unusable(self):
        """where that cannot be done, the catalogue comes as it stands"""
        self.write(lines([line(1)]))
        self.root.make("ingest", 42)
        os.mkdir(self.root.place("ingest", 42, "x.json"))
        self.assertEqual(self.ids(), [1])
        log = self.root.read("log", "events.log")
        self.assertIn(b" stuck ingest/42/x.json: wrong type; mend it", log)


class Served(Products):
    """Through a web server."""

    transport = Rewritten

    def test_all_formats(self):
        """every form arrives whole"""
        text = lines(line(n + 1, description="é" * 99) for n in range(20000))
        self.write(text)
        self.assertEqual(self.ids("limit=2&q=product%2019999"), [19999])
        self.assertEqual(self.get("format=ndjson").body, text)
        rows = self.get("format=csv").body.decode().split("\r\n")
        self.assertEqual(len(rows), 20002)


class ServedByDispatcher(Served):
    """The same through /cgi-bin/api."""

    transport = Dispatched


if __name__ == "__main__":
    main()
