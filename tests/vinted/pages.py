# SPDX-License-Identifier: MIT
"""The site's HTML pages, in each form in which they tell who is signed in."""

import json

FORMS = ("plain", "escaped", "stream", "config", "bare", "meta")


def page(site):
    """The page for whoever is signed in, in the form that is asked for."""
    script = globals()["_" + site.form](site)
    name = "Accueil" if site.signed_in else "Connexion"
    return f"""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{name}</title>
{script}
</head><body><h1>{name}</h1>
<p>load {site.loads}</p>
<script>var other = {{"user": {{"id": 999, "login": "a-buyer"}}}};</script>
</body></html>
"""


def inline(text):
    return f"<script>{text}</script>"


def user_of(site):
    return site.user if site.signed_in else None


def facts(site):
    return {
        "CSRF_TOKEN": site.page_token,
        "anon_id": site.anon_id,
        "currentUser": user_of(site),
    }


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(site):
    return inline(f"window.__STATE__ = {compact(facts(site))};")


def _escaped(site):
    """A JSON text inside a string of a script that is no stream."""
    return inline(f"boot({compact(compact(facts(site)))});")


def _stream(site):
    """In pieces whose borders lie in the middle of words."""
    text = "7:" + compact(facts(site))
    pieces = [text[at : at + 41] for at in range(0, len(text), 41)]
    pushes = [f"self.__next_f.push({compact([1, each])})" for each in pieces]
    first = "(self.__next_f=self.__next_f||[]).push([0])"
    return "\n".join(map(inline, [first, *pushes]))


def _config(site):
    """window.vinted.config, made by a script that is not on the page."""
    return '<script src="/assets/config.js"></script>'


def config_script(site):
    config = {
        "csrf_token": site.page_token,
        "anon_id": site.anon_id,
        "user": user_of(site),
    }
    return f"window.vinted = {{}};\nwindow.vinted.config = {compact(config)};"


def _bare(site):
    """window.vinted.config with keys that bear no quotes."""
    user = user_of(site)
    members = ", ".join(f"{k}: {compact(v)}" for k, v in (user or {}).items())
    return inline(
        "window.vinted = window.vinted || {};\n"
        f'window.vinted.config = {{ csrf_token: "{site.page_token}", '
        f'anon_id: "{site.anon_id}", '
        f"user: {'{ ' + members + ' }' if user else 'null'} }};"
    )


def _meta(site):
    """Only the token: the user must be asked for, the anon id is a cookie."""
    return f'<meta name="csrf-token" content="{site.page_token}">'
