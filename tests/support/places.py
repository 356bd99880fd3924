# SPDX-License-Identifier: MIT
"""The places of a spool that hold no tasks, and how any place is looked at."""

import contextlib
import hashlib
import json
import os
import re
import stat

from support.grammar import ACTION, BUDGET, KEY, NOTE, PHOTO, USER

PER_USER = (
    "pending",
    "executing",
    "done",
    "unknown",
    "ingest",
    "progress",
    "pace",
    "keys",
)
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
OWNER = (
    rf"(?:[1-9]\d{{0,19}}(?: by a list| (?:since|until) {MOMENT})?"
    rf"|nobody since {MOMENT})\n"
)
FLAT = ("rejected", "products", "users", "photos", "index", "tmp", "log")


class Places:
    """What is wrong in a spool, what is debris, and what else lies in it."""

    def __init__(self, spool):
        self.spool = spool
        self.rejected = []
        self.paces = {}  # when the next may go, by user and action
        self.debris = []
        self._faults = []

    def _fault(self, path, text):
        shown = os.path.relpath(os.fsdecode(path), self.spool)
        self._faults.append(f"{shown!r}: {text}")

    def _is_debris(self, path, text):
        shown = os.path.relpath(os.fsdecode(path), self.spool)
        self.debris.append(f"{shown!r}: {text}")

    @staticmethod
    def _is_directory(path):
        return stat.S_ISDIR(os.lstat(path).st_mode)

    def _check_directory(self, path):
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        # The sticky bit stays until a flush has made the name safe.
        if mode & ~stat.S_ISVTX != 0o700:
            self._fault(path, f"directory has mode {mode:04o}, want 0700")

    def _check_file(self, path, mode=True):
        """A regular file that a program wrote: True if it is one."""
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            self._fault(path, "not a regular file")
            return False
        permissions = stat.S_IMODE(status.st_mode)
        if mode and permissions != 0o600:
            self._fault(path, f"file has mode {permissions:04o}, want 0600")
        return True

    def _json(self, path):
        """The JSON object in a file; None, and a fault, if there is none."""
        with open(path, "rb") as file:
            content = file.read()
        try:
            record = json.loads(content.decode("utf-8"))
        except ValueError as error:
            self._fault(path, f"not JSON: {error}")
            return None
        if not isinstance(record, dict):
            self._fault(path, "not a JSON object")
            return None
        return record

    @staticmethod
    def _is_json(path):
        with open(path, "rb") as file:
            try:
                json.loads(file.read().decode("utf-8"))
            except ValueError:
                return False
        return True

    def _user_folders(self, path):
        for name in sorted(os.listdir(path)):
            folder = os.path.join(path, name)
            if not USER.fullmatch(name) or not self._is_directory(folder):
                self._fault(folder, "not a user's folder")
                continue
            self._check_directory(folder)
            for entry in sorted(os.listdir(folder)):
                yield int(name), entry, os.path.join(folder, entry)

    def _matching(self, place, pattern, entries):
        """(user, match, path) of the entries whose name is in the grammar of
        their place."""
        for user, name, here in entries:
            match = re.fullmatch(pattern, name)
            if match is None:
                self._fault(here, f"name outside the grammar of {place}/")
            else:
                yield user, match, here

    def _of_users(self, place, pattern, path):
        return self._matching(place, pattern, self._user_folders(path))

    def _of_all(self, place, pattern, path):
        """The same where there are no folders of users: (match, path)."""
        entries = (
            (None, name, os.path.join(path, name))
            for name in sorted(os.listdir(path))
        )
        for _, match, here in self._matching(place, pattern, entries):
            yield match, here

    def _read_pace(self, path):
        either = re.compile(f"{ACTION.pattern}|{BUDGET.pattern}")
        for user, match, here in self._of_users("pace", either, path):
            if self._check_file(here):
                status = os.lstat(here)
                if match["count"] is None:
                    self.paces[user, match[0]] = status.st_mtime
                if status.st_size != 0:
                    self._fault(here, "a stamp that is not empty")

    def _read_keys(self, path):
        """Each names the task that its key made under another ID, and then
        has the digest of the request that did so."""
        for _, _, here in self._of_users("keys", KEY, path):
            if self._check_file(here):
                with open(here, encoding="ascii") as file:
                    if not NOTE.fullmatch(file.read()):
                        self._fault(here, "no ID of a task and a digest")

    def _read_rejected(self, path):
        raw = os.fsencode(path)
        names = set(os.listdir(raw))
        for name in sorted(names):
            here = os.path.join(raw, name)
            if name.endswith(b".why") and name[:-4] not in names:
                self._is_debris(here, "a reason without its file")
            if name.endswith(b".why") and name[:-4] in names:
                self._check_file(here)
                if os.lstat(here).st_size == 0:
                    self._fault(here, "an empty reason")
            elif not name.endswith(b".why"):
                self.rejected.append(here)
                if name + b".why" not in names:
                    self._fault(here, "rejected without a reason")

    def _read_products(self, path):
        """The catalogue, those of other accounts, and whose the first is."""
        aside = r"(?:\.\d{1,20}(?:-\d{8}T\d{6}\.\d{6}Z)?)?"
        names = rf"[1-9]\d{{0,18}}(?:(?:{aside}|\.since)\.(ndjson)|\.account)"
        for match, here in self._of_all("products", names, path):
            if not self._check_file(here):
                continue
            if match[1] == "ndjson":
                self._check_catalogue(here)
                continue
            with open(here, encoding="ascii") as file:
                if not re.fullmatch(OWNER, file.read()):
                    self._fault(here, "it does not say whose it is")

    def _check_catalogue(self, path):
        """One product a line, sorted by id, none twice."""
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text and not text.endswith("\n"):
            self._fault(path, "last line is torn")
        ids = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                ids.append(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError):
                self._fault(path, f"line {number} is no product")
                return
        if ids != sorted(set(ids)):
            self._fault(path, "products not sorted by id, or twice")

    def _read_users(self, path):
        names = r"[1-9]\d{0,18}(?:\.\d{1,20})?\.(json|other|refused)"
        for match, here in self._of_all("users", names, path):
            if self._check_file(here) and match[1] != "refused":
                self._json(here)

    def _read_photos(self, path):
        """A photo is what its name says: by its digest, whole."""
        for match, here in self._of_all("photos", PHOTO, path):
            if self._check_file(here):
                with open(here, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
                if digest != match["digest"]:
                    self._fault(here, f"its digest is {digest}")

    def _read_index(self, path):
        """Caches: any content is allowed, so only names and modes count."""
        names = r"[A-Za-z0-9][A-Za-z0-9._-]*"
        for _, here in self._of_all("index", names, path):
            self._check_file(here)

    def _read_tmp(self, path):
        """What vanishes while it is read is in use, by a command that waits
        for its answer, and is nobody's debris."""
        for name in sorted(os.listdir(path)):
            here = os.path.join(path, name)
            with contextlib.suppress(FileNotFoundError):
                self._check_file(here)
                self._is_debris(here, "left in tmp/")

    def _read_log(self, path):
        for name in sorted(os.listdir(path)):
            self._check_file(os.path.join(path, name))
