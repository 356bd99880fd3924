# SPDX-License-Identifier: MIT
"""Our own pages in a browser, as a person goes through them."""

import base64
import json
import os

from stage import SHOTS, InChromium, InFirefox, Stage

# Where these are found is known from here on.
from marionette import Refused
from support.cgi import REPOSITORY

__all__ = ["AXE", "WWW", "ChromiumVisit", "FirefoxVisit"]

WWW = os.path.join(REPOSITORY, "www")
AXE = os.path.join(
    REPOSITORY, "build", "browser", "node_modules", "axe-core", "axe.min.js"
)
PHONE = 360  # pixels: the narrowest that is promised
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", " ": " "}


class Visit(Stage):
    """The pages stand beside the API; the extension is not configured, unless
    a test does so. Drops are seen to by what the page asks for."""

    queue = {"background": "yes"}
    configured = False

    def setUp(self):
        super().setUp()
        self.lay_pages()
        self.browser.new_tab(f"{self.url}/")

    def lay_pages(self):
        pages = os.path.join(self.root.path, "www")
        for name in os.listdir(WWW):
            os.symlink(os.path.join(WWW, name), os.path.join(pages, name))

    def configure(self, **settings):
        if self.configured:
            super().configure(**settings)

    def enter(self, token=None, user="42", page=""):
        """Opens the first page and signs in."""
        self.browser.go(f"{self.url}/{page}")
        self.sign_in(token or self.backend, user)
        self.until(lambda: self.is_shown("#inside"))

    def sign_in(self, token, user):
        self.until(lambda: self.is_shown("#enter"))
        self.browser.fill("#token", token)
        self.browser.fill("#user", user)
        self.browser.click("#enter button")

    def is_shown(self, selector):
        return self.browser.script(
            """const found = document.querySelector(arguments[0]);
            return Boolean(found?.checkVisibility());""",
            selector,
        )

    def read(self, selector="body"):
        """What can be read there; "" where there is no such element."""
        return self.browser.script(
            "return document.querySelector(arguments[0])?.innerText ?? ''",
            selector,
        )

    def read_all(self, selector):
        return self.browser.script(
            """return [...document.querySelectorAll(arguments[0])].map(
                (each) => each.innerText);""",
            selector,
        )

    def until_read(self, words, selector="body"):
        self.until(lambda: words in self.read(selector))

    def row(self, task):
        """What the queue shows of a task; "" if it is not there."""
        return self.read(f"[data-task='{task}']")

    def queued(self):
        """The content of the one file that waits."""
        [name] = self.root.ls("pending", 42)
        return self.root.json("pending", 42, name)

    def assert_fits(self):
        """Nothing is to be scrolled sideways."""
        width = self.browser.script(
            """return [document.documentElement.scrollWidth,
                document.documentElement.clientWidth];"""
        )
        self.assertLessEqual(width[0], width[1])

    def assert_accessible(self):
        """axe-core finds no barrier, where it is installed."""
        if os.path.exists(AXE):
            barriers = self.barriers()
            self.assertEqual(barriers, [], json.dumps(barriers, indent=1))

    def barriers(self):
        """The rules that the page breaks now, each with what breaks it."""
        with open(AXE, encoding="utf-8") as file:
            source = file.read()
        return self.browser.script(
            source + """;
            return axe.run().then(({ violations }) => violations.map((one) =>
                [one.id, one.nodes.map((each) => each.html)]));"""
        )


class FirefoxVisit(Visit, InFirefox):
    """In Firefox."""

    def shoot(self, name):
        """The whole page, however long."""
        os.makedirs(SHOTS, exist_ok=True)
        told = self.browser.call("WebDriver:TakeScreenshot", full=True)
        with open(os.path.join(SHOTS, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(told["value"]))

    def send_keys(self, selector, text):
        """Of a field for files: the path of one."""
        query = {"using": "css selector", "value": selector}
        found = self.browser.call("WebDriver:FindElement", **query)["value"]
        [field] = found.values()
        self.browser.call("WebDriver:ElementSendKeys", id=field, text=text)

    def set_preference(self, name, value):
        kind = {str: "String", bool: "Bool", int: "Int"}[type(value)]
        self.browser.privileged(
            f"Services.prefs.set{kind}Pref(arguments[0], arguments[1])",
            name,
            value,
        )

    def question(self):
        """What the page asks of the person; "" if nothing."""
        try:
            return self.browser.call("WebDriver:GetAlertText")["value"]
        except Refused:
            return ""

    def press(self, *keys):
        """Each key in turn, on whatever has the focus."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [
                {"type": kind, "value": value} for kind in ("keyDown", "keyUp")
            ]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.browser.call("WebDriver:PerformActions", actions=[source])


class ChromiumVisit(Visit, InChromium):
    """In Chromium."""

    def setUp(self):
        """Without a window no tab is in front, and our pages would rest."""
        super().setUp()
        self.browser.call(
            "Emulation.setFocusEmulationEnabled",
            self.browser.session,
            enabled=True,
        )

    def shoot(self, name):
        """The whole page, however long."""
        os.makedirs(SHOTS, exist_ok=True)
        told = self.browser.call(
            "Page.captureScreenshot",
            self.browser.session,
            captureBeyondViewport=True,
        )
        with open(os.path.join(SHOTS, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(told["data"]))

    def as_phone(self):
        self.browser.call(
            "Emulation.setDeviceMetricsOverride",
            self.browser.session,
            width=PHONE,
            height=740,
            deviceScaleFactor=1,
            mobile=True,
        )
