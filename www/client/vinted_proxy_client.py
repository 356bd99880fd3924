# SPDX-License-Identifier: MIT
"""Vinted through the seller's own browser, from Python.

A StoFlow backend hands each request to the extension in the browser where the
seller is logged in, waits for it, and answers what Vinted answered:

    client = VintedProxyClient("https://host", auth_token="...", user_id=42)
    me = client.get_user_data()
    products = client.get_all_products(
        me["user_id"], me["csrf_token"], me["anon_id"]
    )

Besides, the queue itself: create_task, get_task, wait_for, sync, products.
Needs Python 3.8 or later and nothing else.
"""

import base64
import json
import mimetypes
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

VINTED = "https://www.vinted.fr"
PAGE_SIZE = 96  # the most that Vinted gives on one page
FINISHED = ("completed", "failed")
EDITOR = f"{VINTED}/api/v2/item_upload/items"
NOT_THAT_WAY = (404, 405)
NEW_ITEM = {
    "id": None,
    "currency": "EUR",
    "color_ids": [],
    "package_size_id": 1,
    "assigned_photos": [],
    "item_attributes": [],
}


class VintedProxyError(Exception):
    """What the backend or Vinted refused; `status` is its HTTP status.

    0 where no answer came. `code` is the backend's, if it has one.
    """

    def __init__(self, message, status=0, code=None):
        super().__init__(message)
        self.status = status
        self.code = code


class Title(str):
    """A brand or a size: its title, which is also its member "title"."""

    def get(self, key, default=None):
        return str(self) if key == "title" else default


