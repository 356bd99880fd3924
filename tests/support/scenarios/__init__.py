# SPDX-License-Identifier: MIT
"""Every kind of request to every program, each with a tree it works on."""

from support.scenarios import (
    create_task,
    next_task,
    others,
    result,
    sweeper,
    task,
)

SCENARIOS = (
    *create_task.SCENARIOS,
    *next_task.SCENARIOS,
    *result.SCENARIOS,
    *task.SCENARIOS,
    *sweeper.SCENARIOS,
    *others.SCENARIOS,
)
