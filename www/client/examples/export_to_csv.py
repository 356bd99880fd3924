#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Synchronises, then writes every product into a table for Excel.

    export_to_csv.py [FILE]
"""

import sys

from common import connect, show

from vinted_proxy_client import VintedProxyError, result_of

STILL_THERE = "active,reserved,sold,hidden,draft,closed"


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else "products.csv"
    client = connect()
    try:
        total = len(result_of(client.sync(progress=show))["products"])
        table = client.table(locale="fr", status=STILL_THERE)
    except VintedProxyError as error:
        sys.exit(f"❌ {error}")
    with open(path, "wb") as file:
        file.write(table)
    print(f"✅ {total} produits exportés vers {path}")


if __name__ == "__main__":
    main()
