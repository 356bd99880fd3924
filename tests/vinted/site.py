# SPDX-License-Identifier: MIT
"""What the stand-in knows and does. Tests read and set it while it runs."""

import re
import threading
import uuid
from dataclasses import dataclass, field

from vinted.wardrobe import make_item, make_items

SELLER = {
    "id": 29535217,
    "login": "shop.ton.outfit",
    "email": "user@example.com",
    "real_name": "John Doe",
    "business_account": {"id": 23111},
}
CAPTCHA = (
    '{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=x&t=fe"}'
)
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

    def __init__(self, items=45):
        self.lock = threading.RLock()
        self.user = dict(SELLER)
        self.signed_in = True
        self.form = "stream"
        self.items = make_items(items)
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

    def fail(self, method, path, status, **keys):
        """The next such request is answered with this status."""
        return self._add(Fault(method, path, status, **keys))

    def block(self, method, path, times=1):
        """The next such request meets the anti-bot layer."""
        return self.fail(method, path, 403, body=CAPTCHA, times=times)

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
        """The fault that this request meets, after its gate has opened."""
        with self.lock:
            fits = (f for f in self.faults if f.fits(method, path))
            fault = next(fits, None)
            if fault is None:
                return None
            fault.times -= 1
        fault.reached.set()
        fault.gate.wait(TIMEOUT)
        return fault if fault.status else None

    def seen(self, method, path=""):
        """The requests of this method whose path holds this."""
        with self.lock:
            return [
                each
                for each in self.requests
                if each.method == method and re.search(path, each.path)
            ]

    def new_item(self):
        with self.lock:
            number = max(self.items, default=7750837000) + 1
            item = make_item(number, len(self.items))
            item["photos"] = []
            self.items[number] = item
            return item
