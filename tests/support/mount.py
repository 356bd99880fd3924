# SPDX-License-Identifier: MIT
"""Small file systems of a test's own: to fill up, and to cut the power of.

They are mounted in a mount namespace of the test program, which ends with
it, however it ends: nobody else ever sees them.
"""

import atexit
import ctypes
import functools
import os
import shutil
import subprocess
import tempfile

MEGABYTE = 1 << 20
CLONE_NEWNS = 0x20000  # of unshare(2), which python has from 3.12 on
MOUNTED = []  # [(process, folder)]: a forked helper inherits the list


class MountError(Exception):
    """This machine does not let us mount, and says why."""


class Disk:
    """A mounted file system in a folder below `base`."""

    def __init__(self, base):
        self.base = tempfile.mkdtemp(prefix="disk-", dir=base)
        self.path = os.path.join(self.base, "mnt")
        os.mkdir(self.path)

    def _mount(self, *arguments):
        _enter_namespace()
        _run("mount", *arguments, self.path)
        MOUNTED.append((os.getpid(), self.path))

    def unmount(self):
        """Goes on where others would give up: a lazy unmount never fails."""
        _unmount(self.path)
        MOUNTED.remove((os.getpid(), self.path))

    def remove(self):
        self.unmount()
        shutil.rmtree(self.base)

    def allow(self, way):
        """Mounts it anew: "ro" or "rw"."""
        _run("mount", "-o", f"remount,{way}", self.path)

    def free(self):
        """(bytes, inodes) left."""
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize, status.f_favail


class MemoryDisk(Disk):
    """A tmpfs."""

    def __init__(self, base, size, inodes):
        super().__init__(base)
        options = f"size={size},nr_inodes={inodes},mode=700"
        self._mount("-t", "tmpfs", "-o", options, "tmpfs")


class LoopDisk(Disk):
    """A file system in a file: "ext4" or "xfs"."""

    # Nothing reaches the disk by itself while a test runs: only what is
    # flushed. The lazy initialisation of ext4 is work of its own.
    SIZES = {"ext4": 64 * MEGABYTE, "xfs": 320 * MEGABYTE}
    MAKE = {
        "ext4": ("-q", "-F", "-m", "0", "-E", "lazy_itable_init=0"),
        "xfs": ("-q", "-f"),
    }
    OPTIONS = {"ext4": "loop,commit=600", "xfs": "loop"}

    def __init__(self, base, kind="ext4", size=None, make=()):
        super().__init__(base)
        self.kind = kind
        self.image = os.path.join(self.base, "image")
        with open(self.image, "wb") as file:
            file.truncate(size or self.SIZES[kind])
        _run(f"mkfs.{kind}", *self.MAKE[kind], *make, self.image)
        self.mount()

    def mount(self):
        options = self.OPTIONS[self.kind]
        self._mount("-t", self.kind, "-o", options, self.image)

    def settle(self):
        """Everything on it reaches the disk."""
        _run("sync", "--file-system", self.path)

    def cut_power(self, journal_first=False):
        """What is not on the disk is lost: at once, or just after the
        journal has got there, and so every name, though not the data."""
        command = "shutdown -f" if journal_first else "shutdown"
        _run("xfs_io", "-x", "-c", command, self.path)
        self.unmount()
        self.mount()


def _run(*command):
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError as error:
        raise MountError(f"{command[0]} is not installed") from error
    if run.returncode != 0:
        reason = run.stderr.decode(errors="replace").strip()
        raise MountError(f"{command[0]}: {reason}")


def _unmount(path):
    try:
        _run("umount", path)
    except MountError:
        _run("umount", "--lazy", path)


@functools.cache
def _enter_namespace():
    """Once for this process and what it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise MountError(f"unshare: {os.strerror(ctypes.get_errno())}")
    _run("mount", "--make-rprivate", "/")
    # Registered after the caller's own cleaning, and so done before it.
    atexit.register(_unmount_all)


def _unmount_all():
    for owner, path in reversed(MOUNTED):
        if owner == os.getpid():
            _unmount(path)


def why_not(base, kind):
    """None where such a file system can be mounted, else the reason."""
    if os.geteuid() != 0:
        return "mounting needs root"
    try:
        if kind == "tmpfs":
            MemoryDisk(base, 64 * 1024, 64).remove()
        else:
            LoopDisk(base, kind).remove()
    except MountError as error:
        return str(error)
    return None
