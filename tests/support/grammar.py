# SPDX-License-Identifier: MIT
"""The names in a spool, and the members of its files, by a grammar of our own:
no code of the library."""

import re

STAMP = r"\d{8}T\d{6}\.\d{6}Z"
NAME = (
    rf"(?P<rank>\d{{3}})-(?P<created>{STAMP})-(?P<action>[a-z0-9_]{{1,50}})"
    r"-(?P<id>[A-Za-z0-9_-]{1,64})"
)
GENERATION = r"\.r(?P<generation>[1-9]\d*)"
TASK = rf"{NAME}(?:{GENERATION})?\.json"
QUEUED = re.compile(TASK)
EXECUTING = re.compile(
    rf"(?P<deadline>{STAMP})-(?P<lease>[a-z0-9]{{1,32}})-{TASK}"
)
DONE = re.compile(
    r"(?P<id>[A-Za-z0-9_-]{1,64})\.(?P<state>completed|failed)\.json"
)
INGEST = re.compile(
    rf"(?P<completed>{STAMP})-(?P<id>[A-Za-z0-9_-]{{1,64}})\.json"
)
UNKNOWN = re.compile(
    rf"(?P<since>{STAMP})-(?P<state>new|missing|asked)"
    r"-(?P<id>[A-Za-z0-9_-]{1,64})\.json"
)
PROGRESS = re.compile(
    r"(?P<id>[A-Za-z0-9_-]{1,64})\.(?P<kind>json|cancel|failure)"
)
PAST_LEASES = re.compile(rf"{NAME}{GENERATION}\.leases")
KEY = re.compile(r"key-[0-9a-f]{40}")
NOTE = re.compile(r"[A-Za-z0-9_-]{1,64}\n[0-9a-f]{40}\n")
PHOTO = re.compile(r"(?P<digest>[0-9a-f]{64})\.(?:jpg|png|webp)")
USER = re.compile(r"[1-9]\d{0,18}")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ACTION = re.compile(r"[a-z0-9_]{1,50}")
BUDGET = re.compile(
    rf"{STAMP}-(?P<count>\d{{1,7}})-(?:(?P<told>\d{{1,7}})-"
    r"(?P<open>[a-z0-9]{1,32})\.open|(?P<sent>[a-z0-9]{1,32})\.sent)"
)

TASK_MEMBERS = (
    "task_id",
    "user_id",
    "action",
    "params",
    "priority",
    "timeout",
    "created_at",
)
DONE_MEMBERS = TASK_MEMBERS + (
    "status",
    "result",
    "error",
    "started_at",
    "completed_at",
    "executed_at",
    "execution_time_ms",
    "attempts",
)
