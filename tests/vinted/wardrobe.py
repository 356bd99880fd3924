# SPDX-License-Identifier: MIT
"""The items of a wardrobe, and the shapes in which the site tells them."""

import re

FIRST_ID = 7750837000  # beyond 32 bits, as today's are
SIZES = ("S", "M", "L", "W34 | FR 44")
BRANDS = ((53, "Nike"), (10, "Lee"), (14, "Levi's"))
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
    }


def photo_url(number):
    return f"https://images1.vinted.net/t/{number}.jpeg"


def brand_of(item):
    return dict(BRANDS).get(item.get("brand_id"), "Sans marque")


def listed(item):
    """As it stands in a wardrobe's page: one of five shapes, by its id."""
    brand, size = brand_of(item), item.get("size_title")
    row = {
        "id": item["id"],
        "title": item["title"],
        "description": "",
        "status": "Très bon état",
        "url": f"https://www.vinted.fr/items/{item['id']}",
        "photos": item["photos"],
        "view_count": item["view_count"],
        "favourite_count": item["favourite_count"],
        "is_draft": False,
        "is_closed": False,
        "is_reserved": False,
        "is_hidden": False,
        "currency": "EUR",
    }
    shapes = (
        {
            "price": item["price"],
            "brand": {"id": item.get("brand_id"), "title": brand},
            "size_title": size,
        },
        {"price": float(item["price"]), "brand": brand, "size": size},
        {"price": money(item), "brand_title": brand, "size": {"title": size}},
        {
            "price": money(item),
            "brand_dto": {"title": brand},
            "size_title": size,
        },
        {"price": item["price"], "brand": brand, "size_title": size},
    )
    return {**row, **shapes[item["id"] % len(shapes)]}


def money(item):
    return {"amount": item["price"], "currency_code": "EUR"}


def editor(item):
    """As the editor is given it: all fields, the price with its currency."""
    fields = {k: v for k, v in item.items() if not k.endswith("_count")}
    return {**fields, "price": money(item), "currency": "EUR"}


def missing(fields):
    """The fields that the editor's requests must have and that are not."""
    return [name for name in REQUIRED if fields.get(name) in (None, "")]


def is_price(value):
    return bool(re.fullmatch(r"\d+(\.\d{1,2})?", str(value)))
