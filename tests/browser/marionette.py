# SPDX-License-Identifier: MIT
"""Firefox, driven through Marionette by the standard library alone.

The protocol: each message is "LENGTH:JSON"; a request is [0, id, command,
parameters], its answer [1, id, error, result].
"""

import base64
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

from support.case import wait_until
from vinted.certificate import HOSTS as VINTED_HOSTS

PROGRAM = "firefox-esr"
TIMEOUT = 60
UUID = "11111111-2222-4333-8444-555555555555"  # of our extension's pages
HOSTS = (*VINTED_HOSTS, "backend.test")
PREFERENCES = {
    "marionette.port": 0,  # a free one, told in the profile
    "devtools.console.stdout.content": True,
    "xpinstall.signatures.required": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.sessionstore.resume_from_crash": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.startup.max_resumed_crashes": -1,
    "app.update.disabledForTesting": True,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.webextOptionalPermissionPrompts": False,
}
NOTED = """
    const read = (name, how) =>
        IOUtils.readJSON(PathUtils.join(PathUtils.profileDir, name), how);
    return Promise.all([
        read("addonStartup.json.lz4", {decompress: true}),
        read("extension-preferences.json"),
    ]).then(([{"app-profile": {addons}}, preferences]) => Boolean(
        addons[arguments[0]]?.startupData?.persistentListeners?.runtime &&
        preferences[arguments[0]]));"""


def unescaped(text):
    """Firefox writes what is not ASCII as JavaScript would."""

    def letter(match):
        return chr(int(match[0][2:], 16))

    halves = re.sub(r"\\x[0-9A-F]{2}|\\u[0-9A-F]{4}", letter, text)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16")


class Refused(Exception):
    """Marionette's own word for what went wrong."""


