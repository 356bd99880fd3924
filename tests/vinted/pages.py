# SPDX-License-Identifier: MIT
"""The site's HTML pages, in each form in which they tell who is signed in.

What strangers wrote stands on them, too: the titles of site.titles, in the
body, in JSON-LD as shops show it to search engines (schema.org), and in the
very scripts that bear the tokens."""

import base64
import html
import json

FORMS = ("plain", "escaped", "stream", "config", "bare", "meta", "data")
STRANGER = {"id": 666, "login": "a-stranger"}


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
{strange(site)}
</body></html>
"""


def inline(text):
    return f"<script>{text}</script>"


def strange(site):
    """Strangers' listings, in front of whoever looks at the page."""
    shown = "".join(f"<li>{html.escape(each)}</li>" for each in site.titles)
    listed = compact([{"@type": "Product", "name": n} for n in site.titles])
    kind = "application/ld+json"
    return f'<ul>{shown}</ul><script type="{kind}">{listed}</script>'


def offers(site):
    return [{"title": each, "user": STRANGER} for each in site.titles]


def user_of(site):
    return site.user if site.signed_in else None


def facts(site):
    return {
        "catalogue": offers(site),
        "CSRF_TOKEN": site.page_token,
        "anon_id": site.anon_id,
        "currentUser": user_of(site),
    }


def compact(value):
    """JSON that no script ends in the middle of: what is special in HTML is
    escaped, as Next.js (htmlescape.ts) and Rails (json_escape) do."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "&<>\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _plain(site):
    return inline(f"window.__STATE__ = {compact(facts(site))};")


def _escaped(site):
    """A JSON text inside a string of a script that is no stream."""
    return inline(f"boot({compact(compact(facts(site)))});")


def _stream(site):
    """React's rows in pieces, as Next.js writes them (use-flight-response.tsx):
    [1, text], or [3, base64] where a piece begins or ends in the middle of a
    letter. A row is ID:JSON and a line's end, but a long text is ID:Tlength,
    (in bytes, hexadecimal) and then the text as it stands."""
    rows = [f"0:{row({'children': ['$', 'ul', None, offers(site)]})}"]
    rows += [f"{9 + n:x}:{text_row(t)}" for n, t in enumerate(site.titles)]
    rows += [f"7:{row(facts(site))}", f"8:{row(offers(site))}"]
    stream = "".join(rows).encode()
    cuts = range(0, len(stream), site.cut)
    pieces = [piece(stream[at : at + site.cut]) for at in cuts]
    pushes = [f"self.__next_f.push({compact(each)})" for each in pieces]
    first = "(self.__next_f=self.__next_f||[]).push([0])"
    return "\n".join(map(inline, [first, *pushes]))


def row(value):
    """What is special in HTML is escaped by the script around it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def text_row(text):
    return f"T{len(text.encode()):x},{text}"


def piece(data):
    try:
        return [1, data.decode()]
    except UnicodeDecodeError:
        return [3, base64.b64encode(data).decode()]


def _data(site):
    """JSON in a script of its own: Next.js's older form (__NEXT_DATA__)."""
    kind = 'id="__NEXT_DATA__" type="application/json"'
    props = {"props": {"pageProps": facts(site)}}
    return f"<script {kind}>{compact(props)}</script>"


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
