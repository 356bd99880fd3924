# SPDX-License-Identifier: MIT
"""Our own pages in a browser, as a person goes through them.

What differs between the browsers is below, under the same names for both.
"""

import base64
import json
import os

from stage import SHOTS, InChromium, InFirefox, Stage

# Where this is found is known from here on.
from support.cgi import REPOSITORY
from support.tools import tool, why_no_tool

__all__ = ["WWW", "ChromiumVisit", "FirefoxVisit"]

WWW = os.path.join(REPOSITORY, "www")
AXE = tool("browser", "axe-core", "axe.min.js")
PHONE = 360  # pixels: the narrowest that is promised
# What WebDriver calls a key; what DevTools does, and the text it types.
KEYS = {
    "Tab": ("\ue004", 9, ""),
    "Enter": ("\ue007", 13, "\r"),
    "Escape": ("\ue00c", 27, ""),
}


class Visit(Stage):
    """The pages stand beside the API; nobody has configured the extension.
    Drops are seen to by what the page asks for.

    One browser serves all tests of a class, unless it is not `shared`: each
    has a tab of its own, at an address of its own.
    """

    queue = {"background": "yes"}
    shared = True
    kept = None  # the browser of this class

    def take_browser(self):
        kind = type(self)
        if not self.shared:
            return super().take_browser()
        if kind.kept is None:
            kind.kept = super().take_browser()
            kind.addClassCleanup(kind.end_browser)
        return kind.kept

    @classmethod
    def end_browser(cls):
        """The next one who wants a browser gets a new one."""
        cls.kept.close()
        cls.kept = None

    def leave_browser(self):
        if self.shared:
            self.browser.leave()
        else:
            super().leave_browser()

    def prepare(self):
        self.lay_pages()
        self.browser.new_tab(f"{self.url}/")

    def lay_pages(self):
        pages = os.path.join(self.root.path, "www")
        for name in os.listdir(WWW):
            os.symlink(os.path.join(WWW, name), os.path.join(pages, name))

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

    def shoot(self, name):
        """A picture of the whole page, however long."""
        self.assert_fits()
        self.browser.script("scrollTo(0, 0)")
        os.makedirs(SHOTS, exist_ok=True)
        with open(os.path.join(SHOTS, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(self.picture()))

    def assert_fits(self):
        """Nothing is to be scrolled sideways, no button's text is broken."""
        width, room, broken = self.browser.script(
            """const page = document.documentElement;
            const broken = [...document.querySelectorAll("button")].filter(
                (each) => each.offsetHeight > 60);
            return [page.scrollWidth, page.clientWidth,
                broken.map((each) => each.innerText)];"""
        )
        self.assertLessEqual(width, room)
        self.assertEqual(broken, [])

    def assert_accessible(self):
        """axe-core finds no barrier, where npm could fetch it."""
        if not why_no_tool("browser"):
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

    def picture(self):
        """In base64."""
        told = self.browser.call("WebDriver:TakeScreenshot", full=True)
        return told["value"]

    def choose_file(self, selector, path):
        field = self.browser.find(selector)
        self.browser.call("WebDriver:ElementSendKeys", id=field, text=path)

    def set_preference(self, name, value):
        """Until this test ends."""
        kind = {str: "String", bool: "Bool", int: "Int"}[type(value)]
        self.browser.privileged(
            f"Services.prefs.set{kind}Pref(arguments[0], arguments[1])",
            name,
            value,
        )
        if self.shared:
            clear = "Services.prefs.clearUserPref(arguments[0])"
            self.addCleanup(self.browser.privileged, clear, name)

    def speak(self, languages):
        """What the person prefers, best first: "fr, en"."""
        self.set_preference("intl.accept_languages", languages)

    def prefer_dark(self):
        name = "layout.css.prefers-color-scheme.content-override"
        self.set_preference(name, 0)

    def download_to(self, folder):
        self.set_preference("browser.download.folderList", 2)
        self.set_preference("browser.download.dir", folder)

    def complaints(self):
        """What the browser says of our page."""
        return self.browser.privileged(
            """return Services.console.getMessageArray().map(String)
                .filter((each) => each.includes(arguments[0]));""",
            self.url,
        )

    def answer(self, agrees):
        """To the page's question."""
        word = "Accept" if agrees else "Dismiss"
        self.browser.call(f"WebDriver:{word}Alert")

    def press(self, *keys):
        """Each key in turn, on whatever has the focus."""
        actions = []
        for key in keys:
            value = KEYS[key][0] if key in KEYS else key
            actions += [
                {"type": kind, "value": value} for kind in ("keyDown", "keyUp")
            ]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.browser.call("WebDriver:PerformActions", actions=[source])


class ChromiumVisit(Visit, InChromium):
    """In Chromium."""

    def prepare(self):
        """Without a window no tab is in front, and our pages would rest."""
        super().prepare()
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Page.enable")
        self.browser.complaints.clear()
        self.call("Log.enable")

    def call(self, method, **parameters):
        """Of our tab."""
        return self.browser.call(method, self.browser.session, **parameters)

    def picture(self):
        """In base64."""
        told = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return told["data"]

    def choose_file(self, selector, path):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        query = {"nodeId": root, "selector": selector}
        found = self.call("DOM.querySelector", **query)
        self.call("DOM.setFileInputFiles", files=[path], **found)

    def speak(self, languages):
        """What the person prefers, best first: "fr, en"."""
        agent = self.call("Browser.getVersion")["userAgent"]
        self.call(
            "Emulation.setUserAgentOverride",
            userAgent=agent,
            acceptLanguage=languages.replace(" ", ""),
        )

    def prefer_dark(self):
        dark = {"name": "prefers-color-scheme", "value": "dark"}
        self.call("Emulation.setEmulatedMedia", features=[dark])

    def download_to(self, folder):
        self.browser.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            downloadPath=folder,
        )

    def complaints(self):
        """What the browser says of our page."""
        self.browser.console()
        return self.browser.complaints

    def answer(self, agrees):
        """To the page's question."""
        self.call("Page.handleJavaScriptDialog", accept=agrees)
        self.until(lambda: not self.browser.question())

    def press(self, *keys):
        """Each key in turn, on whatever has the focus."""
        for key in keys:
            _, code, text = KEYS.get(key, ("", ord(key[0].upper()), key))
            told = {"key": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text,
                      **told)
            self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def as_phone(self):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=PHONE,
            height=740,
            deviceScaleFactor=1,
            mobile=True,
        )