class VintedProxyClient:
    """A backend, and the user whose browser carries out what is asked.

    frontend_url  what stands before /api/, as http://localhost:8000
    auth_token    a token of scope backend
    user_id       needed where the token is good for all users
    """

    def __init__(self, frontend_url, auth_token=None, user_id=None):
        self.frontend_url = frontend_url.rstrip("/")
        self.auth_token = auth_token
        self.user_id = None if user_id is None else int(user_id)
        self.last_error = None

    # --- Through the browser -------------------------------------------------

    def ping(self):
        """Whether a plugin is there to carry anything out."""
        try:
            return self._execute({"action": "PING"}, 30).get("pong") is True
        except VintedProxyError as error:
            self.last_error = str(error)
            return False

    def get_user_data(self):
        """Who is logged in, read off the Vinted page.

        {"user_id", "login", "email", "anon_id", "csrf_token", "real_name",
        "business_account"}; None if it is not to be had, and `last_error`
        says why.
        """
        try:
            return self._execute({"action": "GET_USER_DATA"}, 30)
        except VintedProxyError as error:
            self.last_error = str(error)
            return None

    def get_all_products(self, user_id, csrf_token, anon_id, throttle=0.1):
        """Every product of a wardrobe, page by page.

        `throttle` seconds lie between two pages. A page that fails raises
        VintedProxyError: a part of a wardrobe must not pass for all of it.
        """
        products, page, pages = [], 1, 1
        while page <= pages:
            if page > 1:
                time.sleep(throttle)
            query = f"page={page}&per_page={PAGE_SIZE}"
            answer = self.execute_request(
                f"{VINTED}/api/v2/wardrobe/{user_id}/items?{query}",
                headers=session(csrf_token, anon_id),
            )
            if not answer["success"]:
                raise refusal(f"page {page}", answer)
            data = answer["data"]
            pages = data.get("pagination", {}).get("total_pages", page)
            products += [tidy(item) for item in data["items"]]
            page += 1
        return products

    def create_product(
        self,
        csrf_token,
        anon_id,
        title,
        description,
        price,
        brand_id=None,
        size_id=None,
        catalog_id=None,
        color_ids=None,
        status_ids=None,
        **more,
    ):
        """Puts a product on sale; its id is ["data"]["item"]["id"]."""
        item = {
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
        given = {k: v for k, v in item.items() if v is not None}
        headers = session(csrf_token, anon_id)
        body = envelope({**NEW_ITEM, **with_condition(given)})
        return self.execute_request(EDITOR, "POST", headers, body)

    def update_product(self, item_id, csrf_token, anon_id, **updates):
        """Changes the members of a product that are named.

        Vinted wants a product whole, as its own editor sends it: so it is
        fetched first, and a product that cannot be fetched is not changed.
        """
        headers = session(csrf_token, anon_id)
        fields = with_condition(updates)
        return self._change(item_id, headers, lambda known: fields)

    def _change(self, item_id, headers, changes):
        """Sends a product back with what `changes` makes of it."""
        url = f"{EDITOR}/{item_id}"
        known = self.execute_request(url, headers=headers)
        if not known["success"]:
            return known
        item = to_editor(known["data"].get("item", known["data"]))
        item.update(changes(item), id=item_id)
        return self.execute_request(url, "PUT", headers, envelope(item))

    def delete_product(self, item_id, csrf_token, anon_id):
        """Takes a product away; the status is then 204."""
        url = f"{VINTED}/api/v2/items/{item_id}"
        headers = session(csrf_token, anon_id)
        answer = self.execute_request(f"{url}/delete", "POST", headers, {})
        if answer["status"] in NOT_THAT_WAY:
            answer = self.execute_request(url, "DELETE", headers)
        return {**answer, "status": 204} if answer["success"] else answer

    def upload_photo(
        self, item_id, csrf_token, anon_id, photo_data, filename="photo.jpg"
    ):
        """Uploads a photo (bytes) and puts it behind those of the product.

        Its id is ["data"]["id"]. Where it could not be put there, that is
        what is answered.
        """
        kind = mimetypes.guess_type(filename)[0] or "image/jpeg"
        headers = session(csrf_token, anon_id)
        request = {
            "url": f"{VINTED}/api/v2/photos",
            "method": "POST",
            "headers": headers,
            "credentials": "include",
            "content_type": "multipart",
            "body": {
                "photo[type]": "item",
                "photo[temp_uuid]": str(uuid.uuid4()),
            },
            "files": [
                {
                    "field": "photo[file]",
                    "filename": filename,
                    "content": base64.b64encode(photo_data).decode(),
                    "mime_type": kind,
                }
            ],
        }
        uploaded = self._execute_one(request, 60)
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

    def get_item_stats(self, item_id, csrf_token, anon_id):
        """["data"] has "view_count" and "favourite_count"."""
        url = f"{VINTED}/api/v2/items/{item_id}"
        headers = session(csrf_token, anon_id)
        answer = self.execute_request(f"{url}/stats", headers=headers)
        if answer["status"] not in NOT_THAT_WAY:
            return answer
        answer = self.execute_request(url, headers=headers)
        if answer["success"]:
            answer["data"] = answer["data"].get("item", answer["data"])
        return answer

    def execute_request(
        self, url, method="GET", headers=None, body=None, timeout=30
    ):
        """One request, made by the browser with the seller's session.

        {"success", "status", "statusText", "headers", "data"}; where no
        answer came also "error", and then "status" is 0. Never raises for
        what Vinted or the way there does.
        """
        request = {
            "url": url,
            "method": method,
            "headers": headers or {},
            "credentials": "include",
            "timeout": int(timeout * 1000),
        }
        if body is not None:
            request["body"] = body
        return self._execute_one(request, timeout)

    def execute_batch(self, requests_list, timeout=60):
        """Several requests at once: {"success", "results": [...]}."""
        return self._execute_several(
            "EXECUTE_BATCH_REQUESTS", requests_list, timeout
        )

    def execute_sequential(self, requests_list, timeout=60):
        """Several in order; stops at the first that fails."""
        return self._execute_several(
            "EXECUTE_SEQUENTIAL_REQUESTS", requests_list, timeout
        )

    # --- The queue -----------------------------------------------------------

    def create_task(self, action, params=None, idempotency_key=None, **fields):
        """Queues a task and returns its id.

        `fields` may be priority, timeout, task_id, not_before, expires_in and
        retries. With an idempotency_key the same call again is the same task,
        and another call with that key is refused.
        """
        body = {"action": action, "params": params or {}, **fields}
        headers = {}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        answer = self._post("/api/tasks/create", self._own(body), headers)
        return answer["task_id"]

    def get_task(self, task_id):
        """The whole record of a task, in whatever state it is."""
        return self._get(f"/api/tasks/{quote(task_id)}")

    def list_tasks(self, status=None, limit=None, cursor=None):
        """{"tasks": [...], "next_cursor"}."""
        wanted = {"status": status, "limit": limit, "cursor": cursor}
        return self._get("/api/tasks", **wanted)

    def cancel_task(self, task_id):
        return self._post(f"/api/tasks/{quote(task_id)}/cancel", {})

    def retry_task(self, task_id, force=False):
        """Queues a finished task again, under the same id."""
        path = f"/api/tasks/{quote(task_id)}/retry"
        return self._post(path, {"force": True} if force else {})

    def wait_for(self, task_id, timeout=600, interval=1.0):
        """Waits until a task has finished and returns its record.

        TimeoutError if that takes longer than `timeout` seconds.
        """
        until = time.monotonic() + timeout
        while True:
            task = self._get_or_none(task_id)
            if task is not None and task["status"] in FINISHED:
                return task
            if time.monotonic() + interval > until:
                raise TimeoutError(f"task {task_id} is not finished")
            time.sleep(interval)

    def sync(self, wait=True, timeout=600):
        """Fetches the whole wardrobe into the backend's catalogue.

        Returns the record of the sync; with wait=False what the backend said
        when it was asked.
        """
        started = self._post("/api/sync/vinted", self._own({}))
        if not wait:
            return started
        record = self.wait_for(started["task_id"], timeout)
        following = started.get("next_task_id")
        if following and record["status"] == "completed":
            record = self.wait_for(following, timeout)
        return record

    def products(self, q=None, status=None):
        """Every product of the catalogue that fits, one after the other."""
        cursor = None
        while True:
            page = self._get(
                "/api/products", q=q, status=status, limit=500, cursor=cursor
            )
            yield from page["products"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def status(self):
        """Whether a plugin is polling, and since when."""
        return self._get("/api/plugin/status")

    def health(self):
        """Whether the backend's host is fit."""
        return self._get("/api/health")

    # --- How it gets there ---------------------------------------------------

    def _own(self, body):
        if self.user_id is None:
            return body
        return {"user_id": self.user_id, **body}

    def _execute(self, body, timeout):
        body = self._own({**body, "timeout": int(timeout)})
        return self._post("/api/plugin/execute", body, timeout=timeout + 15)

    def _execute_one(self, request, timeout):
        body = {"action": "EXECUTE_HTTP_REQUEST", "request": request}
        try:
            return self._execute(body, timeout)
        except VintedProxyError as error:
            return self._failed(error, data=None, headers={}, statusText="")

    def _execute_several(self, action, requests_list, timeout):
        body = {"action": action, "requests": list(requests_list)}
        try:
            return self._execute(body, timeout)
        except VintedProxyError as error:
            return self._failed(error, results=[])

    def _failed(self, error, **members):
        self.last_error = str(error)
        return {"success": False, "status": 0, **members, "error": str(error)}

    def _get_or_none(self, task_id):
        """A task that is to follow another does not exist before."""
        try:
            return self.get_task(task_id)
        except VintedProxyError as error:
            if error.status == 404:
                return None
            raise

    def _get(self, path, **query):
        if self.user_id is not None:
            query["user_id"] = self.user_id
        given = {k: v for k, v in query.items() if v is not None}
        tail = "?" + urllib.parse.urlencode(given) if given else ""
        url = self.frontend_url + path + tail
        return self._send(urllib.request.Request(url))

    def _post(self, path, body, headers=None, timeout=60):
        request = urllib.request.Request(
            self.frontend_url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **(headers or {})},
            method="POST",
        )
        return self._send(request, timeout)

    def _send(self, request, timeout=60):
        if self.auth_token is not None:
            request.add_header("Authorization", f"Bearer {self.auth_token}")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise problem(error) from None
        except (OSError, ValueError) as error:
            raise VintedProxyError(f"no answer: {error}") from error


def session(csrf_token, anon_id):
    """The headers that Vinted wants besides the cookies."""
    return {"X-CSRF-Token": csrf_token, "X-Anon-Id": anon_id}


def envelope(item):
    """What goes around an item in the requests of Vinted's editor."""
    upload = str(uuid.uuid4())
    return {
        "item": {**item, "temp_uuid": upload},
        "feedback_id": None,
        "push_up": False,
        "parcel": None,
        "upload_session_id": upload,
    }


def with_condition(fields):
    """Vinted takes one condition; the guide calls it status_ids."""
    fields = dict(fields)
    conditions = fields.pop("status_ids", None)
    if conditions and "status_id" not in fields:
        fields["status_id"] = conditions[0]
    return fields


def to_editor(item):
    """Some members are told in one form and taken in another."""
    item = dict(item)
    if isinstance(item.get("price"), dict):
        item["price"] = item["price"]["amount"]
    item["assigned_photos"] = [
        {"id": photo["id"], "orientation": photo.get("orientation") or 0}
        for photo in item.pop("photos", None) or []
    ]
    return item


def quote(task_id):
    return urllib.parse.quote(task_id, safe="")


def problem(error):
    """What the backend says in an RFC 9457 problem, or else its status."""
    try:
        told = json.load(error)
        detail, code = told["detail"], told.get("code")
    except (ValueError, KeyError, TypeError):
        detail, code = f"HTTP {error.code}", None
    return VintedProxyError(detail, error.code, code)


def refusal(what, answer):
    text = answer.get("error") or f"HTTP {answer['status']}"
    return VintedProxyError(f"{what}: {text}", answer["status"])


def title_of(value):
    """A name that Vinted writes as a string or as an object with a title."""
    if isinstance(value, dict):
        value = value.get("title")
    return None if value is None else Title(value)


def tidy(item):
    """An item with `brand`, `size` and `price` in one shape, the rest kept."""
    dto = item.get("brand_dto")
    brand = title_of(item.get("brand") or item.get("brand_title") or dto)
    size = title_of(item.get("size_title") or item.get("size"))
    price = item.get("price")
    if isinstance(price, dict):
        price = price.get("amount")
    known = {"brand": brand, "size": size, "price": price}
    return {**item, **{k: v for k, v in known.items() if v is not None}}
