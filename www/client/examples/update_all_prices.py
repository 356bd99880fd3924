#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gives every product the same price.

    update_all_prices.py PRICE [SECONDS BETWEEN TWO]

Vinted takes about 50 changes an hour from one seller before it asks for a
captcha; for more, queue them: client.create_task("update_prices", ...).
"""

import sys
import time

from common import connect, fetch_all


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    price = sys.argv[1]
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
    client, user_data = connect()
    for number, product in enumerate(fetch_all(client, user_data)):
        if number > 0:
            time.sleep(pause)
        result = client.update_product(
            item_id=product["id"],
            csrf_token=user_data["csrf_token"],
            anon_id=user_data["anon_id"],
            price=price,
        )
        if not result["success"]:
            reason = result.get("error") or f"HTTP {result['status']}"
            sys.exit(f"❌ Produit {product['id']} : {reason}")
        print(f"✅ Produit {product['id']} : {price}€")


if __name__ == "__main__":
    main()
