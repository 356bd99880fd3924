# SPDX-License-Identifier: MIT
"""One fault, and everything that must hold after it.

A Scenario is a tree and a request. A Trial strikes the request at one point
in a copy of the tree, and then looks at what is left:

 - the tree keeps every invariant, and everything that was there is there;
 - the answer, if one came, says what the disk says;
 - the client asks again, and gets what it should have got;
 - the sweeper runs, and leaves no debris;
 - every lease ends and a plugin polls until there is nothing left: it is
   offered every task that is waiting exactly once, and none that may not be
   repeated and was handed out before.

The last three steps are done twice over: the client asks again before the
sweeper runs, and after it. They are left out where the fault left the tree as
it was, and, unless the trial is exhaustive, where a fault before it left the
same: most faults do, for most calls change nothing.
"""

import os
import re

from support import fault
from support.agreement import Agreement, is_marked
from support.case import stamp
from support.cgi import parse
from support.losses import losses
from support.reader import Tree
from support.scenario import poll, run_sweeper
from support.stage import clear, likeness, portrait

REPEATABLE = (
    "get_user_data",
    "get_all_products",
    "get_stats",
    "update_product",
    "update_prices",
    "delete_product",
)
FAILURES = (500, 503, 507)
# A shell's sweep: done, set up wrongly, or not this time.
SHELL_STATUSES = (0, 100, 111)


