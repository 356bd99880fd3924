# SPDX-License-Identifier: MIT
"""Tasks that are created by the API."""

from support.images import PNG, encode
from support.scenario import Scenario, refused
from support.scenarios.outcomes import both, ends, stored, waiting, with_url
from support.scenarios.trees import SHIRT, STATS, deep, indexed, nothing, some

NAMED = {"task_id": "named-1"}


def create(name, build, **fields):
    """A task by the API."""
    body = fields.pop("body", None)
    if body is None:
        body = {"user_id": 42, "action": "create_product"}
        body["params"] = SHIRT
        body.update(fields.pop("members", {}))
    fields.setdefault("target", "/api/tasks/create")
    fields.setdefault("statuses", (201,))
    fields.setdefault("again", (201,))
    return Scenario(
        f"create: {name}", build, "POST", body=body, scope="backend", **fields
    )


SCENARIOS = (
    create("in a root where nothing was", nothing),
    create("beside others", some),
    create(
        "in the guide's form",
        some,
        target="/api/plugin/tasks/create?user_id=42&action=get_stats",
        body={"item_id": 123456},
    ),
    create(
        "with an id",
        some,
        members=NAMED,
        again=(201, 409),
        outcome=ends("named-1", "pending"),
    ),
    create(
        "with an Idempotency-Key",
        some,
        headers={"Idempotency-Key": "order 66"},
        outcome=waiting(3),
    ),
    create(
        "with an Idempotency-Key and an id",
        some,
        members=NAMED,
        headers={"Idempotency-Key": "order 66"},
        outcome=ends("named-1", "pending"),
    ),
    create(
        "with the id of a waiting task",
        some,
        members={"task_id": STATS.id},
        **refused(409),
    ),
    create(
        "with the id of a running task",
        some,
        members={"task_id": "running"},
        **refused(409),
    ),
    create(
        "with the id of a finished task",
        some,
        members={"task_id": "finished"},
        **refused(409),
    ),
    create(
        "refused as malformed",
        some,
        members={"priority": "high"},
        **refused(422),
    ),
    create(
        "with its photo",
        some,
        body={
            "user_id": 42,
            "action": "upload_photo",
            "params": {"item_id": 5, "photo_data": encode(PNG)},
        },
        outcome=both(stored(PNG), with_url),
    ),
    create("on a deep queue", deep, deep=True),
    create("on a deep queue with an index", indexed, deep=True),
    create("through the dispatcher", some, through="api"),
)
