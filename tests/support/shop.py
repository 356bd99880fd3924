# SPDX-License-Identifier: MIT
"""A wardrobe on Vinted and a plugin, as far as settling needs them: what a
create_product makes there, who hears of it, and what a list then shows."""

import os
import time

from support.grammar import QUEUED, UNKNOWN
from support.case import GUIDE_USER, stamp

ACCOUNT = {"id": GUIDE_USER["user_id"], "login": GUIDE_USER["login"]}
UNKNOWN_WORD = {
    "success": False,
    "error": "La réponse de Vinted s'est perdue",
    "data": {"code": "unknown"},
}
INTERRUPTED = {
    "success": False,
    "error": (
        "Interrompu : le navigateur s'est arrêté pendant l'exécution. "
        "Vérifier sur Vinted avant de recommencer"
    ),
}


class Shop:
    """The seller's items, by their number."""

    def __init__(self, case):
        self.case = case
        self.items = {}
        self.last = 7750837000

    def put(self, params, published=None):
        """An item as a create with these parameters makes it."""
        self.last += 1
        photos = [
            {
                "id": photo["id"],
                "url": f"https://images1.vinted.net/t/{photo['id']}.jpeg",
                "high_resolution": {
                    "timestamp": int(published or time.time())
                },
            }
            for photo in params.get("assigned_photos", [])
        ]
        self.items[self.last] = {
            "id": self.last,
            "title": params["title"],
            "price": {"amount": params["price"], "currency_code": "EUR"},
            "photos": photos,
        }
        return self.last

    def listed(self, account=ACCOUNT, **data):
        """What a plugin posts of a get_all_products."""
        products = list(self.items.values())
        body = {
            "success": True,
            "data": {
                "products": products,
                "total": len(products),
                "complete": True,
                "reason": None,
                "owner": True,
                **data,
            },
        }
        return {**body, "account": account} if account else body

    def introduce(self, account=ACCOUNT):
        """The backend learns who the seller is, and their wardrobe."""
        case = self.case
        data = {"user_id": account["id"], "login": account["login"]}
        task_id = case.create(action="get_user_data")
        case.poll_id()
        case.finish(task_id, {"success": True, "data": data})
        case.sweep()
        answer = case.api.post(
            "/api/sync/vinted", {"user_id": 42}, token=case.backend
        )
        case.poll_id()
        case.finish(answer.json["task_id"], self.listed(account))
        case.sweep()

    def answer_list(self, **options):
        """Polls, and answers the listing that must come."""
        task = self.case.poll()
        self.case.assertEqual(task["action"], "get_all_products", task)
        self.case.finish(task["task_id"], self.listed(**options))
        return task

    def pass_time(self):
        """Minutes go by: what waits for a later list may have it now. That
        goes by the entry's name, so the list that was put off for it goes, and
        a sweep queues the one that is due."""
        root = self.case.root
        for name in root.ls("pending", 42):
            match = QUEUED.fullmatch(name)
            if match and match["id"].startswith("settle-"):
                if match["created"] > stamp():
                    os.remove(root.place("pending", 42, name))
        folder = self.case.root.place("unknown", 42)
        names = os.listdir(folder) if os.path.isdir(folder) else []
        for name in names:
            match = UNKNOWN.fullmatch(name)
            if match["state"] == "missing" and match["since"] > stamp():
                path = os.path.join(folder, name)
                later = stamp(-0.001) + name[match.end("since") :]
                os.rename(path, os.path.join(folder, later))
