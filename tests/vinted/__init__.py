# SPDX-License-Identifier: MIT
"""A stand-in for the Vinted site, for tests only.

    with Vinted(items=2000) as vinted:     # HTTPS on vinted.port
        vinted.site.stale_token()          # what it does is set on vinted.site
        vinted.site.seen("PUT")            # what it was asked
"""

from vinted.server import Vinted
from vinted.site import Fault, Site

__all__ = ["Fault", "Site", "Vinted"]
