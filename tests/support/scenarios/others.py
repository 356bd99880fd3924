# SPDX-License-Identifier: MIT
"""The programs of which each needs but a few scenarios."""

import json
import os
import time

from support.case import iso
from support.images import PNG, encode, name_of
from support.scenario import Scenario, refused
from support.scenarios.outcomes import (
    catalogue,
    one_listing,
    stored,
    waiting,
)
from support.scenarios.trees import (
    IDS,
    WHO,
    asked,
    nothing,
    quiet,
    some,
    to_ingest,
    with_photo,
)


def known_seller(stage):
    """A seller whose number on Vinted is on record."""
    some(stage)
    seller = {"user_id": 42, "vinted_user_id": 29535217}
    stage.put(
        json.dumps({**seller, "updated_at": iso(-60)}), "users", "42.json"
    )


def syncing(stage):
    """A sync that waits for who the seller is."""
    quiet(stage)
    stage.queue(WHO)


def catalogued(stage):
    """A catalogue that was found sorted never before."""
    some(stage)
    lines = [f'{{"id":{number},"title":"a shirt"}}' for number in IDS]
    path = stage.put("\n".join(lines) + "\n", "products", "42.ndjson")
    stage.set_age(path, 600)


def connected(stage):
    """A plugin polls, as far as its stamp tells."""
    some(stage)
    path = stage.put("", "index", "42.seen")
    os.utime(path, (time.time() - 60, time.time() + 80))


def sync(name, build, **fields):
    return Scenario(
        f"sync: {name}",
        build,
        "POST",
        "/api/sync/vinted",
        body={"user_id": 42},
        **fields,
    )


def photo(name, build, **fields):
    """An image that is stored. Asked again, it may be there already."""
    fields.setdefault("body", PNG)
    fields.setdefault("scope", "backend")
    fields.setdefault("statuses", (201,))
    fields.setdefault("again", (200, 201))
    return Scenario(
        f"photos: {name}",
        build,
        "POST",
        "/api/photos",
        outcome=stored(PNG),
        **fields,
    )


def execute(name, build, **fields):
    """A command that nobody waits for longer than one look."""
    body = {"action": "EXECUTE_HTTP_REQUEST"}
    body["request"] = {"url": "https://www.vinted.fr/", "method": "POST"}
    fields.setdefault("body", body)
    return Scenario(
        f"execute: {name}",
        build,
        "POST",
        "/api/plugin/execute?user_id=42&timeout=0",
        scope="backend",
        **fields,
    )


SCENARIOS = (
    sync("of a seller who is known", known_seller, outcome=one_listing),
    sync("of one who is not, where nothing was", nothing, outcome=waiting(1)),
    sync("under way", syncing, outcome=waiting(1)),
    sync("under way, its result is in", asked, outcome=one_listing),
    photo("in a root where nothing was", nothing),
    photo("beside others", some),
    photo("that is there already", with_photo, statuses=(200,)),
    photo("in base64", some, body={"content": encode(PNG)}),
    Scenario(
        "photos: one is served",
        with_photo,
        target="/api/photos/" + name_of(PNG, "png"),
    ),
    execute("withdrawn at once", connected, statuses=(504,), again=(503, 504)),
    execute("no plugin", some, **refused(503)),
    execute(
        "refused as malformed",
        connected,
        body={"action": "EXECUTE_HTTP_REQUEST", "request": {"url": 5}},
        **refused(422),
    ),
    Scenario("tasks", some, target="/api/tasks?user_id=42&limit=3"),
    Scenario("products", catalogued, target="/api/products?user_id=42"),
    Scenario(
        "products: results to be taken in",
        to_ingest,
        target="/api/products?user_id=42",
        outcome=catalogue(99, *IDS),
    ),
    Scenario("products: none", some, target="/api/products?format=csv"),
    Scenario("status", connected, target="/api/plugin/status"),
    Scenario("health", some, target="/api/health"),
    Scenario(
        "health: selftest",
        some,
        target="/api/health?selftest=1",
        scope="backend",
    ),
    Scenario("health: in a root where nothing was", nothing, target="/health"),
    Scenario(
        "api: unknown route",
        some,
        target="/api/nothing",
        through="api",
        **refused(404),
    ),
)
