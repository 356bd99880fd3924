# SPDX-License-Identifier: MIT
"""What the stand-in knows and does. Tests read and set it while it runs."""

import math
import re
import threading
import uuid
from dataclasses import dataclass, field

from vinted.answers import DATADOME, RETIRED, RETIRED_HTML
from vinted.wardrobe import is_public, make_item, make_items

# A user as /api/v2/users/current tells it; the members are those of the guides,
# and the currency in which the account sells.
SELLER = {
    "id": 29535217,
    "login": "shop.ton.outfit",
    "email": "user@example.com",
    "real_name": "John Doe",
    "business_account": {"id": 23111},
    "currency": "EUR",
}
OTHER = {
    "id": 71450023,
    "login": "une.autre",
    "email": "autre@example.com",
    "real_name": "Jeanne Autre",
    "business_account": None,
    "currency": "EUR",
}
# Vinted's countries are sites of their own: whoever sells in the United
# Kingdom does so on www.vinted.co.uk, in pounds.
BRITON = {
    "id": 80311766,
    "login": "a.briton",
    "email": "briton@example.com",
    "real_name": "Jane Doe",
    "business_account": None,
    "currency": "GBP",
}
TIMEOUT = 60


@dataclass
class Seen:
    """A request that arrived, and what it was answered."""

    method: str
    path: str
    headers: dict
    body: bytes
    status: int = 0


@dataclass
class Fault:
    """What happens to the next `times` requests that it fits."""

    method: str
    path: str  # a regular expression, found anywhere in path and query
    status: int = 0  # 0: the usual answer, once the gate is open
    then: object = None  # called when the answer has been made up, not yet sent
    is_cut: bool = False  # done as usual, and hung up on without an answer
    headers: dict = field(default_factory=dict)
    body: str = "{}"
    times: int = 1
    reached: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def fits(self, method, path):
        is_it = self.method == method and re.search(self.path, path)
        return bool(self.times and is_it)


class Site:
    """The state of one seller's Vinted."""

    # `items` are SELLER's, whoever is signed in; `others` has those of others.

    def __init__(self, items=45):
        self.lock = threading.RLock()
        self.user = dict(SELLER)
        self.signed_in = True
        self.form = "stream"
        self.items = make_items(items)
        self.others = {OTHER["id"]: {}, BRITON["id"]: {}}
        self.titles = []  # of strangers' listings that the pages show
        self.cut = 41  # bytes: how long the pieces of a page's stream are
        self.is_heavy = False  # items with all that the real ones bear
        self.closing = threading.Event()  # what hangs is let go
        self.photos = {}  # by id: what was uploaded
        self.anon_id = str(uuid.uuid4())
        self.session = str(uuid.uuid4())
        self.token = str(uuid.uuid4())  # what requests must bear
        self.page_token = self.token  # what the next page will tell
        self.refusal = 401  # to a request with another token
        self.has_pagination = True
        self.has_stats = True  # else only the item tells them
        self.delete_by = "POST"  # or "DELETE"
        self.loads = 0
        self.requests = []
        self.faults = []

    def stale_token(self, for_ever=False):
        """The token of the pages that are open is no longer taken. With
        `for_ever` neither is that of the next one."""
        with self.lock:
            self.token = str(uuid.uuid4())
            self.page_token = "0" * 8 + str(uuid.uuid4())[8:]
            if not for_ever:
                self.page_token = self.token

    def sign_in(self, user):
        """Another account, or None: the session that there was has ended, and
        pages that are open are the former user's."""
        with self.lock:
            self.signed_in = user is not None
            self.user = dict(user or self.user)
            self.session = str(uuid.uuid4())

    def switch(self, user):
        """As sign_in, but in another tab of the same browser, which therefore
        has the new session's cookies already."""
        with self.lock:
            self.signed_in = user is not None
            self.user = dict(user or self.user)

    def is_owner(self, number):
        """Whether whoever is signed in may see all of this user's wardrobe."""
        return self.signed_in and self.user["id"] == number

    def wardrobe_of(self, number):
        """The items of a user, by id; None where there is no such user."""
        if number == SELLER["id"]:
            return self.items
        return self.others.get(number)

    def fail(self, method, path, status, **keys):
        """The next such request is answered with this status."""
        return self._add(Fault(method, path, status, **keys))

    def block(self, method, path, times=1):
        """The next such request meets the anti-bot layer."""
        return self.answer(method, path, DATADOME, times=times)

    def answer(self, method, path, answer, times=1):
        """The next such requests are answered so; see answers.py."""
        kind = {"Content-Type": answer.kind, **answer.headers}
        return self.fail(
            method,
            path,
            answer.status,
            headers=kind,
            body=answer.body,
            times=times,
        )

    def retire(self, method, path, html=False):
        """There is no such route any more."""
        gone = RETIRED_HTML if html else RETIRED
        return self.answer(method, path, gone, times=math.inf)

    def after(self, method, path, do, times=1):
        """The next such request is answered as usual, and then `do` happens:
        before any other is answered."""
        fault = Fault(method, path, then=do, times=times)
        fault.gate.set()
        return self._add(fault)

    def hang_up(self, method, path):
        """The next such request is done, and its connection ends without a byte
        of the answer."""
        fault = Fault(method, path, is_cut=True)
        fault.gate.set()
        return self._add(fault)

    def hold(self, method, path, **keys):
        """The next such request waits until gate is set; `reached` is set
        when it has arrived."""
        return self._add(Fault(method, path, **keys))

    def _add(self, fault):
        if fault.status:
            fault.gate.set()
        with self.lock:
            self.faults.append(fault)
        return fault

    def meet(self, method, path):
        """The fault that this request meets, after its gate has opened; one
        without a status where it meets none."""
        with self.lock:
            fits = (f for f in self.faults if f.fits(method, path))
            fault = next(fits, None)
            if fault is None:
                return Fault(method, path)
            fault.times -= 1
        fault.reached.set()
        fault.gate.wait(TIMEOUT)
        return fault

    def seen(self, method, path=""):
        """The requests of this method whose path holds this."""
        with self.lock:
            return [
                each
                for each in self.requests
                if each.method == method and re.search(path, each.path)
            ]

    def find(self, number):
        """The item of this number, in whosever wardrobe, if whoever is signed
        in may see it; else None."""
        for owner in (SELLER["id"], *self.others):
            item = self.wardrobe_of(owner).get(number)
            if item and (self.is_owner(owner) or is_public(item)):
                return item
        return None

    def may_change(self, number):
        return self.signed_in and number in self.wardrobe_of(self.user["id"])

    def remove(self, number):
        """As if its owner had deleted it by hand."""
        with self.lock:
            for owner in (SELLER["id"], *self.others):
                self.wardrobe_of(owner).pop(number, None)

    def new_item(self):
        """In the wardrobe of whoever is signed in."""
        with self.lock:
            items = self.wardrobe_of(self.user["id"])
            number = 1 + max(
                max(self.wardrobe_of(owner), default=7750837000)
                for owner in (SELLER["id"], *self.others)
            )
            item = make_item(number, len(items))
            item.update(photos=[], currency=self.user["currency"])
            items[number] = item
            return item
