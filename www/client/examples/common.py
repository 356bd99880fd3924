# SPDX-License-Identifier: MIT
"""What the examples share: the client, as the environment describes it.

STOFLOW_URL (http://localhost:8000), STOFLOW_TOKEN, STOFLOW_USER, and
STOFLOW_SITE where that is not https://www.vinted.fr.
"""

import os
import sys
from typing import Tuple

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from vinted_proxy_client import (  # noqa: E402
    VINTED,
    Progress,
    UserData,
    VintedProxyClient,
    VintedProxyError,
    Wardrobe,
)


def connect() -> VintedProxyClient:
    return VintedProxyClient(
        frontend_url=os.environ.get("STOFLOW_URL", "http://localhost:8000"),
        auth_token=os.environ.get("STOFLOW_TOKEN"),
        user_id=os.environ.get("STOFLOW_USER"),
        site=os.environ.get("STOFLOW_SITE", VINTED),
    )


def sign_in() -> Tuple[VintedProxyClient, UserData]:
    """The client, and who is logged in on Vinted."""
    client = connect()
    try:
        return client, client.user_data()
    except VintedProxyError as error:
        sys.exit(f"User data non disponible : {error}")


def fetch_all(client: VintedProxyClient, user_data: UserData) -> Wardrobe:
    products = client.get_all_products(
        user_id=user_data["user_id"],
        csrf_token=user_data["csrf_token"],
        anon_id=user_data["anon_id"],
        progress=show,
    )
    if not products.complete:
        print(f"⚠️ Liste incomplète : {products.reason}", file=sys.stderr)
    return products


def show(progress: Progress) -> None:
    done, total = progress.done, progress.total or "?"
    print(f"{done}/{total} {progress.message or ''}", file=sys.stderr)