class Trial:
    """One scenario, one fault. `run` returns what is wrong, in words."""

    agreement = Agreement
    power_lost = False  # by the fault

    def __init__(self, scenario, template, workplace, exhaustive=False):
        self.scenario = scenario
        self.template = template
        self.path = os.path.join(workplace, "root")
        self.spare = os.path.join(workplace, "spare")
        self.log = os.path.join(workplace, "log")
        self.before = Tree(template.path)
        self.portrait = portrait(template.path)
        self.untouched = likeness(self.portrait, self.portrait)
        self.seen = {self.untouched}
        self.exhaustive = exhaustive
        self.order = ""
        self.wrong = []
        self.claimed = set()  # what must not be offered any more
        self.points = []  # of a run without a fault
        self.swept = False
        self.stage = None
        self.answer = None

    def run(self, point):
        """(whether the point was reached, complaints). Without a point, the
        request goes undisturbed, and `points` then holds its calls."""
        self.wrong = []
        self.stage = self.template.copy(self.path)
        try:
            return self._run(point), self.wrong
        except (AssertionError, ValueError) as error:
            self._complain(f"{type(error).__name__}: {error}")
            return True, self.wrong
        finally:
            clear(self.path)
            clear(self.spare)

    def _strike(self, point):
        command = self.scenario.command(self.stage, self.log)
        if point is not None:
            return fault.strike(command, point)
        outcome, self.points = fault.trace(command)
        return outcome

    def _run(self, point):
        outcome = self._strike(point)
        tree = self._look("after the fault")
        killed = point is not None and point.fault == "KILL"
        self._take_answer(outcome, killed, tree)
        if not killed:
            self._check_tidied(outcome, tree)
        if self.scenario.dry and not outcome.calls:
            if self._state() != self.untouched:
                self._complain("a dry run has changed the tree")
        if point is None or self._is_new():
            self.stage.copy(self.spare)
            self._follow_up(tree, sweep_first=False)
            clear(self.path)
            os.rename(self.spare, self.path)
            self._follow_up(tree, sweep_first=True)
        return outcome.struck

    def _is_new(self):
        """Whether the fault has left a tree that none before it has left."""
        state = self._state()
        if self.exhaustive:
            return state != self.untouched
        new = state not in self.seen
        self.seen.add(state)
        return new

    def _state(self):
        """What the tree looks like; of a changed index also the content."""
        now = portrait(self.path)
        state = likeness(self.portrait, now)
        for name in now:
            if name.endswith(".queue") and self._is_changed(name, now):
                with open(self.path + name, "rb") as file:
                    state |= {file.read()}
        return state

    def _is_changed(self, name, now):
        before = self.portrait.get(name)
        return before is None or before.st_mtime_ns != now[name].st_mtime_ns

    def _follow_up(self, tree, sweep_first):
        self.claimed, self.swept = set(), False
        self.order = ", swept first" if sweep_first else ""
        self._note_claims(tree)
        self._quieten()
        if sweep_first:
            self._sweep()
        self._ask_again()
        self._sweep()
        tree = self._look("at the end", after_sweep=True)
        if self.scenario.outcome:
            for text in self.scenario.outcome(self.stage, tree):
                self._complain(text)
        self._exhaust(tree)
        self.order = ""

    def _quieten(self):
        """What follows is looked at step by step: nothing in the background."""
        if self.scenario.background:
            sections = dict(self.scenario.sections)
            sections["queue"] = {**sections["queue"], "background": "no"}
            self.stage.configure(**sections)

    # --- Looking ------------------------------------------------------------

    def _look(self, when, after_sweep=False):
        tree = Tree(self.path, self.power_lost)
        for violation in tree.violations(after_sweep):
            self._complain(f"{when}: {violation}")
        for text in losses(self.before, tree, self.scenario.pruned):
            self._complain(f"{when}: {text}")
        return tree

    def _complain(self, text):
        self.wrong.append(text + self.order)

    def _note_claims(self, tree):
        """Remembers which tasks must never be offered any more."""
        for key, task in tree.tasks.items():
            handed_out = task.state == "executing" or task.done
            if key[1] in self.scenario.anew:
                continue
            if handed_out and task.action not in REPEATABLE:
                self.claimed.add(key)

    def _check_tidied(self, outcome, tree):
        """A program that lives leaves nothing in tmp/ but what it could not
        remove, and a verdict that is for others to carry out: on a full disk
        there is no room for debris."""
        if any(call.startswith("unlink") for call in outcome.calls):
            return
        for debris in set(tree.debris) - set(self.before.debris):
            if "left in tmp/" in debris and ".verdict" not in debris:
                self._complain(f"{outcome.calls}: {debris}")

    # --- The answer ---------------------------------------------------------

    def _take_answer(self, outcome, killed, tree):
        self.answer = None
        if self.scenario.shell:
            if not killed and outcome.status not in SHELL_STATUSES:
                self._complain(f"exit status {outcome.status}")
            return
        if not killed and outcome.status < 0 or outcome.status == 86:
            self._complain(f"the program died: {outcome.status}")
        # A responder cannot answer a request whose parameters it has not got.
        lost = self.scenario.responds and outcome.request_cut
        may_lack = killed or outcome.answer_cut or lost
        try:
            self.answer = parse(
                outcome.output, b"", 0 if may_lack else outcome.status
            )
        except (AssertionError, ValueError) as error:
            if not may_lack:
                self._complain(f"no sound answer: {error}")
            return
        self._check_answer(outcome, tree)

    def _check_answer(self, outcome, tree):
        answer = self.answer
        fine = self.scenario.statuses
        if outcome.calls:
            fine += FAILURES
            if outcome.request_cut:
                fine += (400,)
        if answer.status not in fine:
            self._complain(f"unexpected answer {answer!r}")
        if self.scenario.offers and answer.status == 200:
            self._check_offer(answer.json["task_id"], bool(outcome.calls))
        if outcome.flush_cut and self._promises(outcome.calls[0]):
            self._complain(f"{outcome.calls[0]}, and yet {answer!r}")
        if not (outcome.calls and self._is_empty_poll()):
            self._check_agreement(tree)

    def _is_empty_poll(self):
        """Which may have passed over what a call has failed for."""
        answer = self.answer
        return (
            answer.status == 200
            and self.scenario.program_name() == "next-task"
            and answer.json["task_id"] is None
        )

    def _check_agreement(self, tree):
        agreement = self.agreement(
            self.scenario, self.before, self.stage, tree
        )
        self.wrong += agreement.complaints(self.answer)

    def _promises(self, call):
        """Whether the answer says that what this call was to make safe will
        survive a power loss. Work in the background comes after it."""
        answer = self.answer
        hints = self.scenario.hints
        if self.scenario.background or hints and re.search(hints, call):
            return False
        if answer.status not in (200, 201, 202):
            return False
        if self.scenario.method != "GET":
            return True
        action = answer.json.get("action")
        return action is not None and action not in REPEATABLE

    def _check_offer(self, task_id, failed):
        """Where a call has failed, what is overdue may have to wait, and one
        that it failed for is passed over for another that is due."""
        fine = {self.scenario.offers}
        if failed:
            waiting = self.before.in_state("pending")
            due = [task for task in waiting if task.name[4:] < stamp()]
            fine |= {None} | {task.id for task in due}
        if task_id not in fine:
            self._complain(f"offered {task_id}, want {self.scenario.offers}")

    # --- What follows -------------------------------------------------------

    def _ask_again(self):
        answer = self.scenario.ask(self.stage)
        if answer.status == 503 and not self.swept:
            # What a killed program held is held until a sweep; the client
            # is told to come again, and will.
            self._sweep()
            answer = self.scenario.ask(self.stage)
        if answer.status not in self.scenario.again:
            self._complain(f"asked again: {answer!r}")
        tree = self._look("asked again")
        self._note_claims(tree)

    def _sweep(self):
        self.swept = True
        self.stage.let_debris_age()
        answer = run_sweeper(self.stage)
        if answer.status != 200:
            self._complain(f"the sweeper: {answer!r}")
        tree = self._look("after the sweep", after_sweep=True)
        if tree.drops:
            # What held them back went with the first sweep.
            run_sweeper(self.stage)
            tree = self._look("after two sweeps", after_sweep=True)
        for drop in tree.drops:
            self._complain(f"two sweeps have left the drop {drop.name!r}")
        self._note_claims(tree)

    def _exhaust(self, tree):
        """Polls as a plugin would until there is nothing left."""
        if self.scenario.deep:
            self._check_order(tree)
            return
        self.stage.let_leases_end()
        if self.scenario.holds:
            self.stage.configure()  # no action has a rule of its own
        offered = []
        ending = {key for key in tree.tasks if is_marked(self.stage, key)}
        for user in self.scenario.users:
            for _ in range(len(tree.tasks) + 2):
                self.stage.let_holds_end()
                answer = poll(self.stage, user)
                if answer.status != 200 or answer.json["task_id"] is None:
                    break
                offered.append((user, answer.json["task_id"]))
            if answer.status != 200 or answer.json["task_id"] is not None:
                self._complain(f"polling does not come to an end: {answer!r}")
        self._check_offers(tree, offered, ending)
        self._look("after all polls")

    def _check_offers(self, tree, offered, ending):
        for key in offered:
            if offered.count(key) != 1:
                self._complain(f"{key} is offered {offered.count(key)} times")
            if key in self.claimed:
                self._complain(f"{key} may not be repeated, and is offered")
        for key, task in tree.tasks.items():
            waiting = task.state == "pending" or (
                task.state == "executing"
                and task.action in REPEATABLE
                and task.generation < 3
            )
            if waiting and key[0] in self.scenario.users:
                if key not in offered and key not in ending:
                    self._complain(f"{key} is never offered")

    def _check_order(self, tree):
        """The next offers are the first of the listing."""
        waiting = tree.in_state("pending")
        for task in waiting[:3]:
            answer = poll(self.stage, task.user)
            if answer.json.get("task_id") != task.id:
                self._complain(f"want {task.name} offered, have {answer!r}")
