# SPDX-License-Identifier: MIT
"""A root of its own for each test: etc/ made here, spool/ by the programs."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time

# Nothing runs behind a test unless it asks for it.
DEFAULTS = {"queue": {"background": "no"}}


class Root:
    """A temporary folder (below `base`) with etc/; remove() takes it away.

    Further keywords are keys of [queue] in its stoflow.ini.
    """

    def __init__(self, base=None, **queue):
        self.path = tempfile.mkdtemp(prefix="stoflow-test-", dir=base)
        self.spool = os.path.join(self.path, "spool")
        os.makedirs(os.path.join(self.path, "etc", "tokens"), mode=0o700)
        self.configure(queue=queue)

    def remove(self):
        shutil.rmtree(self.path)

    def configure(self, **sections):
        """Writes etc/stoflow.ini: the defaults, and these sections' keys.

        A section "action NAME" is given as `action_NAME={...}`.
        """
        merged = {name: dict(keys) for name, keys in DEFAULTS.items()}
        for name, keys in sections.items():
            merged.setdefault(name.replace("_", " ", 1), {}).update(keys)
        lines = []
        for name, keys in merged.items():
            lines.append(f"[{name}]")
            lines += [f"{key} = {value}" for key, value in keys.items()]
        self.write_ini("\n".join(lines) + "\n")

    def write_ini(self, text):
        with open(os.path.join(self.path, "etc", "stoflow.ini"), "w") as file:
            file.write(text)

    def token(self, user, scope, **keys):
        """Makes a token as etc/new-token does, and returns it."""
        token = secrets.token_hex(24)
        keys = {"user_id": user, "scope": scope, "note": "a test", **keys}
        text = "".join(f"{key} = {value}\n" for key, value in keys.items())
        self.token_file(token, text)
        return token

    def token_file(self, token, text):
        """Writes the file that a token is looked up by; returns its path."""
        name = hashlib.sha256(token.encode()).hexdigest() + ".ini"
        path = os.path.join(self.path, "etc", "tokens", name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def place(self, *parts):
        """A path below spool/; every part str or bytes."""
        if any(isinstance(part, bytes) for part in parts):
            parts = [
                os.fsencode(str(p) if isinstance(p, int) else p)
                for p in (self.spool, *parts)
            ]
            return os.path.join(*parts)
        return os.path.join(self.spool, *map(str, parts))

    def make(self, *parts):
        """Makes a folder of the spool, and those above it; returns it."""
        path = self.spool
        for part in ("", *parts):
            path = os.path.join(path, str(part)) if part else path
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, 0o700)
        return path

    def drop(self, name, content, user=None, age=None):
        """Puts a file into pending/ at one go; `age` in seconds."""
        folder = ("pending",) if user is None else ("pending", user)
        self.make(*folder)
        path = self.place(*folder, name)
        self.write(path, content)
        if age is not None:
            self.set_age(path, age)
        return path

    def pause(self, reason="", user=42):
        """As touch does, or an editor; returns the path to remove."""
        path = os.path.join(self.make("pending", user), "PAUSED")
        self.write(path, reason)
        return path

    @staticmethod
    def write(path, content):
        """bytes and str as they are, anything else as JSON."""
        if isinstance(content, str):
            content = content.encode()
        elif not isinstance(content, bytes):
            content = json.dumps(content).encode()
        with open(path, "wb") as file:
            file.write(content)

    @staticmethod
    def set_age(path, seconds):
        moment = time.time() - seconds
        os.utime(path, (moment, moment), follow_symlinks=False)

    def ls(self, *parts):
        """The sorted names in a folder; none if there is no folder."""
        try:
            return sorted(os.listdir(self.place(*parts)))
        except FileNotFoundError:
            return []

    def read(self, *parts):
        with open(self.place(*parts), "rb") as file:
            return file.read()

    def json(self, *parts):
        return json.loads(self.read(*parts))

    def exists(self, *parts):
        return os.path.lexists(self.place(*parts))

    def picture(self):
        """Every path below spool/ with type, mode, size, time and content."""
        seen = {}
        raw = os.fsencode(self.spool)
        for folder, _, files in os.walk(raw):
            for path in [folder] + [os.path.join(folder, f) for f in files]:
                seen[os.path.relpath(path, raw)] = _portrait(path)
        return seen

    def changes(self, before):
        """What has changed since a picture.

        Left out are caches, the log, and the mere use of tmp/.
        """
        after = self.picture()
        return [
            f"{os.fsdecode(path)}: {before.get(path)}, {after.get(path)}"
            for path in sorted(set(before) | set(after))
            if before.get(path) != after.get(path)
            and not path.startswith((b"index", b"log"))
            and not (path == b"tmp" and path in before and path in after)
        ]


def _portrait(path):
    status = os.lstat(path)
    content = None
    if os.path.isfile(path) and not os.path.islink(path):
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
    return status.st_mode, status.st_size, status.st_mtime_ns, content
