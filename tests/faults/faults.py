# SPDX-License-Identifier: MIT
"""The deliberate faults: each is a small change of one source of lib/ that
takes away something that the queue's safety rests on.

    for fault in all_faults(tree): fault.apply(tree)

Most are found in the sources by themselves, so that a flush, a lock or a look
that is added later is tried as well: each call of a function named in LEFT_OUT
gives way to the answer that it has where there is nothing to do. The others
stand in by-hand.txt: steps in another order, faults that there were once.
"""

import os
import re
from dataclasses import dataclass

# What the fault is called, the function, and what stands for its call.
LEFT_OUT = (
    ("unsynced", "fsync", "0"),
    ("unsynced", "directory_sync", "ERROR_NONE"),
    ("unsynced", "account_sync_folder", "ERROR_NONE"),
    ("unsynced", "file_secure", "ERROR_NONE"),
    ("unsynced", "file_sync", "ERROR_NONE"),
    ("unsynced", "enqueue_make_safe", "ERROR_NONE"),
    ("unsynced", "secure_name", "ERROR_NONE"),
    ("unsynced", "take_make_safe", "ERROR_NONE"),
    ("unlooked", "find_undone", "ERROR_NONE"),
    ("unlooked", "find_unspoken", "ERROR_NONE"),
    ("unlooked", "clear_earlier", "ERROR_NONE"),
    ("unlooked", "verdict_clear_done", "ERROR_NONE"),
    ("unlooked", "look_for_subject", "ERROR_NONE"),
    ("unlooked", "verdict_step_look", "ERROR_NONE"),
    ("unlooked", "verdict_step_is_link", "true"),
    ("unlooked", "yield_to_success", "ERROR_NONE"),
    ("unlooked", "refuse_second", "ERROR_NONE"),
    ("unlooked", "candidate_refuse_second", "ERROR_NONE"),
    ("unlooked", "candidate_refuse_earlier", "ERROR_NONE"),
    ("unlooked", "cancel_mark_look", "ERROR_NOT_FOUND"),
    ("unlooked", "verdict_finish_other", "ERROR_NOT_FOUND"),
    ("unlocked", "account_lock", "SPOOL_LOCK_NONE"),
    ("unlocked", "spool_lock", "SPOOL_LOCK_NONE"),
    ("unlocked", "spool_lock_try", "SPOOL_LOCK_NONE"),
    ("unlocked", "spool_lock_file", "(void)0"),
    ("unlocked", "hold_take", "(hold.path.text[0] = '\\0', ERROR_NONE)"),
)
# Which programs are to run, and what is to go wrong, so that a fault in such a
# source, or one of such a name, comes to light soon: the first that fits.
PROGRAMS = (
    (r"queue/(enqueue|husk|idempotency)|page_create_task", "create,poll,task"),
    (r"queue/(drop|reject)", "person,create,poll,cancel,sweeper"),
    (r"queue/queue", "create,poll,held,task,person"),
    (r"catalog/", "create,poll,result,products,sync,photos,sweeper"),
    (
        r"lifecycle/|task/|page/|queue/find",
        "create,poll,held,result,progress,cancel,retry,task,sweeper",
    ),
)
WRONG = (("unsynced", "power,kill"), ("unlocked", "no"))
# Here nothing is made safe: it is tried whether the host can do it.
LEFT_ALONE = re.compile(r"lib/upkeep/selftest")
# What stands before the name in a declaration, a definition or a comment.
NO_CALL = re.compile(r"(\b(enum error|int|bool|void)|^ ?/?\*.*)\s*$")


@dataclass(frozen=True)
class Fault:
    """One change of one file."""

    name: str
    path: str
    start: int  # in the text of the file
    end: int
    text: str  # what stands there instead
    more: tuple = ()  # options of the simulator that bring it to light sooner

    def options(self):
        """Where to look for it, unless the fault says it itself."""
        queue = "deep" if "queue/queue" in self.path else "small"
        yield f"QUEUE={queue}"
        for pattern, programs in PROGRAMS:
            if re.search(pattern, self.path):
                yield f"PROGRAMS={programs}"
                break
        for kind, faults in WRONG:
            if self.name.startswith(kind):
                yield f"FAULTS={faults}"
        yield from self.more

    def apply(self, tree):
        """Puts the fault into a tree; what it returns takes it out again."""
        path = os.path.join(tree, self.path)
        with open(path, encoding="utf-8") as file:
            before = file.read()
        write(path, before[: self.start] + self.text + before[self.end :])
        return lambda: write(path, before)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def sources(tree):
    """(path in the tree, text) of each source of lib/."""
    for folder, _, names in sorted(os.walk(os.path.join(tree, "lib"))):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".c"):
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, tree), file.read()


def end_of_call(text, opening):
    """Behind the parenthesis that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
    raise ValueError("a call without an end")


def function_at(text, at):
    """The function in whose body that is."""
    last = None
    for last in re.finditer(r"^\w[^;{}]*?\b(\w+)\([^;{}]*\)\n\{", text, re.M):
        if last.end() > at:
            break
        name = last[1]
    return name


def calls(text, function):
    """(start, end, the function it stands in) of each call in a source."""
    for match in re.finditer(rf"\b{function}\(", text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not NO_CALL.search(line):
            end = end_of_call(text, match.end() - 1)
            yield match.start(), end, function_at(text, match.start())


def left_out(tree):
    """The faults that LEFT_OUT tells of, named by the function in which the
    call stands, and counted there."""
    for path, text in sources(tree):
        if LEFT_ALONE.match(path):
            continue
        for kind, function, answer in LEFT_OUT:
            seen = []
            for start, end, within in calls(text, function):
                seen.append(within)
                name = f"{kind} {path[4:-2]} {within} {function}"
                if seen.count(within) > 1:
                    name += f" {seen.count(within)}"
                yield Fault(name, path, start, end, answer)


def read(name):
    """A list beside this file, without its comments."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, name), encoding="utf-8") as file:
        return re.sub(r"^#.*\n", "", file.read(), flags=re.M)


def by_hand(tree):
    """The faults of by-hand.txt. Between lines of `==` each has a line with
    its name, one with the source and perhaps options of the simulator, the
    text that stands there once, a line of `--`, and what is to stand there
    instead."""
    for block in read("by-hand.txt").split("\n==\n")[1:]:
        name, place, change = block.rstrip("\n").split("\n", 2)
        path, *more = place.split()
        before, _, after = change.partition("\n--")
        with open(os.path.join(tree, path), encoding="utf-8") as file:
            text = file.read()
        if text.count(before) != 1:
            count = text.count(before)
            raise ValueError(f"{name}: its text is {count} times in {path}")
        start = text.index(before)
        end = start + len(before)
        after = after.lstrip("\n")
        yield Fault(name, path, start, end, after, tuple(more))


def all_faults(tree):
    return [*by_hand(tree), *left_out(tree)]


def accounted():
    """What accounted.txt says: {name of the fault: (kind, what)}."""
    said = {}
    for block in filter(None, re.split(r"\n\n+", read("accounted.txt"))):
        name, _, rest = block.partition("\n")
        kind, _, what = " ".join(rest.split()).partition(": ")
        if name in said:
            raise ValueError(f"{name}: accounted for twice")
        said[name] = (kind, what)
    return said
