#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes every product into a CSV file.

    export_to_csv.py [FILE]
"""

import csv
import sys

from common import connect, fetch_all

FIELDS = ["id", "title", "price", "brand", "size"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value):
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return "'" + text if text.startswith(FORMULA) else text


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "products.csv"
    client, user_data = connect()
    products = fetch_all(client, user_data)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=FIELDS)
        writer.writeheader()
        for product in products:
            row = {field: safe(product.get(field, "")) for field in FIELDS}
            writer.writerow(row)
    print(f"✅ {len(products)} produits exportés vers {path}")


if __name__ == "__main__":
    main()
