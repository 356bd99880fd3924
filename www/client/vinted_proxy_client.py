# SPDX-License-Identifier: MIT
"""Vinted through the seller's own browser, from Python.

A StoFlow backend hands each request to the extension in the browser where the
seller is logged in, waits for it, and answers what Vinted answered:

    client = VintedProxyClient("https://host", auth_token="...", user_id=42)
    me = client.user_data()
    products = client.get_all_products(
        me["user_id"], me["csrf_token"], me["anon_id"]
    )

Besides, the queue itself: create_task, wait_for, sync, update_prices, products.
Needs Python 3.9 or later and nothing else; this file does alone.

What goes wrong is one of these, each with what came in `answer`:

    VintedProxyError
      BackendUnreachable   no backend there, or it sends us elsewhere
      BackendRefused       its problem+json: `status`, `code`, the detail
      PluginNotConnected   no plugin polls
      PluginFailed         the browser could not: no tab, signed out, ...
      TimedOut             no word in time; also a TimeoutError
      VintedRefused        Vinted said no: `status`, its own words
      UnreadableAnswer     the answer is not what it must be (see PROOFS)

Calls of the guide that answer {"success": False, ...} or None go on doing so.
Beside that, `Answer.checked()` raises instead, and so does `user_data()`.

Money is in the currency of the seller's site, as "12.00" or 12; times to wait
are in seconds. Ids are whole numbers, or their digits.
"""

from __future__ import annotations

import base64
import http.client
import json
import mimetypes
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    NoReturn,
    Optional,
    Tuple,
    TypedDict,
    Union,
)

__all__ = [
    "Answer",
    "BackendRefused",
    "BackendUnreachable",
    "Id",
    "PROOFS",
    "PluginFailed",
    "PluginNotConnected",
    "Progress",
    "ProgressCallback",
    "Proof",
    "TimedOut",
    "Title",
    "UnreadableAnswer",
    "UserData",
    "VINTED",
    "VintedProxyClient",
    "VintedProxyError",
    "VintedRefused",
    "Wardrobe",
    "result_of",
    "session",
]

VINTED = "https://www.vinted.fr"
"""The site where none is named: the guide's."""

PAGE_SIZE = 96  # the most that Vinted gives on one page
FINISHED = ("completed", "failed")
NOT_THAT_WAY = (404, 405)
COUNTS = "view_count|favourite_count"
ABSENT = object()
DEEPEST = 100  # levels of JSON; a backend takes in 64
NEW_ITEM: Mapping[str, Any] = {
    "id": None,
    "color_ids": [],
    "package_size_id": 1,
    "assigned_photos": [],
    "item_attributes": [],
}

# Where a seller of a country lists, by ISO 3166: the sites that Vinted's own
# footer leads to. Not all end like the country.
SITES = {"GB": "co.uk", "UK": "co.uk", "US": "com"}
# What is not euros: the currency in which each of those sites shows prices.
CURRENCIES = {
    "co.uk": "GBP",
    "com": "USD",
    "cz": "CZK",
    "dk": "DKK",
    "hu": "HUF",
    "pl": "PLN",
    "ro": "RON",
    "se": "SEK",
}

# --- What can go wrong -------------------------------------------------------