class Firefox:
    """One browser over a profile that stays while it is closed and opened."""

    def __init__(self, extension, vinted, xpi, language="en-US"):
        """Takes the id and file of the extension, and the stand-in."""
        self.profile = tempfile.mkdtemp(prefix="stoflow-firefox-")
        self.log = open(os.path.join(self.profile, "stdout"), "w+b")
        self.process = None
        self.extension = extension
        self.page = f"moz-extension://{UUID}/"
        self._write_preferences(extension, vinted)
        try:
            self.open()
            self._speak(language)
            self.call("Addon:Install", path=xpi, temporary=False)
        except BaseException:
            self.close()
            raise

    def _write_preferences(self, extension, vinted):
        uuids = json.dumps({extension: UUID})
        merged = {
            **PREFERENCES,
            "extensions.webextensions.uuids": uuids,
            "network.dns.localDomains": ",".join(HOSTS),
            "network.socket.forcePort": f"443={vinted.port}",
        }
        with open(os.path.join(self.profile, "user.js"), "w") as file:
            for name, value in merged.items():
                file.write(f"user_pref({json.dumps(name)}, ")
                file.write(f"{json.dumps(value)});\n")

    def _speak(self, language):
        """A language pack would do this; extensions need no more."""
        self.privileged(
            """Services.locale.availableLocales = ["en-US", arguments[0]];
            Services.locale.requestedLocales = [arguments[0]];""",
            language,
        )

    def open(self):
        """Starts the browser, and a session that takes our certificate."""
        told = os.path.join(self.profile, "MarionetteActivePort")
        if os.path.exists(told):
            os.remove(told)
        options = "--headless --no-remote --marionette"
        options += " --remote-allow-system-access --profile"
        self.process = subprocess.Popen(
            [PROGRAM, *options.split(), self.profile, "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env={**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1"},
        )
        if not wait_until(lambda: self._read_port(told)):
            raise AssertionError("Firefox does not start")
        address = ("127.0.0.1", self._read_port(told))
        self.socket = socket.create_connection(address, TIMEOUT)
        self.buffer = b""
        self.ids = itertools.count(1)
        self._receive()  # who it is
        self.call("WebDriver:NewSession", acceptInsecureCerts=True)

    def _read_port(self, path):
        try:
            with open(path) as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0

    def call(self, command, **parameters):
        number = next(self.ids)
        text = json.dumps([0, number, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, answered, error, result = self._receive()
        if answered != number:
            raise AssertionError(f"an answer to {answered}, not to {number}")
        if error:
            raise Refused(f"{error['error']}: {error['message']}")
        return result

    def _receive(self):
        while b":" not in self.buffer:
            self._read()
        length, _, self.buffer = self.buffer.partition(b":")
        while len(self.buffer) < int(length):
            self._read()
        text = self.buffer[: int(length)]
        self.buffer = self.buffer[int(length) :]
        return json.loads(text)

    def _read(self):
        read = self.socket.recv(1 << 16)
        if not read:
            raise AssertionError("Firefox has hung up")
        self.buffer += read

    # --- What tests do ------------------------------------------------------

    def go(self, url):
        self.call("WebDriver:Navigate", url=url)

    def new_tab(self, url):
        """A tab in front of the others; returns its handle."""
        handle = self.call("WebDriver:NewWindow", type="tab", focus=True)
        self.switch(handle["handle"])
        self.go(url)
        return handle["handle"]

    def switch(self, handle):
        self.call("WebDriver:SwitchToWindow", handle=handle, focus=True)

    def leave(self):
        """Closes every tab but an empty one."""
        kept = self.new_tab("about:blank")
        for each in self.call("WebDriver:GetWindowHandles"):
            if each != kept:
                self.switch(each)
                self.call("WebDriver:CloseWindow")
        self.switch(kept)

    def question(self):
        """What the page asks of the person; "" if nothing."""
        try:
            return self.call("WebDriver:GetAlertText")["value"]
        except Refused:
            return ""

    def close_tab(self):
        """Closes the tab that we are in, and goes to one that is left."""
        left = self.call("WebDriver:CloseWindow")
        self.switch(left[0])

    def script(self, source, *arguments):
        """What the function body returns, in the page; promises are awaited."""
        told = self.call(
            "WebDriver:ExecuteScript", script=source, args=list(arguments)
        )
        return told["value"]

    def privileged(self, source, *arguments):
        """The same in the browser's own world."""
        self.call("Marionette:SetContext", value="chrome")
        try:
            return self.script(source, *arguments)
        finally:
            self.call("Marionette:SetContext", value="content")

    def click(self, selector):
        self.call("WebDriver:ElementClick", id=self.find(selector))

    def fill(self, selector, text):
        element = self.find(selector)
        self.call("WebDriver:ElementClear", id=element)
        self.call("WebDriver:ElementSendKeys", id=element, text=text)

    def find(self, selector):
        """The browser's name of the element."""
        query = {"using": "css selector", "value": selector}
        found = self.call("WebDriver:FindElement", **query)["value"]
        return next(iter(found.values()))

    def stop_background(self):
        """Ends the event page, as the browser does when it is idle."""
        self.privileged(
            """const policy = WebExtensionPolicy.getByID(arguments[0]);
            return policy.extension.terminateBackground();""",
            self.extension,
        )

    def watch(self):
        """The background's console is heard as it is."""

    def screenshot(self, path):
        told = self.call("WebDriver:TakeScreenshot", full=False)
        with open(path, "wb") as file:
            file.write(base64.b64decode(told["value"]))

    def console(self):
        """All lines of consoles, those of the background among them."""
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            found = re.findall(r'^console\.\w+: "(.*)" *$', file.read(), re.M)
        return [unescaped(line) for line in found]

    def kill(self):
        """As a crash of the machine would end it. One within the second or
        two that Firefox takes to write down what was installed would leave
        it an extension that it does not start."""
        if not wait_until(self._has_noted):
            raise AssertionError("Firefox does not note the extension")
        self._end()

    def _has_noted(self):
        """Whether the next start will know what wakes the extension, and
        which sites it may see."""
        try:
            return self.privileged(NOTED, self.extension)
        except Refused:
            return False  # a file is not there yet

    def _end(self):
        self.process.kill()
        self.process.wait(TIMEOUT)
        self.socket.close()

    def close(self):
        if self.process and self.process.poll() is None:
            self._end()
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)
