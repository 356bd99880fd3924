# SPDX-License-Identifier: MIT
"""Whether a process is at work on a spool, told by what is held open.

A program opens its spool before it changes anything there and closes it last,
well after the client has its answer; so does a process that it forked.
"""

import os


def is_quiet(root):
    """Whether nobody but the caller holds the spool's folder open."""
    if not os.path.isdir(root.spool):
        return True
    # Whoever forks and ends while the first look lasts is found by the second.
    return not (holders(root) or holders(root))


def holders(root):
    """The processes that hold the spool's folder open, but for the caller."""
    wanted = os.stat(root.spool)
    ours = str(os.getpid())
    return [
        process
        for process in os.listdir("/proc")
        if process.isdigit() and process != ours
        if any(
            os.path.samestat(status, wanted)
            for status in _open_files(f"/proc/{process}/fd")
        )
    ]


def _open_files(folder):
    """What a process holds open; nothing once it has ended."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            yield os.stat(f"{folder}/{name}")
        except OSError:
            continue  # closed meanwhile
