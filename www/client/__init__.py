# SPDX-License-Identifier: MIT
"""What pip installs: vinted_proxy_client.py beside this, under its own name."""

from .vinted_proxy_client import *  # noqa: F403
from .vinted_proxy_client import __all__ as __all__
from .vinted_proxy_client import __doc__ as __doc__
