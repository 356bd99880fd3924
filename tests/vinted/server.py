# SPDX-License-Identifier: MIT
"""The stand-in's web server: HTTPS on a port that was free."""

import json
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vinted.certificate import make_context
from vinted.interface import answer_call
from vinted.pages import config_script, page
from vinted.site import Seen, Site


class Background(ThreadingHTTPServer):
    """In threads of this process, on a port that was free, from start() to
    close()."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.serve_forever)

    def start(self):
        self.thread.start()

    def handle_error(self, *_):
        """A browser that is killed hangs up in the middle: as it should."""

    def close(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


class Vinted:
    """Runs from construction to close()."""

    def __init__(self, items=45):
        self.site = Site(items)
        self.http = Server(Handler)
        self.http.site = self.site
        self.http.context = make_context()
        self.port = self.http.server_port
        self.http.start()

    def close(self):
        for fault in self.site.faults:
            fault.gate.set()
        self.site.closing.set()
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Server(Background):
    def finish_request(self, request, client_address):
        """The handshake belongs to the connection's own thread."""
        try:
            with self.context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        except OSError:
            pass  # browsers open connections ahead, and drop them

    def shutdown_request(self, request):
        self.close_request(request)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """What was asked is kept in site.requests."""

    def handle_any(self):
        site = self.server.site
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        seen = Seen(self.command, self.path, dict(self.headers), body)
        with site.lock:
            site.requests.append(seen)
        fault = site.meet(self.command, self.path)
        if fault.status:
            seen.status = fault.status
            kind = {"Content-Type": "application/json", **fault.headers}
            return self.say(fault.status, fault.body.encode(), kind)
        if self.path.startswith("/api/"):
            return self.call(site, seen, fault)
        if self.path.startswith("/hang"):
            return self.hang(site)
        return self.show(site, seen)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def call(self, site, seen, fault):
        with site.lock:
            seen.status, told = answer_call(site, seen, self.cookies())
            if fault.then:
                fault.then()
        if fault.is_cut:
            seen.status, self.close_connection = 0, True
            return
        body = b"" if told is None else json.dumps(told).encode()
        self.say(seen.status, body, {"Content-Type": "application/json"})

    def hang(self, site):
        """A page that never comes to its end, as one whose script's server does
        not answer: the browser waits for it, and so does who injects a script
        at document_idle (github.com/w3c/webextensions/issues/527)."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Accueil</title><h1>Accueil")
        self.wfile.flush()
        site.closing.wait()
        self.close_connection = True

    def show(self, site, seen):
        html = {"Content-Type": "text/html; charset=utf-8"}
        if self.path == "/assets/config.js":
            seen.status, body = 200, config_script(site)
            script = {"Content-Type": "text/javascript"}
            return self.say(seen.status, body.encode(), script)
        if self.path != "/":
            seen.status = 404
            return self.say(seen.status, b"<!doctype html>", html)
        with site.lock:
            site.loads += 1
            seen.status, body = 200, page(site)
        self.say(seen.status, body.encode(), html, cookies_of(site))

    def cookies(self):
        parsed = SimpleCookie(self.headers.get("Cookie", ""))
        return {name: morsel.value for name, morsel in parsed.items()}

    def say(self, status, body, headers, cookies=()):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        for cookie in cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def cookies_of(site):
    """What the site keeps in the browser of its visitor."""
    cookies = [f"anon_id={site.anon_id}; Path=/; Secure"]
    if site.signed_in:
        kept = "Path=/; Secure; HttpOnly; SameSite=Lax"
        cookies.append(f"_vinted_fr_session={site.session}; {kept}")
    return cookies
