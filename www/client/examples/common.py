# SPDX-License-Identifier: MIT
"""What the examples share: the client, as the environment describes it.

STOFLOW_URL (http://localhost:8000), STOFLOW_TOKEN, STOFLOW_USER.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from vinted_proxy_client import VintedProxyClient  # noqa: E402


def connect():
    """The client, and who is logged in on Vinted."""
    client = VintedProxyClient(
        frontend_url=os.environ.get("STOFLOW_URL", "http://localhost:8000"),
        auth_token=os.environ.get("STOFLOW_TOKEN"),
        user_id=os.environ.get("STOFLOW_USER"),
    )
    user_data = client.get_user_data()
    if not user_data:
        sys.exit(f"User data non disponible : {client.last_error}")
    return client, user_data


def fetch_all(client, user_data):
    return client.get_all_products(
        user_id=user_data["user_id"],
        csrf_token=user_data["csrf_token"],
        anon_id=user_data["anon_id"],
    )
