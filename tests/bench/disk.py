# SPDX-License-Identifier: MIT
"""The file system that is measured on: a journaled one of our own, in a file
and mounted where nobody else sees it, or what the folder happens to be on."""

import os
import subprocess

from spool import SCALE
from support.mount import MEGABYTE, LoopDisk, MountError, why_not

LEAST, FULL = 512 * MEGABYTE, 4096 * MEGABYTE
NO_DISKS = ("tmpfs", "ramfs")


class OwnDisk(LoopDisk):
    """An ext4 as anybody has it, but for its many inodes, and that no thread
    writes tables of them meanwhile."""

    MAKE = {"ext4": ("-q", "-F", "-m", "0", "-i", "4096", "-J", "size=64")}
    OPTIONS = {"ext4": "loop,noinit_itable"}


def own_disk(folder):
    """(the disk, or None; why it is none)."""
    reason = why_not(folder, "ext4")
    if reason is not None:
        return None, reason
    size = LEAST + int((FULL - LEAST) * min(1, SCALE))
    try:
        return OwnDisk(folder, size=size), None
    except MountError as error:
        return None, str(error)


def described(path):
    """The file system of a path, in words."""
    command = ["df", "--output=fstype,source", path]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    kind, source = told.decode().splitlines()[1].split(None, 1)
    warning = ", which is no disk: nothing here is durable"
    return f"{kind} on {source}" + warning * (kind in NO_DISKS)


def place(folder):
    """(where to measure, what that is); it is unmounted when we end."""
    disk, reason = own_disk(folder)
    if disk is None:
        return folder, f"{described(folder)} (no own one: {reason})"
    below = described(os.path.dirname(disk.image))
    return disk.path, f"an ext4 of its own in a file on {below}"
