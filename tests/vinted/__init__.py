# SPDX-License-Identifier: MIT
"""A stand-in for the Vinted site, for tests only.

    with Vinted(items=2000) as vinted:     # HTTPS on vinted.port
        vinted.site.stale_token()          # what it does is set on vinted.site
        vinted.site.sign_in(OTHER)         # whom it is asked by
        vinted.site.answer("PUT", "items", answers.CLOUDFLARE)
        vinted.site.seen("PUT")            # what it was asked
"""

from vinted import answers
from vinted.server import Vinted
from vinted.site import BRITON, OTHER, SELLER, Fault, Site

__all__ = [
    "BRITON",
    "OTHER",
    "SELLER",
    "Fault",
    "Site",
    "Vinted",
    "answers",
]
