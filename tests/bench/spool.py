# SPDX-License-Identifier: MIT
"""Spools of many tasks, written straight as the format says."""

import json
import os
import random
import shutil
import subprocess

from support.case import iso, stamp
from support.cgi import REPOSITORY
from support.root import Root

SCALE = float(os.environ.get("BENCH_SCALE", "100")) / 100
ACTION = "execute_http_request"
PARAMS = {"url": "https://example.org/api/v2/items/1", "method": "GET"}
RESULT = {
    "success": True,
    "data": {"status": 200, "body": "x" * 500},
    "execution_time_ms": 1500,
    "executed_at": iso(),
}
TASK = json.dumps({"action": ACTION, "params": PARAMS}).encode()
READ_MOST = 10000  # tasks of a deep queue that may come to be claimed


def scaled(count):
    return max(10, round(count * SCALE))


def settle(path):
    """So that no fsync that is measured has to write all this, too."""
    subprocess.run(["sync", "--file-system", path], check=True)


class Bench(Root):
    """A root with the settings that are shipped, and tokens."""

    def __init__(self, **queue):
        super().__init__(**queue)
        if not queue:
            shipped = os.path.join(REPOSITORY, "etc", "stoflow.ini")
            place = os.path.join(self.path, "etc", "stoflow.ini")
            shutil.copyfile(shipped, place)
        self.backend = self.token("*", "backend")
        self.plugins = {}
        self.queued = 0

    def plugin(self, user):
        """The token of a user's plugin."""
        if user not in self.plugins:
            self.plugins[user] = self.token(user, "plugin")
        return self.plugins[user]

    def fill(self, names, content, *parts, most=None):
        """Writes files of one content; all beyond `most` are left empty,
        which spares the disk what nobody reads."""
        folder = os.open(self.make(*parts), os.O_RDONLY | os.O_DIRECTORY)
        for number, name in enumerate(names):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            file = os.open(name, flags, 0o600, dir_fd=folder)
            if most is None or number < most:
                os.write(file, content)
            os.close(file)
        os.close(folder)
        if len(names) > 1000:
            settle(self.path)

    def queue(self, user, count, action=ACTION, content=TASK):
        """Adds tasks to a user's queue, behind those that are there."""
        first = self.queued
        self.queued += count
        begin = stamp(-86400)[:9]
        self.fill(
            [
                f"998-{begin}{_time(n)}Z-{action}-task{n}.json"
                for n in range(first, self.queued)
            ],
            content,
            "pending",
            user,
            most=READ_MOST,
        )

    def schedule(self, user, count):
        """Puts tasks for tomorrow before all others."""
        self._put_first(user, count, "get_stats", stamp(86400))

    def pace(self, user, count):
        """Puts tasks before all others whose action has to wait for hours."""
        action = "update_product"
        self._put_first(user, count, action, stamp(-86400))
        path = os.path.join(self.make("pace", user), action)
        self.write(path, b"")
        os.chmod(path, 0o600)
        self.set_age(path, -40000)
        ini = os.path.join(self.path, "etc", "stoflow.ini")
        with open(ini, "a") as file:
            file.write(f"[action {action}]\npace = 86400\n")

    def _put_first(self, user, count, action, moment):
        names = [
            f"500-{moment[:16]}{number:06d}Z-{action}-first{number}.json"
            for number in range(count)
        ]
        self.fill(names, b"{}", "pending", user, most=0)


def _time(microsecond):
    return f"000000.{microsecond:06d}"


def catalogue(size=1595, seed=1):
    """The result of a get_all_products over so many listings, about 3 MB."""
    chance = random.Random(seed)
    data = {
        "products": [_product(number, chance) for number in range(size)],
        "total": size,
    }
    return {
        "success": True,
        "data": data,
        "execution_time_ms": 15000,
        "executed_at": iso(),
    }


def _product(number, chance):
    item = 7750000000 + number * 37
    photo = f"https://images1.vinted.net/t/{chance.getrandbits(128):032x}"
    return {
        "id": item,
        "title": f'Robe d\'été à fleurs "Zara" nº {number}',
        "price": {
            "amount": f"{chance.randrange(100, 9999) / 100:.2f}",
            "currency_code": "EUR",
        },
        "brand": {"id": 12, "title": "Zara"},
        "size_title": "M / 38",
        "status": "Très bon état",
        "url": f"https://www.vinted.fr/items/{item}-robe-dete",
        "view_count": chance.randrange(1000),
        "favourite_count": chance.randrange(100),
        "is_draft": False,
        "is_closed": False,
        "is_reserved": False,
        "is_hidden": False,
        "currency": "EUR",
        "description": "Portée deux fois, envoi rapide et soigné.\n" * 8,
        "photos": [
            {
                "id": item * 10 + place,
                "url": f"{photo}/f800/{item}.jpeg?s={chance.random()}",
                "full_size_url": f"{photo}/{item}.jpeg",
                "dominant_color": "#A8A29B",
                "width": 600,
                "height": 800,
                "high_resolution": {"timestamp": 1733000000 + number},
            }
            for place in range(3)
        ],
        "user": {"id": 29535217, "login": "vendeuse"},
    }
