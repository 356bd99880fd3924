# SPDX-License-Identifier: MIT
"""/api/v2 of the stand-in: one function for each route."""

import email
import json
import math
import re
from urllib.parse import parse_qs, urlsplit

from vinted.answers import RETIRED, SIGNED_OUT
from vinted.wardrobe import (
    editor,
    is_price,
    is_public,
    listed,
    missing,
    new_photo,
    photo_url,
)

PER_PAGE_MOST = 96


def answer_call(site, seen, cookies):
    """(status, JSON) for a request to the interface."""
    url = urlsplit(seen.path)
    with site.lock:
        for method, pattern, answer in ROUTES:
            match = re.fullmatch(r"/api/v2" + pattern, url.path)
            if not match or method != seen.method:
                continue
            if not is_allowed(site, seen, cookies, answer in PUBLIC):
                return site.refusal, json.loads(SIGNED_OUT.body)
            return answer(site, seen, parse_qs(url.query), *match.groups())
    return no_such()


def no_such():
    return RETIRED.status, json.loads(RETIRED.body)


def is_allowed(site, seen, cookies, is_public_call):
    """Anybody may look at what is offered, with the tokens of a page: so do the
    tools that download a wardrobe by its address alone, and then the hidden
    ones are not in it (github.com/boberle/vinted-downloader/issues/2)."""
    headers = {name.lower(): value for name, value in seen.headers.items()}
    is_member = (
        site.signed_in and cookies.get("_vinted_fr_session") == site.session
    )
    return (
        (is_member or is_public_call)
        and headers.get("x-csrf-token") == site.token
        and headers.get("x-anon-id") == site.anon_id
    )


def current_user(site, seen, query):
    return 200, {"user": site.user}


def wardrobe(site, seen, query, user):
    """Hidden items and drafts stand in it for its owner only."""
    kept = site.wardrobe_of(int(user))
    if kept is None:
        return no_such()
    page = int(query.get("page", ["1"])[0])
    per_page = min(int(query.get("per_page", ["20"])[0]), PER_PAGE_MOST)
    is_owner = site.is_owner(int(user))
    items = [each for each in kept.values() if is_owner or is_public(each)]
    shown = items[(page - 1) * per_page : page * per_page]
    rows = [listed(item, site.is_heavy) for item in shown]
    told = {"items": rows, "code": 0}
    if site.has_pagination:
        told["pagination"] = {
            "current_page": page,
            "total_pages": math.ceil(len(items) / per_page),
            "total_entries": len(items),
            "per_page": per_page,
        }
    return 200, told


def known(answer):
    """Answers 404 where there is no item of that id, for who is asking."""

    def check(site, seen, query, number):
        item = site.find(int(number))
        if item is None:
            return no_such()
        return answer(site, seen, item)

    return check


def own(answer):
    """As known, but an item that is somebody else's is none, either."""

    @known
    def check(site, seen, item):
        if not site.may_change(item["id"]):
            return no_such()
        return answer(site, seen, item)

    return check


@known
def show_item(site, seen, item):
    messages = {"message_count": item["message_count"]}
    return 200, {"item": {**listed(item, site.is_heavy), **messages}}


@own
def show_stats(site, seen, item):
    if not site.has_stats:
        return no_such()
    names = ("view_count", "favourite_count", "message_count")
    return 200, {name: item[name] for name in names}


@own
def show_editor(site, seen, item):
    return 200, {"item": editor(item)}


def create(site, seen, query):
    fields = json.loads(seen.body).get("item") or {}
    wrong = faults_of(fields)
    if wrong:
        return 400, wrong
    item = site.new_item()
    take(site, item, fields)
    return 200, {"item": editor(item), "code": 0}


@own
def update(site, seen, item):
    fields = json.loads(seen.body).get("item") or {}
    wrong = faults_of(fields)
    if wrong:
        return 400, wrong
    if fields.get("id") != item["id"]:
        return 400, {"code": 99, "message": "id"}
    take(site, item, fields)
    return 200, {"item": editor(item), "code": 0}


def faults_of(fields):
    lacking = missing(fields)
    if lacking or not is_price(fields["price"]):
        names = lacking or ["price"]
        return {
            "code": 99,
            "message": "Désolé, il y a quelques erreurs",
            "message_code": "validation_error",
            "errors": [
                {"field": name, "value": f"Le champ {name} est requis"}
                for name in names
            ],
        }
    return None


def take(site, item, fields):
    """An item becomes what the editor's fields say; photos by their ids."""
    photos = fields.pop("assigned_photos", [])
    known = {photo["id"]: photo for photo in item["photos"]}
    item.update({k: v for k, v in fields.items() if k != "id"})
    item["price"] = str(item["price"])
    item["photos"] = [
        known.get(photo["id"]) or new_photo(photo["id"]) for photo in photos
    ]


def delete_by(method):
    @own
    def delete(site, seen, item):
        if site.delete_by != method:
            return no_such()
        site.remove(item["id"])
        if method == "DELETE":
            return 204, None
        return 200, {"code": 0, "message": "Ok"}

    return delete


def upload(site, seen, query):
    parts = read_multipart(seen)
    file = parts.get("photo[file]")
    if parts.get("photo[type]") != b"item" or not file:
        return 400, {"code": 99, "message": "photo"}
    number = 900000000 + len(site.photos)
    site.photos[number] = file
    uuid = parts["photo[temp_uuid]"].decode()
    return 200, {"id": number, "url": photo_url(number), "temp_uuid": uuid}


def read_multipart(seen):
    """The parts' bytes by name."""
    headers = {name.lower(): value for name, value in seen.headers.items()}
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + seen.body)
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(
            decode=True
        )
        for part in message.get_payload()
    }


PUBLIC = (wardrobe, show_item)
ROUTES = (
    ("GET", r"/users/current", current_user),
    ("GET", r"/wardrobe/(\d+)/items", wardrobe),
    ("GET", r"/items/(\d+)", show_item),
    ("GET", r"/items/(\d+)/stats", show_stats),
    ("POST", r"/item_upload/items", create),
    ("GET", r"/item_upload/items/(\d+)", show_editor),
    ("PUT", r"/item_upload/items/(\d+)", update),
    ("POST", r"/items/(\d+)/delete", delete_by("POST")),
    ("DELETE", r"/items/(\d+)", delete_by("DELETE")),
    ("POST", r"/photos", upload),
)
