# SPDX-License-Identifier: MIT
"""Another account, for what root may do in any case."""

import os
import subprocess

NOBODY = 65534


def runs_for(user, path):
    """Whether this user can run a program at `path`."""
    test = ["test", "-x", path]
    return subprocess.run(test, user=user, cwd="/").returncode == 0


def own_all(path, user, but=None):
    """Gives the user all that lies at `path`, but for one path."""
    for folder, _, files in os.walk(path):
        for each in [folder] + [os.path.join(folder, name) for name in files]:
            if each != but:
                os.chown(each, user, -1)
