# SPDX-License-Identifier: MIT
"""The items of a wardrobe, and the shapes in which the site tells them."""

import re
import time

FIRST_ID = 7750837000  # beyond 32 bits, as today's are
SIZES = ("S", "M", "L", "W34 | FR 44")
BRANDS = ((53, "Nike"), (10, "Lee"), (14, "Levi's"))
FLAGS = ("is_draft", "is_closed", "is_reserved", "is_hidden")
REQUIRED = ("title", "description", "price", "catalog_id")


def make_items(count):
    """As many items, by id."""
    return {FIRST_ID + n: make_item(FIRST_ID + n, n) for n in range(count)}


def make_item(number, n):
    """What the site keeps of one."""
    return {
        "id": number,
        "title": f"Article {n}",
        "description": f"Description {n}",
        "price": f"{10 + n % 90}.{n % 100:02}",
        "brand_id": BRANDS[n % 3][0],
        "size_title": SIZES[n % 4],
        "catalog_id": 5,
        "color_ids": [1],
        "status_id": 6,
        "photos": [{"id": number * 10, "url": photo_url(number * 10)}],
        "view_count": n % 300,
        "favourite_count": n % 12,
        "message_count": n % 4,
        "currency": "EUR",
        **dict.fromkeys(FLAGS, False),
    }


def photo_url(number):
    return f"https://images1.vinted.net/t/{number}.jpeg"


def new_photo(number):
    """One that is put up now, which its high_resolution tells
    (2spy/Vinted-Discord-Bot has the structure)."""
    now = {"timestamp": int(time.time())}
    return {"id": number, "url": photo_url(number), "high_resolution": now}


def is_public(item):
    """Hidden items and drafts are listed to their owner only."""
    return not item["is_hidden"] and not item["is_draft"]


def brand_of(item):
    return dict(BRANDS).get(item.get("brand_id"), "Sans marque")


def listed(item, is_heavy=False):
    """As it stands in a wardrobe's page: one of five shapes, by its id. All of
    them occur; photos with full_size_url alone and a path without a host are
    those of catalogues, whose items tools read as well (2spy/Vinted-Discord-Bot
    has the structure)."""
    brand, size = brand_of(item), item.get("size_title")
    row = {
        "id": item["id"],
        "title": item["title"],
        "description": "",
        "status": "Très bon état",
        "url": f"https://www.vinted.fr/items/{item['id']}",
        "photos": [heavy_photo(each) for each in item["photos"] * 8]
        if is_heavy
        else item["photos"],
        "view_count": item["view_count"],
        "favourite_count": item["favourite_count"],
        **{name: item[name] for name in FLAGS},
        "currency": item["currency"],
    }
    path = f"/items/{item['id']}-article"
    shapes = (
        {
            "price": item["price"],
            "brand": {"id": item.get("brand_id"), "title": brand},
            "size_title": size,
        },
        {
            "price": float(item["price"]),
            "brand": brand,
            "size": size,
            "photos": [full_size(each) for each in row["photos"]],
        },
        {
            "price": money(item),
            "brand_title": brand,
            "size": {"title": size},
            "url": None,
            "path": path,
        },
        {
            "price": money(item),
            "brand_dto": {"title": brand},
            "size_title": size,
        },
        {
            "price": item["price"],
            "brand": brand,
            "size_title": size,
            "url": path,
        },
    )
    return {**row, **shapes[item["id"] % len(shapes)]}


def full_size(photo):
    """Without url, but with another one that is as good."""
    rest = {name: value for name, value in photo.items() if name != "url"}
    return {**rest, "full_size_url": photo["url"]}


def heavy_photo(photo):
    """With all that a photo bears there; an item of eight is about 18 KB."""
    sizes = ("thumb70x100", "thumb150x210", "thumb310x430", "thumb428x624")
    more = ("thumb310", "thumb624x428", "thumb20", "thumb50", "thumb364x428")
    signed = photo["url"] + "?s=" + "0123456789abcdef" * 4
    return {
        **photo,
        "image_no": 1,
        "width": 600,
        "height": 800,
        "dominant_color": "#B9A896",
        "dominant_color_opaque": "#EAE5E0",
        "url": signed,
        "is_main": True,
        "thumbnails": [
            {
                "type": size,
                "url": signed.replace("/t/", f"/t/{size}/"),
                "width": 70,
                "height": 100,
                "original_size": None,
            }
            for size in sizes + more
        ],
        "high_resolution": {
            "id": "x",
            "timestamp": 1733565600,
            **photo.get("high_resolution", {}),
        },
        "is_suspicious": False,
        "full_size_url": signed,
        "is_hidden": False,
        "extra": {},
    }


def money(item):
    return {"amount": item["price"], "currency_code": item["currency"]}


def editor(item):
    """As the editor is given it: all fields, the price with its currency."""
    fields = {k: v for k, v in item.items() if not k.endswith("_count")}
    return {**fields, "price": money(item)}


def missing(fields):
    """The fields that the editor's requests must have and that are not."""
    return [name for name in REQUIRED if fields.get(name) in (None, "")]


def is_price(value):
    return bool(re.fullmatch(r"\d+(\.\d{1,2})?", str(value)))
