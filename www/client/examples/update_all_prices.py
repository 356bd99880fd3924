#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gives every product the same price.

    update_all_prices.py PRICE [SECONDS BETWEEN TWO]

Vinted takes about 50 changes an hour from one seller before it asks for a
captcha: 72 seconds between two, if no others are given.
"""

import sys
from typing import Any, Dict

from common import fetch_all, show, sign_in

from vinted_proxy_client import VintedProxyError


def change_all(price: str, pause: float) -> Dict[str, Any]:
    """What became of each product; see VintedProxyClient.update_prices."""
    client, user_data = sign_in()
    prices = {each["id"]: price for each in fetch_all(client, user_data)}
    return client.update_prices(prices, throttle=pause, progress=show)


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    price = sys.argv[1]
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 72.0
    try:
        results = change_all(price, pause)["results"]
    except VintedProxyError as error:
        sys.exit(f"❌ {error}")
    for each in results:
        mark = "✅" if each["success"] else "❌"
        reason = each.get("error") or price
        print(f"{mark} Produit {each['item_id']} : {reason}")
    if not all(each["success"] for each in results):
        sys.exit(1)


if __name__ == "__main__":
    main()
