# SPDX-License-Identifier: MIT
"""What a site like Vinted answers instead of what it was asked for. Each can be
given to Site.answer; where it is known from stands with it."""

import json
from dataclasses import dataclass, field

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    body: str
    kind: str = JSON
    headers: dict = field(default_factory=dict)


def told(status, **members):
    return Answer(status, json.dumps(members, ensure_ascii=False))


# To whoever is not signed in, or no longer. The words are Vinted's:
# github.com/Androz2091/vinted-api/issues/23.
SIGNED_OUT = told(
    401,
    code=100,
    message="Token d'authentification invalide",
    message_code="invalid_authentication_token",
)

# What does not exist, or no longer: code 104 is Vinted's as well.
RETIRED = told(
    404,
    code=104,
    message="Contenu introuvable",
    message_code="not_found",
)

# The web framework's own page for a path that it has no route for: what a
# retired route answers while nobody looks after it any more.
RETIRED_HTML = Answer(
    404,
    "<!doctype html><title>Page introuvable</title>"
    "<h1>La page que tu cherches n'existe pas</h1>",
    HTML,
)

# A refusal under 200: clients that look at the status alone take it for done
# (github.com/Pawikoski/vinted-api-wrapper/issues/5 tells of calls that changed
# nothing). Success is "code": 0, or no code.
CODE = told(
    200,
    code=99,
    message="Désolé, il y a quelques erreurs",
    message_code="validation_error",
    errors=[{"field": "price", "value": "Le prix est trop bas"}],
)

# A page under 200, for instance the one for signing in, to which a redirect has
# led that fetch follows by itself.
PAGE = Answer(
    200,
    "<!doctype html><title>Connexion</title><h1>Bienvenue !</h1>",
    HTML,
)

# A blocked call may as well say nothing at all:
# github.com/Androz2091/vinted-discord-bot/issues/26.
EMPTY = Answer(200, "")

# DataDome to a call of the page's script: JSON with the captcha's address. The
# header and the host are the product's (docs.datadome.co, "Block page").
DATADOME = Answer(
    403,
    '{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=x&t=fe"}',
    JSON,
    {"X-DataDome": "protected"},
)

# DataDome to a navigation: a page that draws the captcha itself.
DATADOME_PAGE = Answer(
    403,
    '<html lang="en"><head><title>vinted.fr</title></head><body><p id="cmsg">'
    "Please enable JS and disable any ad blocker</p><script>"
    "var dd={'rt':'c','cid':'x','hsh':'x','t':'fe',"
    "'host':'geo.captcha-delivery.com'}</script>"
    '<script src="https://ct.captcha-delivery.com/c.js"></script></body>',
    HTML,
    {"X-DataDome": "protected"},
)

# Cloudflare's challenge: "cf-mitigated: challenge" marks it, whatever was asked
# for (developers.cloudflare.com, "Detect a Challenge Page response").
CLOUDFLARE = Answer(
    403,
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>'
    "</head><body><noscript>Enable JavaScript and cookies to continue"
    "</noscript><script>(function(){window._cf_chl_opt={cType:'managed'};"
    "})();</script></body></html>",
    HTML,
    {"Server": "cloudflare", "CF-Mitigated": "challenge"},
)

# Cloudflare's block page for an address: no challenge, and no such header
# (developers.cloudflare.com, "Cloudflare 1xxx errors", 1020).
CLOUDFLARE_BLOCK = Answer(
    403,
    '<!DOCTYPE html><html lang="en-US"><head>'
    "<title>Attention Required! | Cloudflare</title></head><body>"
    "<h1>Sorry, you have been blocked</h1>"
    "<p>Cloudflare Ray ID: <strong>8c0</strong></p></body></html>",
    HTML,
    {"Server": "cloudflare", "CF-RAY": "8c0-CDG"},
)

# Cloudflare's rate limit (the same page, 1015), with the header of RFC 9110.
LIMITED = Answer(
    429,
    '<!DOCTYPE html><html lang="en-US"><head>'
    "<title>Access denied | www.vinted.fr used Cloudflare</title></head>"
    "<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>",
    HTML,
    {"Server": "cloudflare", "Retry-After": "1"},
)