class VintedProxyError(Exception):
    """All that this module raises by itself.

    status      HTTP status of who refused, 0 where no answer came
    code        a stable word for the reason; None where there is none
    answer      what came: the JSON, or the text that is none; None if nothing
    maybe_done  whether it may have taken effect all the same: look at Vinted
                before a create_product or upload_photo is repeated
    """

    def __init__(
        self,
        message: str,
        status: int = 0,
        code: Optional[str] = None,
        answer: Any = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.answer = answer
        self.maybe_done = maybe_done


class BackendUnreachable(VintedProxyError):
    """Nothing was asked: no backend answers there, or it is elsewhere."""


class BackendRefused(VintedProxyError):
    """The backend said no by a problem+json: doc/api.md lists each `code`."""


class PluginNotConnected(VintedProxyError):
    """No plugin of the user polls. Nothing was sent to Vinted."""


class PluginFailed(VintedProxyError):
    """The browser could not carry it out, in its own words.

    `code` is no_tab, signed_out, wrong_account, cancelled or expired; None
    from plugins that tell none.
    """


class TimedOut(VintedProxyError, TimeoutError):
    """No word came in time. Whether it took effect, nobody knows."""


class VintedRefused(VintedProxyError):
    """Vinted said no: `status` is Vinted's, the text has its own words.

    `code` is signed_out (401), blocked (a captcha: stop, and let the seller
    solve it), limited (429: later) or refused.
    """


class UnreadableAnswer(VintedProxyError):
    """The answer proves nothing: HTML, another `code` than 0, no id, ...

    It came from Vinted if `code` is unreadable, else from the backend's
    address.
    """


# --- What is given and answered ----------------------------------------------

Id = Union[int, str]
"""The number of an item or a user, or its digits."""


class UserData(TypedDict):
    """Who is signed in at Vinted."""

    user_id: int
    login: Optional[str]
    email: Optional[str]
    anon_id: Optional[str]
    csrf_token: Optional[str]
    real_name: Optional[str]
    business_account: Optional[int]


class Progress(NamedTuple):
    """How far something is: `done` of `total` products, pages' own words."""

    done: Optional[int]
    total: Optional[int]
    message: Optional[str]


ProgressCallback = Callable[[Progress], object]
"""Is called as often as there is news. What it raises ends the waiting."""


class Answer(Dict[str, Any]):
    """What a request to Vinted came to, as a dict.

    {"success": bool, "status": int, "statusText": str, "headers": dict,
    "data": the JSON, or the text, or None}; not of success also "error", a
    text. `status` is Vinted's, 0 where no answer came from there.

    failure     the exception that says why it is no success, else None
    """

    failure: Optional[VintedProxyError] = None

    def checked(self) -> Answer:
        """Itself if it is a success; else raises `failure`."""
        if self.failure is not None:
            raise self.failure
        return self


class Wardrobe(List[Dict[str, Any]]):
    """The products of a wardrobe, a list.

    total       how many Vinted counts, None if it does not say
    complete    whether it holds all of what that account may see: as many as
                are counted, by the same count on each page, none twice
    reason      why it is not complete, else None
    """

    total: Optional[int] = None
    complete: bool = True
    reason: Optional[str] = None


class Title(str):
    """A brand or a size: its title, which is also its member "title"."""

    def get(self, key: str, default: Any = None) -> Any:
        """As of {"title": itself}."""
        return str(self) if key == "title" else default


class Proof(NamedTuple):
    """What an answer must be to count as a success.

    statuses    those that it may have
    inside      where its members stand, if there is such a member
    members     their names, each with what it must be; of several with a
                bar between one will do
    photos      whether all its photos must be told, by their ids
    own         whether `id` must be that of the item that was asked for
    empty       whether there may be nothing at all under a 204
    """

    statuses: Tuple[int, ...]
    members: Mapping[str, Callable[[Any], bool]] = {}
    inside: Optional[str] = None
    photos: bool = False
    own: bool = False
    empty: bool = False


def _is_id(value: Any) -> bool:
    return re.fullmatch(r"[1-9][0-9]*", _digits(value)) is not None


def _digits(value: Any) -> str:
    return "" if isinstance(value, (bool, float)) else str(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_name(value: Any) -> bool:
    """What an address can hold: half a surrogate pair it cannot."""
    return _is_text(value) and value == value.encode(errors="ignore").decode()


def _is_cursor(value: Any) -> bool:
    return value is None or _is_name(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_state(value: Any) -> bool:
    return value in ("pending", "executing", *FINISHED)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(x, dict) for x in value)


def _have_ids(value: Any) -> bool:
    return _are_objects(value) and all(_is_id(x.get("id")) for x in value)


def _is_price(value: Any) -> bool:
    return not isinstance(value, dict) or "amount" in value


PROOFS: Mapping[str, Proof] = {
    # Vinted's own. JSON, without `code` or with code 0, and besides:
    "page of a wardrobe": Proof((200,), {"items": _have_ids}),
    "create_product": Proof((200, 201), {"id": _is_id}, "item"),
    "item to change": Proof(
        (200,),
        {
            "id": _is_id,
            "title": _is_text,
            "price": _is_price,
        },
        "item",
        photos=True,
        own=True,
    ),
    "update_product": Proof((200,), {"id": _is_id}, "item", own=True),
    "delete_product": Proof((200, 204), empty=True),
    "upload_photo": Proof((200, 201), {"id": _is_id}, "photo"),
    "statistics": Proof((200,), {COUNTS: _is_count}, "stats"),
    "item": Proof((200,), {"id": _is_id, COUNTS: _is_count}, "item", own=True),
    "current user": Proof((200,), {"id": _is_id}, "user"),
    # The backend's. JSON, and:
    "PING": Proof((200,), {"pong": _is_bool}),
    "GET_USER_DATA": Proof((200,), {"user_id": _is_id}),
    "EXECUTE_HTTP_REQUEST": Proof(
        (200,), {"success": _is_bool, "status": _is_count}
    ),
    "EXECUTE_BATCH_REQUESTS": Proof((200,), {"results": _are_objects}),
    "EXECUTE_SEQUENTIAL_REQUESTS": Proof((200,), {"results": _are_objects}),
    "create_task": Proof((200, 201), {"task_id": _is_name}),
    "get_task": Proof((200,), {"task_id": _is_name, "status": _is_state}),
    "list_tasks": Proof(
        (200,), {"tasks": _are_objects, "next_cursor": _is_cursor}
    ),
    "cancel_task": Proof((200, 202), {"task_id": _is_name}),
    "retry_task": Proof((200,), {"task_id": _is_name}),
    "sync": Proof((200,), {"task_id": _is_name}),
    "products": Proof(
        (200,), {"products": _have_ids, "next_cursor": _is_cursor}
    ),
    "status": Proof((200,), {"connected": _is_bool}),
    "health": Proof((200,), {"status": _is_text}),
}
"""What counts as success, call by call: all else is an UnreadableAnswer, or
what the refusal says."""


def session(
    csrf_token: Optional[str], anon_id: Optional[str]
) -> Dict[str, str]:
    """The headers that Vinted wants besides the cookies.

    One that is not known is left out: the plugin then sends its own.
    """
    headers = {"X-CSRF-Token": csrf_token, "X-Anon-Id": anon_id}
    return {name: text for name, text in headers.items() if text is not None}


def result_of(record: Mapping[str, Any]) -> Any:
    """The result of a finished task, by its record from wait_for or get_task.

    Raises what became of it if it failed; TimedOut if nobody knows.
    """
    if record.get("status") == "completed":
        return record.get("result")
    raise _failure_of_task(record)


# --- The client --------------------------------------------------------------


class VintedProxyClient:
    """A backend, and the user whose browser carries out what is asked.

    frontend_url  what stands before /api/, as http://localhost:8000
    auth_token    a token of scope backend; goes to that very host only
    user_id       needed where the token is good for all users
    site          the seller's, as https://www.vinted.it; None: that of the
                  account, which is asked for when it is first needed

    last_failure  the exception of the last call that answered a failure
    last_error    its text

    ValueError if one of these cannot be right. Each call that asks the
    backend raises a VintedProxyError unless it says otherwise.
    """

    def __init__(
        self,
        frontend_url: str,
        auth_token: Optional[str] = None,
        user_id: Optional[Id] = None,
        site: Optional[str] = VINTED,
    ) -> None:
        self.frontend_url = _address(frontend_url)
        if auth_token is not None and not re.fullmatch("[!-~]+", auth_token):
            raise ValueError("auth_token: no header can hold it")
        self.auth_token = auth_token
        self.user_id = None if user_id is None else int(user_id)
        self.last_error: Optional[str] = None
        self.last_failure: Optional[VintedProxyError] = None
        self._currency: Optional[str] = None
        self._site = None if site is None else _address(site)

    # --- Through the browser -------------------------------------------------

    @property
    def site(self) -> str:
        """The seller's Vinted, as "https://www.vinted.fr"."""
        return self._site or self.find_site()

    def find_site(self) -> str:
        """Asks Vinted where the seller's account is, and uses that site.

        The question goes to whichever Vinted the seller is signed in at: it is
        the site of the profile, else of the country, else of the products.
        """
        answer = self.execute_request("/api/v2/users/current")
        _prove(answer, "current user").checked()
        user = answer["data"]["user"]
        site = _site_of(user.get("profile_url")) or _site_in(user)
        site = site or self._site_of_products(user["id"])
        if site is None:
            text = "Vinted does not say where the account is"
            raise UnreadableAnswer(text, 200, "unreadable", answer["data"])
        self._site = site
        self._currency = user.get("currency") or None
        return site

    def _site_of_products(self, user_id: Id) -> Optional[str]:
        path = f"/api/v2/wardrobe/{user_id}/items?page=1&per_page=1"
        answer = self.execute_request(path)
        if not _prove(answer, "page of a wardrobe")["success"]:
            return None
        sites = (_site_of(item.get("url")) for item in answer["data"]["items"])
        return next(sites, None)

    def ping(self) -> bool:
        """Whether a plugin is there to carry anything out; never raises."""
        try:
            return self._execute({"action": "PING"}, 30)["pong"] is True
        except VintedProxyError as error:
            self._note(error)
            return False

    def user_data(self) -> UserData:
        """Who is signed in, read off the Vinted page."""
        told: Any = self._execute({"action": "GET_USER_DATA"}, 30)
        data: UserData = told
        return data

    def get_user_data(self) -> Optional[UserData]:
        """Likewise, but None if it is not to be had: `last_error` says why."""
        try:
            return self.user_data()
        except VintedProxyError as error:
            self._note(error)
            return None

    def get_all_products(
        self,
        user_id: Id,
        csrf_token: Optional[str],
        anon_id: Optional[str],
        throttle: float = 0.1,
        progress: Optional[ProgressCallback] = None,
    ) -> Wardrobe:
        """Every product of a wardrobe, page by page.

        Each is an item as Vinted tells it, with `brand`, `size` (each a
        Title) and `price` ("15.00") in one shape. `throttle` seconds lie
        between two pages. A page that fails raises: a part of a wardrobe must
        not pass for all of it; see also Wardrobe.complete.
        """
        reader = _WardrobeReader()
        page = 1
        while reader.wants(page):
            if page > 1:
                time.sleep(throttle)
            query = f"page={page}&per_page={PAGE_SIZE}"
            path = f"/api/v2/wardrobe/{user_id}/items?{query}"
            answer = self._call("GET", path, session(csrf_token, anon_id))
            _prove(answer, "page of a wardrobe")
            if answer.failure is not None:
                raise _on_page(page, answer.failure)
            reader.take(answer["data"])
            if progress is not None:
                progress(reader.progress(page))
            page += 1
        return reader.finished()

    def create_product(
        self,
        csrf_token: Optional[str],
        anon_id: Optional[str],
        title: str,
        description: str,
        price: Union[str, float],
        brand_id: Optional[int] = None,
        size_id: Optional[int] = None,
        catalog_id: Optional[int] = None,
        color_ids: Optional[List[int]] = None,
        status_ids: Optional[List[int]] = None,
        **more: Any,
    ) -> Answer:
        """Puts a product on sale; its id is ["data"]["item"]["id"].

        `more` are further members of Vinted's form, as `currency`, which else
        is that of the site. Not to be repeated while `failure.maybe_done`.
        Never raises for what Vinted or the way there does.
        """
        given = {
            "title": title,
            "description": description,
            "price": price,
            "brand_id": brand_id,
            "size_id": size_id,
            "catalog_id": catalog_id,
            "color_ids": color_ids,
            "status_ids": status_ids,
            **more,
        }
        given = {k: v for k, v in given.items() if v is not None}
        try:
            item = {**NEW_ITEM, "currency": self._money()}
        except VintedProxyError as error:
            return self._failed(error)
        item.update(_with_condition(given))
        answer = self._call(
            "POST",
            "/api/v2/item_upload/items",
            session(csrf_token, anon_id),
            _envelope(item),
        )
        return self._told(_prove(answer, "create_product", write=True))

    def update_product(
        self,
        item_id: Id,
        csrf_token: Optional[str],
        anon_id: Optional[str],
        **updates: Any,
    ) -> Answer:
        """Changes the members of a product that are named.

        Vinted wants a product whole, as its own editor sends it: so it is
        fetched first, and a product that cannot be fetched is not changed.
        Never raises for what Vinted or the way there does.
        """
        headers = session(csrf_token, anon_id)
        fields = _with_condition(updates)
        return self._change(item_id, headers, lambda known: fields)

    def _change(
        self,
        item_id: Id,
        headers: Mapping[str, str],
        changes: Callable[[Dict[str, Any]], Mapping[str, Any]],
    ) -> Answer:
        """Sends a product back with what `changes` makes of it."""
        path = f"/api/v2/item_upload/items/{item_id}"
        known = self._call("GET", path, headers)
        _prove(known, "item to change", item_id)
        if not known["success"]:
            return self._told(known)
        item = _to_editor(known["data"]["item"])
        item.update(changes(item), id=item_id)
        answer = self._call("PUT", path, headers, _envelope(item))
        _prove(answer, "update_product", item_id, write=True)
        return self._told(answer)

    def delete_product(
        self, item_id: Id, csrf_token: Optional[str], anon_id: Optional[str]
    ) -> Answer:
        """Takes a product away; the status is then 204.

        Never raises for what Vinted or the way there does.
        """
        path = f"/api/v2/items/{item_id}"
        headers = session(csrf_token, anon_id)
        answer = self._call("POST", f"{path}/delete", headers, {})
        if answer["status"] in NOT_THAT_WAY:
            answer = self._call("DELETE", path, headers)
        _prove(answer, "delete_product", write=True)
        if answer["success"]:
            answer["status"] = 204
        return self._told(answer)

    def upload_photo(
        self,
        item_id: Id,
        csrf_token: Optional[str],
        anon_id: Optional[str],
        photo_data: bytes,
        filename: str = "photo.jpg",
    ) -> Answer:
        """Uploads a photo (bytes) and puts it behind those of the product.

        Its id is ["data"]["id"]. Where it could not be put there, that is
        what is answered. Never raises for what Vinted or the way there does.
        """
        headers = session(csrf_token, anon_id)
        uploaded = self._upload(headers, photo_data, filename)
        if not uploaded["success"]:
            return uploaded
        photo = {"id": uploaded["data"]["id"], "orientation": 0}
        changed = self._change(
            item_id,
            headers,
            lambda known: {
                "assigned_photos": [*known["assigned_photos"], photo]
            },
        )
        return uploaded if changed["success"] else changed

    def _upload(
        self, headers: Mapping[str, str], photo_data: bytes, filename: str
    ) -> Answer:
        """A photo that belongs to no product yet."""
        file = {
            "field": "photo[file]",
            "filename": filename,
            "content": base64.b64encode(photo_data).decode(),
            "mime_type": mimetypes.guess_type(filename)[0] or "image/jpeg",
        }
        body = {"photo[type]": "item", "photo[temp_uuid]": str(uuid.uuid4())}
        answer = self._call(
            "POST",
            "/api/v2/photos",
            headers,
            body,
            content_type="multipart",
            files=[file],
        )
        _prove(answer, "upload_photo", write=True)
        if answer["success"]:
            answer["data"] = answer["data"]["photo"]
        return self._told(answer)

    def get_item_stats(
        self, item_id: Id, csrf_token: Optional[str], anon_id: Optional[str]
    ) -> Answer:
        """["data"] has "view_count" and "favourite_count".

        None for one that Vinted keeps back. Never raises for what Vinted or
        the way there does.
        """
        path = f"/api/v2/items/{item_id}"
        headers = session(csrf_token, anon_id)
        answer = self._call("GET", f"{path}/stats", headers)
        _prove(answer, "statistics")
        inside = "stats"
        if not answer["success"] and answer["status"] in (200, *NOT_THAT_WAY):
            answer = self._call("GET", path, headers)
            _prove(answer, "item", item_id)
            inside = "item"
        if answer["success"]:
            untold = dict.fromkeys(COUNTS.split("|"))
            answer["data"] = {**untold, **answer["data"][inside]}
        return self._told(answer)

    def execute_request(
        self,
        url: str,
        method: str = "GET",
        headers: Optional[Mapping[str, str]] = None,
        body: Any = None,
        timeout: float = 30,
    ) -> Answer:
        """One request, made by the browser with the seller's session.

        A `url` that is a mere path goes to the Vinted where the seller is
        signed in. Success is a status of 2xx, whatever the data is. Never
        raises for what Vinted or the way there does.
        """
        request = _request(url, method, headers or {}, timeout)
        if body is not None:
            request["body"] = body
        return self._execute_one(request, timeout)

    def execute_batch(
        self, requests_list: Iterable[Mapping[str, Any]], timeout: float = 60
    ) -> Answer:
        """Several requests at once: {"success", "results": [Answer, ...]}.

        Each request is {"url", "method", "headers", "body", "timeout" in
        milliseconds}, all but the first optional. `success` says that all
        were tried: each result has its own. Never raises for what Vinted or
        the way there does.
        """
        return self._execute_several(
            "EXECUTE_BATCH_REQUESTS", requests_list, timeout
        )

    def execute_sequential(
        self, requests_list: Iterable[Mapping[str, Any]], timeout: float = 60
    ) -> Answer:
        """Several in order; stops at the first that fails."""
        return self._execute_several(
            "EXECUTE_SEQUENTIAL_REQUESTS", requests_list, timeout
        )

    # --- The queue -----------------------------------------------------------

    def create_task(
        self,
        action: str,
        params: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        **fields: Any,
    ) -> str:
        """Queues a task and returns its id.

        `fields` may be priority (0 to 999, higher first), timeout and
        expires_in (seconds), task_id, not_before (RFC 3339) and retries. With
        an idempotency_key the same call again is the same task, and another
        call with that key is refused.
        """
        body = {"action": action, "params": params or {}, **fields}
        headers = {}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        answer = self._post(
            "create_task", "/api/tasks/create", self._own(body), headers
        )
        return str(answer["task_id"])

    def get_task(self, task_id: str) -> Dict[str, Any]:
        """The whole record of a task, in whatever state it is.

        {"task_id", "action", "status": pending, executing, completed or
        failed, "params", ...}; a finished one has "result" and "error".
        """
        return self._get("get_task", f"/api/tasks/{_quote(task_id)}")

    def list_tasks(
        self,
        status: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Dict[str, Any]:
        """{"tasks": [...], "next_cursor"}: without params and results."""
        wanted = {"status": status, "limit": limit, "cursor": cursor}
        return self._get("list_tasks", "/api/tasks", **wanted)

    def cancel_task(self, task_id: str) -> Dict[str, Any]:
        """{"task_id", "status"}: a plugin that has it learns of it later."""
        path = f"/api/tasks/{_quote(task_id)}/cancel"
        return self._post("cancel_task", path, {})

    def retry_task(self, task_id: str, force: bool = False) -> Dict[str, Any]:
        """Queues a finished task again, under the same id.

        One that may have taken effect only with `force`: look at Vinted
        before.
        """
        path = f"/api/tasks/{_quote(task_id)}/retry"
        return self._post("retry_task", path, {"force": True} if force else {})

    def wait_for(
        self,
        task_id: str,
        timeout: float = 600,
        interval: float = 1.0,
        progress: Optional[ProgressCallback] = None,
    ) -> Dict[str, Any]:
        """Waits until a task has finished and returns its record.

        Looks every `interval` seconds and tells `progress` of news. A backend
        that was there and is away is waited for, too. TimedOut (a
        TimeoutError) after `timeout` seconds; the task goes on. Whether it
        failed is in the record: see result_of().
        """
        until = time.monotonic() + timeout
        task, last = None, None
        while True:
            task = self._look(task_id, task)
            if task is not None and task["status"] in FINISHED:
                return task
            told = _progress_of(task)
            if progress is not None and told is not None and told != last:
                progress(told)
            last = told
            if time.monotonic() + interval > until:
                text = f"task {task_id} is not finished"
                raise TimedOut(text, answer=task, maybe_done=True)
            time.sleep(interval)

    def sync(
        self,
        wait: bool = True,
        timeout: float = 600,
        progress: Optional[ProgressCallback] = None,
    ) -> Dict[str, Any]:
        """Fetches the whole wardrobe into the backend's catalogue.

        Returns the record of the sync, which may have failed: see
        result_of(); with wait=False what the backend said when it was asked.
        """
        started = self._post("sync", "/api/sync/vinted", self._own({}))
        if not wait:
            return started
        task = started["task_id"]
        record = self.wait_for(task, timeout, progress=progress)
        following = started.get("next_task_id")
        if _is_name(following) and record["status"] == "completed":
            task = str(following)
            record = self.wait_for(task, timeout, progress=progress)
        return record

    def update_prices(
        self,
        prices: Mapping[Id, Union[str, float]],
        throttle: float = 30,
        timeout: Optional[float] = None,
        progress: Optional[ProgressCallback] = None,
    ) -> Dict[str, Any]:
        """Gives products new prices, {item_id: price}, as one queued task.

        At most `throttle` seconds lie between two. Returns {"updated",
        "failed", "total", "results": [{"item_id", "success", "error"}, ...]}.
        Raises if Vinted or the browser stopped it; what was done until then
        is in the exception's `answer`. Waits for ten minutes longer than all
        the pauses, if no `timeout` is given.
        """
        updates = [{"item_id": i, "price": p} for i, p in prices.items()]
        params = {"updates": updates, "throttle": throttle}
        task = self.create_task("update_prices", params)
        if timeout is None:
            timeout = 600 + throttle * len(updates)
        record = self.wait_for(task, timeout, progress=progress)
        tally: Dict[str, Any] = result_of(record)
        return tally

    def products(
        self, q: Optional[str] = None, status: Optional[str] = None
    ) -> Iterator[Dict[str, Any]]:
        """Every product of the catalogue that fits, one after the other.

        `q` are words of title, brand, description or id; `status` names one
        or several of active, reserved, sold, hidden, draft, closed, gone and
        deleted, with commas between.
        """
        cursor = None
        while True:
            page = self._get(
                "products",
                "/api/products",
                q=q,
                status=status,
                limit=500,
                cursor=cursor,
            )
            yield from page["products"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def table(
        self,
        locale: Optional[str] = None,
        q: Optional[str] = None,
        status: Optional[str] = None,
    ) -> bytes:
        """The catalogue as a table for a spreadsheet: the bytes of a CSV.

        locale="fr" makes it one that Excel opens by a double click in France:
        semicolons, decimal commas, and a mark that tells it is UTF-8. No cell
        is computed, whatever a title is.
        """
        target = self._target(
            "/api/products", format="csv", locale=locale, q=q, status=status
        )
        status_code, kind, raw = self._ask(urllib.request.Request(target), 60)
        if status_code != 200 or not kind.startswith("text/csv"):
            _refuse(status_code, raw, "table", False)
        return raw

    def status(self) -> Dict[str, Any]:
        """{"connected": bool, "since", "last_seen", "account", ...}: whether
        a plugin polls, since when, and for whom."""
        return self._get("status", "/api/plugin/status")

    def health(self) -> Dict[str, Any]:
        """{"status": "ok" or "degraded", ...}: is the backend's host fit?"""
        return self._get("health", "/api/health")

    # --- How it gets there ---------------------------------------------------

    def _own(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        if self.user_id is None:
            return dict(body)
        return {"user_id": self.user_id, **body}

    def _money(self) -> str:
        """The currency that prices are in."""
        ending = self.site.partition("//www.vinted.")[2]
        return str(self._currency or CURRENCIES.get(ending, "EUR"))

    def _call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Any = None,
        **more: Any,
    ) -> Answer:
        """A request to the seller's Vinted."""
        timeout = 60 if more else 30
        try:
            url = self.site + path
        except VintedProxyError as error:
            return self._failed(error)
        request = {**_request(url, method, headers, timeout), **more}
        if body is not None:
            request["body"] = body
        return self._execute_one(request, timeout)

    def _execute(
        self, body: Mapping[str, Any], timeout: float
    ) -> Dict[str, Any]:
        whole = self._own({**body, "timeout": max(1, int(timeout))})
        path = "/api/plugin/execute"
        return self._post(body["action"], path, whole, timeout=timeout + 15)

    def _execute_one(
        self, request: Mapping[str, Any], timeout: float
    ) -> Answer:
        body = {"action": "EXECUTE_HTTP_REQUEST", "request": request}
        write = _is_write(request)
        try:
            answer = _complete(self._execute(body, timeout), write)
        except VintedProxyError as error:
            error.maybe_done = error.maybe_done and write
            return self._failed(error)
        return self._told(answer)

    def _execute_several(
        self,
        action: str,
        requests_list: Iterable[Mapping[str, Any]],
        timeout: float,
    ) -> Answer:
        requests = list(requests_list)
        try:
            told = self._execute(
                {"action": action, "requests": requests}, timeout
            )
            return Answer(told, success=True, results=_results(told, requests))
        except VintedProxyError as error:
            error.maybe_done = error.maybe_done and any(
                map(_is_write, requests)
            )
            answer = Answer(success=False, status=0, results=[])
            return self._told(_blame(answer, error))

    def _failed(self, error: VintedProxyError) -> Answer:
        """The answer to what did not reach Vinted, as far as is known."""
        answer = Answer(
            success=False, status=0, statusText="", headers={}, data=None
        )
        return self._told(_blame(answer, error))

    def _told(self, answer: Answer) -> Answer:
        if answer.failure is not None:
            self._note(answer.failure)
        return answer

    def _note(self, error: VintedProxyError) -> None:
        self.last_failure = error
        self.last_error = str(error)

    def _look(
        self, task_id: str, before: Optional[Dict[str, Any]]
    ) -> Optional[Dict[str, Any]]:
        """A task that is to follow another does not exist before."""
        try:
            return self.get_task(task_id)
        except (BackendRefused, BackendUnreachable) as error:
            if error.status == 404:
                return None
            if before is None or error.status not in (0, 503):
                raise
            return before

    def _target(self, path: str, **query: Any) -> str:
        if self.user_id is not None:
            query["user_id"] = self.user_id
        given = {k: v for k, v in query.items() if v is not None}
        tail = "?" + urllib.parse.urlencode(given) if given else ""
        return self.frontend_url + path + tail

    def _get(self, call: str, path: str, **query: Any) -> Dict[str, Any]:
        target = self._target(path, **query)
        return self._send(call, urllib.request.Request(target))

    def _post(
        self,
        call: str,
        path: str,
        body: Mapping[str, Any],
        headers: Optional[Mapping[str, str]] = None,
        timeout: float = 60,
    ) -> Dict[str, Any]:
        request = urllib.request.Request(
            self.frontend_url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **(headers or {})},
            method="POST",
        )
        return self._send(call, request, timeout)

    def _send(
        self, call: str, request: urllib.request.Request, timeout: float = 60
    ) -> Dict[str, Any]:
        """The JSON that the backend answers, if it proves the call."""
        status, _, raw = self._ask(request, timeout)
        write = request.get_method() != "GET"
        if status not in PROOFS[call].statuses:
            _refuse(status, raw, call, write)
        told = _parse(raw)
        lack = _lacking(told, PROOFS[call])
        if lack is not None:
            text = f"{call}: the backend's answer {lack}"
            raise UnreadableAnswer(text, status, None, told, write)
        answer: Dict[str, Any] = told
        return answer

    def _ask(
        self, request: urllib.request.Request, timeout: float, hops: int = 5
    ) -> Tuple[int, str, bytes]:
        """(status, Content-Type, body). Some servers keep the first of the
        two headers with the token from programs."""
        if self.auth_token is not None:
            request.add_header("Authorization", f"Bearer {self.auth_token}")
            request.add_header("X-StoFlow-Token", self.auth_token)
        status, headers, raw = _fetch(request, timeout)
        target = headers.get("Location")
        if not 300 <= status < 400 or target is None:
            return status, headers.get_content_type(), raw
        new = _followed(request.full_url, target)
        # The token goes nowhere else, and a body is sent once.
        if request.data is None and hops > 0 and new is not None:
            return self._ask(urllib.request.Request(new), timeout, hops - 1)
        text = f"the backend is elsewhere: give {target} as frontend_url"
        raise BackendUnreachable(text, status)


# --- Reading what came -------------------------------------------------------


def _fetch(
    request: urllib.request.Request, timeout: float
) -> Tuple[int, http.client.HTTPMessage, bytes]:
    """Whatever the server answers, as it stands."""
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.ProxyHandler())
    opener.add_handler(urllib.request.HTTPHandler())
    opener.add_handler(urllib.request.HTTPSHandler())
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.URLError as error:
        text = f"no answer: {error.reason}"
        raise BackendUnreachable(text) from error
    except (OSError, http.client.HTTPException) as error:
        # It was sent: what came of it, only the answer would have told.
        text = f"no answer: {error or type(error).__name__}"
        if request.get_method() == "GET":
            raise BackendUnreachable(text) from error
        raise TimedOut(text, maybe_done=True) from error
    except ValueError as error:
        raise VintedProxyError(f"cannot be sent: {error}") from error


def _parse(raw: bytes) -> Any:
    """The JSON, or the text that is none, or that goes so deep that Python
    could read it and not write it again."""
    text = raw.decode("utf-8-sig", "replace")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if _is_deep(told) else told


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _members_of(each)]
    return level != []


def _members_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse(status: int, raw: bytes, call: str, write: bool) -> NoReturn:
    """Raises what the backend says in an RFC 9457 problem, or else that it
    says none: then something else answers at its address."""
    told = _parse(raw)
    if not isinstance(told, dict) or "detail" not in told:
        text = f"{call}: HTTP {status}, {_shown(told)}"
        if status == 504:
            raise TimedOut(text, status, None, told, write)
        raise UnreadableAnswer(text, status, None, told, write)
    detail, code = told["detail"], told.get("code")
    detail = detail if isinstance(detail, str) else json.dumps(detail)
    code = code if isinstance(code, str) else None
    kinds: Mapping[Optional[str], Any] = {
        "plugin_not_connected": PluginNotConnected,
        "plugin_failed": PluginFailed,
        "plugin_timeout": TimedOut,
    }
    kind = kinds.get(code, BackendRefused)
    unknown = write and code in ("plugin_timeout", "plugin_failed")
    raise kind(detail, status, code, told, unknown)


def _shown(data: Any) -> str:
    """What came instead of the JSON that was to come, in a few words."""
    if data is None or data == "":
        return "nothing"
    if not isinstance(data, str):
        return json.dumps(data)[:200]
    title = re.search(r"<title[^>]*>\s*(.*?)\s*</title", data, re.S | re.I)
    if title is not None:
        return f"a page: {title.group(1)[:200]}"
    kind = "a page" if data.lstrip().startswith("<") else "text"
    return f"{kind}: {' '.join(data[:200].split())}"


def _photos_of(item: Mapping[str, Any]) -> Optional[List[Dict[str, Any]]]:
    """Those of the fuller of two members, None if it is not right: a product
    that goes back without one of its photos loses it."""
    told = [item.get("photos"), item.get("assigned_photos")]
    fullest = max(told, key=lambda each: (_size_of(each), _have_ids(each)))
    return fullest if _have_ids(fullest) else None


def _size_of(value: Any) -> int:
    """How many that are, as far as can be told."""
    if value is None:
        return -1
    return len(value) if isinstance(value, list) else 1


def _lacking(
    told: Any, proof: Proof, item_id: Optional[Id] = None
) -> Optional[str]:
    """Why this is no proof; None if it is one."""
    if not isinstance(told, dict):
        return f"is no JSON object but {_shown(told)}"
    inner = told.get(proof.inside, told) if proof.inside else told
    if not isinstance(inner, dict):
        return f"has no object in {proof.inside!r}"
    for names, is_right in proof.members.items():
        values = [inner.get(name, ABSENT) for name in names.split("|")]
        if not any(map(is_right, values)):
            if values[0] is ABSENT:
                return f"lacks {names!r}"
            value = json.dumps(values[0])[:100]
            return f"lacks a right {names!r}, which is {value}"
    if proof.photos and _photos_of(inner) is None:
        return "does not tell all its photos"
    if proof.own and _digits(inner.get("id")) != str(item_id):
        return f"is of {inner.get('id')}, not of {item_id}"
    return None


def _prove(
    answer: Answer,
    call: str,
    item_id: Optional[Id] = None,
    write: bool = False,
) -> Answer:
    """Makes a failure of a success that proves nothing.

    In a success the members stand where Proof.inside says.
    """
    if not answer["success"]:
        return answer
    proof, data, status = PROOFS[call], answer["data"], answer["status"]
    if proof.empty and status == 204 and data in (None, ""):
        return answer
    lack = None
    if answer.get("code") == "blocked":
        lack = "is a page against robots"
    elif status not in proof.statuses:
        lack = f"has status {status}"
    elif isinstance(data, dict) and data.get("code") not in (0, None):
        lack = f"has code {data['code']}: {_words_of(data)}"
    lack = lack or _lacking(data, proof, item_id)
    if lack is not None:
        text = f"{call}: Vinted's answer {lack}"
        if answer.get("code") == "blocked" or _is_block(status, data):
            return _blame(answer, VintedRefused(text, status, "blocked", data))
        error = UnreadableAnswer(text, status, "unreadable", data, write)
        return _blame(answer, error)
    if proof.inside is not None and proof.inside not in data:
        answer["data"] = {proof.inside: data}
    return answer


def _blame(answer: Answer, error: VintedProxyError) -> Answer:
    answer["success"] = False
    answer["error"] = str(error)
    answer.failure = error
    return answer


def _complete(told: Mapping[str, Any], write: bool) -> Answer:
    """What the plugin answered, with why it is no success."""
    absent = {"statusText": "", "headers": {}, "data": None}
    answer = Answer({**absent, **told})
    if answer["success"]:
        return answer
    status, data = answer["status"], answer["data"]
    words = str(answer.get("error") or "")
    error: VintedProxyError
    if status == 0:
        text = words or "Vinted did not answer"
        code = told.get("code") or _member(data, "code")
        error = _plugin_failure(text, 0, code, dict(told), write)
    else:
        text = words or f"HTTP {status}"
        said = _words_of(data)
        text = f"{text}: {said}" if said and said not in text else text
        named = told.get("code") == "blocked"  # by its headers, perhaps
        code = "blocked" if named else _code_of(status, data)
        vague = write and status >= 500
        error = VintedRefused(text, status, code, data, vague)
    return _blame(answer, error)


def _plugin_failure(
    text: str, status: int, code: Any, answer: Any, write: bool
) -> VintedProxyError:
    """By the code of a failure, which plugins of old do not tell."""
    known = code if isinstance(code, str) else None
    if known in ("blocked", "limited", "refused"):
        return VintedRefused(text, status, known, answer)
    if known == "unreadable":
        return UnreadableAnswer(text, status, known, answer, write)
    if known == "unknown" or text.startswith("Interrompu"):
        return TimedOut(text, status, known, answer, write)
    if known is None and status >= 400:
        code = _code_of(status, answer)
        return VintedRefused(text, status, code, answer)
    unsent = known is not None or text.startswith("Aucun onglet")
    return PluginFailed(text, status, known, answer, write and not unsent)


def _failure_of_task(record: Mapping[str, Any]) -> VintedProxyError:
    state = f"task {record.get('task_id')} is {record.get('status')}"
    text = str(record.get("error") or state)
    declared, settled = record.get("declared"), record.get("settled")
    unknown = declared == "timeout" or record.get("outcome") == "unknown"
    if unknown and settled is None:
        return TimedOut(text, 0, "unknown", record, True)
    if record.get("status") not in FINISHED:
        return TimedOut(text, 0, None, record, True)
    data = record.get("result")
    if declared is not None or settled is not None:
        return PluginFailed(text, 0, declared, record)
    status = _member(data, "status")
    status = status if _is_count(status) else 0
    code = _member(data, "code")
    return _plugin_failure(text, status, code, record, True)


def _member(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _is_block(status: int, data: Any) -> bool:
    """Whether a page against robots stands before Vinted: Cloudflare's, or
    DataDome's, whose captcha is on captcha-delivery.com. Vinted's own pages
    load scripts of both, so that elsewhere only a whole page of theirs is
    one."""
    text = data if isinstance(data, str) else json.dumps(data)
    is_page = text.lstrip().startswith("<")
    if status in (403, 429, 503):
        return is_page or re.search("captcha|datadome", text, re.I) is not None
    title = r"captcha-delivery\.com|<title>\s*(just a moment|attention req)"
    return is_page and re.search(title, text, re.I) is not None


def _code_of(status: int, data: Any) -> str:
    """Why Vinted refused, in the words of the plugin's results."""
    if _is_block(status, data):
        return "blocked"
    # 100 is Vinted's "invalid_authentication_token".
    known = _words_of(data) and _member(data, "code") != 100
    if status == 401 or (status == 403 and not known):
        return "signed_out"
    return "limited" if status == 429 else "refused"


def _words_of(data: Any) -> str:
    """Vinted's own, of {"message", "errors": [{"field", "value"}, ...]}."""
    if not isinstance(data, dict):
        return "" if data in (None, "") else _shown(data)
    named = (data.get(name) for name in ("message", "error", "message_code"))
    words = [next(filter(_is_text, named), "")]
    errors = data.get("errors")
    if isinstance(errors, dict):
        errors = [{"field": k, "value": v} for k, v in errors.items()]
    for each in errors if isinstance(errors, list) else []:
        told = each if isinstance(each, dict) else {"message": each}
        value = told.get("value") or told.get("message")
        value = value if isinstance(value, list) else [value]
        known = [told.get("field"), ", ".join(map(str, value))]
        words.append(": ".join(str(part) for part in known if part))
    line = "; ".join(filter(None, words))
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", line).split())[:500]


def _results(
    told: Mapping[str, Any], requests: List[Mapping[str, Any]]
) -> List[Answer]:
    """One answer for each request that was tried."""
    results = told["results"]
    if len(results) > len(requests):
        text = f"{len(results)} results of {len(requests)} requests"
        raise UnreadableAnswer(text, 200, None, told, True)
    answers = []
    for request, result in zip(requests, results):
        lack = _lacking(result, PROOFS["EXECUTE_HTTP_REQUEST"])
        if lack is not None:
            text = f"a result {lack}"
            raise UnreadableAnswer(text, 200, None, told, True)
        answers.append(_complete(result, _is_write(request)))
    return answers


class _WardrobeReader:
    """Pages of a wardrobe become one list that knows what it lacks."""

    def __init__(self) -> None:
        self._items: Dict[str, Dict[str, Any]] = {}
        self._pages: Optional[int] = None
        self._found = Wardrobe()
        self._ended = False

    def wants(self, page: int) -> bool:
        """Where Vinted does not count its pages, the last one is empty."""
        in_sight = self._pages is None or page <= self._pages
        return in_sight and not self._ended

    def take(self, data: Mapping[str, Any]) -> None:
        pagination = data.get("pagination")
        pages = _member(pagination, "total_pages")
        self._pages = pages if _is_count(pages) else self._pages
        self._count(_member(pagination, "total_entries"))
        known = len(self._items)
        for item in data["items"]:
            key = _digits(item["id"])
            if key in self._items:
                self._doubt(f"product {key} came twice")
            self._items[key] = _tidy(item)
        self._ended = len(self._items) == known

    def _count(self, total: Any) -> None:
        if not _is_count(total):
            return
        if self._found.total not in (None, total):
            self._doubt("products came or went while the list was read")
        self._found.total = total

    def _doubt(self, reason: str) -> None:
        self._found.complete = False
        self._found.reason = self._found.reason or reason

    def progress(self, page: int) -> Progress:
        text = f"page {page}/{self._pages or '?'}"
        return Progress(len(self._items), self._found.total, text)

    def finished(self) -> Wardrobe:
        self._found.extend(self._items.values())
        total = self._found.total
        if total is not None and total != len(self._found):
            self._doubt(f"{len(self._found)} products, Vinted counts {total}")
        return self._found


def _on_page(page: int, failure: VintedProxyError) -> VintedProxyError:
    failure.args = (f"page {page}: {failure}",)
    return failure


def _progress_of(task: Optional[Mapping[str, Any]]) -> Optional[Progress]:
    told = _member(task, "progress")
    if not isinstance(told, dict):
        return None
    done, total = told.get("done"), told.get("total")
    message = told.get("message")
    return Progress(
        done if _is_count(done) else None,
        total if _is_count(total) else None,
        message if isinstance(message, str) else None,
    )


# --- Writing what goes out ---------------------------------------------------


def _address(url: str) -> str:
    """What stands before a path; ValueError if it is no address."""
    parts = urllib.parse.urlsplit(url)
    is_plain = re.fullmatch("[!-~]+", url) and not parts.query + parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"no address of http or https: {url!r}")
    if not is_plain:
        raise ValueError(f"no address to put a path behind: {url!r}")
    return url.rstrip("/")


def _followed(url: str, target: str) -> Optional[str]:
    """Where a redirection leads, if who asked at `url` may ask there: at the
    same host, and from http to https."""
    try:
        there = urllib.parse.urljoin(url, target)
        old, new = urllib.parse.urlsplit(url), urllib.parse.urlsplit(there)
        port, port_there = old.port, new.port
    except ValueError:
        return None
    same = old.scheme == new.scheme and port == port_there
    if (old.scheme, new.scheme) == ("http", "https"):
        same = port in (None, 80) and port_there in (None, 443)
    return there if same and old.hostname == new.hostname else None


def _site_of(url: Any) -> Optional[str]:
    match = re.match(r"https://www\.vinted\.(co\.)?[a-z]+(?=/)", str(url))
    return None if match is None else match.group(0)


def _site_in(user: Mapping[str, Any]) -> Optional[str]:
    """The site of the user's country."""
    country = user.get("country_iso_code") or user.get("country_code")
    code = str(country).upper()
    if not re.fullmatch("[A-Z]{2}", code):
        return None
    return f"https://www.vinted.{SITES.get(code, code.lower())}"


def _request(
    url: str, method: str, headers: Mapping[str, str], timeout: float
) -> Dict[str, Any]:
    return {
        "url": url,
        "method": method,
        "headers": dict(headers),
        "credentials": "include",
        "timeout": int(timeout * 1000),
    }


def _is_write(request: Mapping[str, Any]) -> bool:
    method = str(request.get("method") or "GET")
    return method.upper() not in ("GET", "HEAD")


def _envelope(item: Mapping[str, Any]) -> Dict[str, Any]:
    """What goes around an item in the requests of Vinted's editor."""
    upload = str(uuid.uuid4())
    return {
        "item": {**item, "temp_uuid": upload},
        "feedback_id": None,
        "push_up": False,
        "parcel": None,
        "upload_session_id": upload,
    }


def _with_condition(fields: Mapping[str, Any]) -> Dict[str, Any]:
    """Vinted takes one condition; the guide calls it status_ids."""
    fields = dict(fields)
    conditions = fields.pop("status_ids", None)
    if conditions and "status_id" not in fields:
        fields["status_id"] = conditions[0]
    return fields


def _to_editor(item: Mapping[str, Any]) -> Dict[str, Any]:
    """Some members are told in one form and taken in another."""
    item = dict(item)
    if isinstance(item.get("price"), dict):
        item["price"] = item["price"]["amount"]
    item["assigned_photos"] = [
        {"id": photo["id"], "orientation": photo.get("orientation") or 0}
        for photo in _photos_of(item) or []
    ]
    item.pop("photos", None)
    return item


def _quote(task_id: str) -> str:
    return urllib.parse.quote(task_id, safe="")


def _title_of(value: Any) -> Optional[Title]:
    """A name that Vinted writes as a string or as an object with a title."""
    if isinstance(value, dict):
        value = value.get("title")
    return None if value is None else Title(value)


def _tidy(item: Mapping[str, Any]) -> Dict[str, Any]:
    """An item with `brand`, `size` and `price` in one shape, the rest kept."""
    dto = item.get("brand_dto")
    brand = _title_of(item.get("brand") or item.get("brand_title") or dto)
    size = _title_of(item.get("size_title") or item.get("size"))
    price = item.get("price")
    if isinstance(price, dict):
        price = price.get("amount")
    known = {"brand": brand, "size": size, "price": price}
    return {**item, **{k: v for k, v in known.items() if v is not None}}
