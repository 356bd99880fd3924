# SPDX-License-Identifier: MIT
"""Many processes that set off together and bring back what they found."""

import json
import os
import sys
import traceback


def crowd(count, work):
    """Runs work(0) … work(count - 1) at once, each in a process of its own.

    Returns their results, which must be fit for JSON, in order. Raises
    AssertionError if any of them failed; its traceback goes to stderr.
    """
    gate, opener = os.pipe()
    members = [_start(work, number, gate, opener) for number in range(count)]
    os.close(gate)
    os.close(opener)  # the end of the pipe lets all of them go
    results = [_collect(*member) for member in members]
    if any(result is None for result in results):
        raise AssertionError("a process of the crowd failed")
    return [result[0] for result in results]


def _start(work, number, gate, opener):
    ours, theirs = os.pipe()
    sys.stdout.flush()
    process = os.fork()
    if process != 0:
        os.close(theirs)
        return process, ours
    status = 1
    try:
        os.close(opener)
        os.close(ours)
        os.read(gate, 1)
        with os.fdopen(theirs, "w") as out:
            json.dump([work(number)], out)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _collect(process, pipe):
    with os.fdopen(pipe) as file:
        text = file.read()
    _, status = os.waitpid(process, 0)
    return json.loads(text) if status == 0 else None
