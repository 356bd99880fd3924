#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fetches every product and stores them, one JSON object a line.

    sync_to_file.py [FILE]
"""

import json
import os
import sys

from common import fetch_all, sign_in

from vinted_proxy_client import VintedProxyError


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else "products.ndjson"
    client, user_data = sign_in()
    try:
        products = fetch_all(client, user_data)
    except VintedProxyError as error:
        sys.exit(f"❌ {error}")
    with open(path + ".part", "w", encoding="utf-8") as file:
        for product in products:
            file.write(json.dumps(product, ensure_ascii=False) + "\n")
    os.replace(path + ".part", path)
    print(f"✅ {len(products)} produits synchronisés")


if __name__ == "__main__":
    main()
