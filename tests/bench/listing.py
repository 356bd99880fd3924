# SPDX-License-Identifier: MIT
"""A seller's whole list comes in, again and again."""

from bed import SELLER, Bed
from spool import catalogue
from support.cgi import encode, program_of

TASK = encode({"action": "get_all_products", "params": {}})
POLL = f"/api/plugin/tasks?user_id={SELLER}"
RESULT = "/api/plugin/tasks/@ID@/result"
SIZE = 1595  # products


class Listing(Bed):
    """What is measured is (seconds, bytes of memory)."""

    def __init__(self, load, *folder):
        super().__init__(*folder)
        self.load = load
        # One list after the other, so that each changes all of the catalogue.
        self.bodies = [encode(catalogue(SIZE, seed)) for seed in (1, 2)]
        self.size = len(self.bodies[0])
        self.sweeper = load.exec(
            self.program("sweeper"), {"STOFLOW_ROOT": self.root.path}
        )
        self.ingest()

    def step(self, method, target, body=b""):
        env = self.environment(method, target, body)
        path = self.program(program_of(target.partition("?")[0]))
        return self.load.exec(path, env, body)

    def carry_out(self):
        """The steps that lead to a result, which is the last."""
        self.root.queue(SELLER, 1, "get_all_products", TASK)
        body = self.bodies[self.next() % 2]
        poll = self.step("GET", POLL)
        return poll, self.step("POST", RESULT, body)

    def accept(self):
        (_, taken), peak = self.load.run_and_look(self.carry_out())
        self.sweep()
        return taken[0], peak

    def ingest(self):
        self.load.run(self.carry_out())
        (taken,), peak = self.load.run_and_look([self.sweeper])
        return taken[0], peak
