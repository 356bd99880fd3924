# SPDX-License-Identifier: MIT
"""A request to one program, and the tree it is made to."""

import os
from dataclasses import dataclass, field, replace
from typing import Callable

from support import fault
from support.cgi import Direct, encode, parse, program, program_of
from support.stage import TOKENS, Stage


def refused(status):
    """The fields of a scenario that is refused, the second time as well."""
    return {"statuses": (status,), "again": (status,)}


@dataclass
class Scenario:
    """A tree, a request, and what may come of it."""

    name: str
    build: Callable  # puts the tree into a Stage
    method: str = "GET"
    target: str = "/api/plugin/tasks?user_id=42"
    body: object = None
    scope: str = "plugin"
    headers: dict = field(default_factory=dict)
    through: str = ""  # the program to call, where the route does not say
    responds: bool = False  # it is a FastCGI responder
    argv: tuple = ()  # arguments of a call from the shell
    statuses: tuple = (200,)  # without a fault
    again: tuple = (200,)  # of the same request after the fault
    sections: dict = field(default_factory=dict)  # of stoflow.ini
    users: tuple = (42,)
    hints: str = ""  # the paths of what a good answer does not promise to keep
    put_off: bool = False  # a result after which the task is to come again
    anew: tuple = ()  # ids that may be handed out though that may not be twice
    pruned: tuple = ()  # ids that a sweep may take away
    outcome: Callable = None  # (stage, tree) -> complaints at the end
    offers: str = ""  # the id of the task that a poll gets
    holds: bool = False  # tasks are waiting that must not be offered yet
    dry: bool = False  # it only says what it would do
    deep: bool = False  # too many tasks to poll for all of them

    @property
    def shell(self):
        return self.method == "SHELL"

    @property
    def background(self):
        return self.sections.get("queue", {}).get("background") == "yes"

    def stage(self, path):
        stage = Stage.set_up(path, **self.sections)
        self.build(stage)
        return stage

    def program_name(self):
        return self.through or program_of(self.target.partition("?")[0])

    def command(self, stage, log):
        """The request as a Command for strace."""
        body = encode(self.body)
        environment = {"STOFLOW_ROOT": stage.path}
        if not self.shell:
            environment = Direct(stage).environment(
                self.method,
                self.target,
                body,
                TOKENS[self.scope][0],
                self.headers,
            )
            environment["PATH_INFO"] = os.fsdecode(environment["PATH_INFO"])
        argv = (program(self.program_name()), *self.argv)
        if self.responds and log:
            argv = (program("api"),)
        return fault.Command(
            argv, environment, body, stage.path, log, self.responds
        )

    def ask(self, stage):
        """The request once more, undisturbed."""
        if self.shell:
            return run_sweeper(stage)
        return answer_to(self.command(stage, ""))


def answer_to(command):
    output, status = fault.launch(
        command.argv, command.environment, command.body
    )
    return parse(output, b"", status)


def run_sweeper(stage):
    """A sweep by its URL: the answer."""
    return answer_to(SWEEP.command(stage, ""))


def poll(stage, user):
    target = f"/api/plugin/tasks?user_id={user}"
    return answer_to(replace(POLL, target=target).command(stage, ""))


SWEEP = Scenario("", None, target="/api/sweeper", scope="cron")
POLL = Scenario("", None, scope="backend")
