# SPDX-License-Identifier: MIT
"""Chromium, driven through a DevTools pipe by the standard library alone.

Messages are JSON objects with a NUL behind each: ours on the browser's file
descriptor 3, its answers and events on 4.
"""

import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from support.case import wait_until
from vinted.certificate import HOSTS

PROGRAM = "chromium"
TIMEOUT = 60
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--enable-unsafe-extension-debugging",
    "--ignore-certificate-errors",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
    "--window-size=1366,768",
    "--hide-scrollbars",
)


class Refused(Exception):
    """DevTools' own word for what went wrong."""


class PageGone(Exception):
    """The page that was asked is on its way to another."""


class Chromium:
    """One browser over a profile that stays while it is closed and opened."""

    def __init__(self, folder, vinted):
        self.unpacked = folder
        self.profile = tempfile.mkdtemp(prefix="stoflow-chromium-")
        address = f"127.0.0.1:{vinted.port}"
        rules = ",".join(f"MAP {host}:443 {address}" for host in HOSTS)
        self.options = [
            *OPTIONS,
            f"--user-data-dir={self.profile}/data",
            f"--host-resolver-rules={rules}",
        ]
        if os.geteuid() == 0:
            self.options.append("--no-sandbox")
        self.process = None
        self.lines = []
        self.dialogs = []  # what pages ask of the person now
        self.complaints = []  # of the browser itself
        try:
            self.open()
        except BaseException:
            self.close()
            raise

    def open(self):
        """Starts the browser and loads the extension."""
        to_us, theirs_out = map(above, os.pipe())
        theirs_in, from_us = map(above, os.pipe())

        def connect():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self.process = subprocess.Popen(
            [PROGRAM, *self.options, "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=connect,
            pass_fds=(3, 4),
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.input, self.output = from_us, to_us
        self.buffer = b""
        self.ids = itertools.count(1)
        self.answers = {}
        self.sessions = {}  # of the tabs, by their targets
        loaded = self.call("Extensions.loadUnpacked", path=self.unpacked)
        self.page = f"chrome-extension://{loaded['id']}/"
        [first] = self.targets("page")[:1]
        self.switch(first)

    def call(self, method, session=None, **parameters):
        number = next(self.ids)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._write(json.dumps(message).encode() + b"\0")
        end = time.monotonic() + TIMEOUT
        while number not in self.answers:
            if time.monotonic() > end:
                raise AssertionError(f"{method} is not answered")
            self._pump(1)
        told = self.answers.pop(number)
        if "error" in told:
            raise Refused(f"{method}: {told['error']['message']}")
        return told["result"]

    def _write(self, data):
        while data:
            data = data[os.write(self.input, data) :]

    def _pump(self, seconds):
        """Takes in what has come; waits so long for the first of it."""
        while select.select([self.output], [], [], seconds)[0]:
            read = os.read(self.output, 1 << 20)
            if not read:
                raise AssertionError("Chromium has hung up")
            *whole, self.buffer = (self.buffer + read).split(b"\0")
            for text in whole:
                self._take(json.loads(text))
            seconds = 0

    def _take(self, message):
        if "id" in message:
            self.answers[message["id"]] = message
        elif message["method"] in HEARD:
            HEARD[message["method"]](self, message["params"])

    def _hear_console(self, told):
        values = (str(each.get("value")) for each in told["args"])
        self.lines.append(" ".join(values))

    def _hear_complaint(self, told):
        self.complaints.append(told["entry"]["text"])

    def _hear_question(self, told):
        self.dialogs.append(told["message"])

    def _hear_answer(self, _):
        self.dialogs.clear()

    def targets(self, kind):
        """The ids of the targets of this kind."""
        found = self.call("Target.getTargets")["targetInfos"]
        return [each["targetId"] for each in found if each["type"] == kind]

    def _attach(self, target):
        if target not in self.sessions:
            told = self.call(
                "Target.attachToTarget", targetId=target, flatten=True
            )
            self.sessions[target] = told["sessionId"]
            self.call("Runtime.enable", self.sessions[target])
        return self.sessions[target]

    # --- What tests do ------------------------------------------------------

    def watch(self):
        """Hears the background's console, which keeps it awake."""
        assert wait_until(lambda: self.targets("service_worker"))
        self._attach(self.targets("service_worker")[0])

    def stop_background(self):
        """Ends the service worker, as the browser does when it is idle."""
        self.call("ServiceWorker.enable", self.session)
        self.call("ServiceWorker.stopAllWorkers", self.session)

    def go(self, url):
        began = "return performance.timeOrigin"
        # The tab of a browser that has just begun may be on its way yet.
        found = []
        assert wait_until(lambda: found.append(self._asked(began)) or found[-1])
        before = found[-1]
        self.call("Page.navigate", self.session, url=url)
        loaded = """return document.readyState === 'complete'
            && location.href !== 'about:blank' && performance.timeOrigin"""
        if not wait_until(lambda: self._asked(loaded) not in (False, before)):
            raise AssertionError(f"{url} does not load")

    def _asked(self, source):
        """The same as script(), or False between two pages."""
        try:
            return self.script(source)
        except PageGone:
            return False

    def new_tab(self, url):
        """A tab in front of the others; returns its handle."""
        made = self.call("Target.createTarget", url="about:blank")
        self.switch(made["targetId"])
        self.go(url)
        return self.target

    def switch(self, handle):
        self.target = handle
        self.session = self._attach(handle)
        self.call("Target.activateTarget", targetId=handle)

    def leave(self):
        """Closes every tab but an empty one."""
        made = self.call("Target.createTarget", url="about:blank")["targetId"]
        for each in set(self.targets("page")) - {made}:
            self.call("Target.closeTarget", targetId=each)
        assert wait_until(lambda: self.targets("page") == [made])
        self.switch(made)

    def question(self):
        """What the page asks of the person; "" if nothing."""
        self._pump(0)
        return self.dialogs[-1] if self.dialogs else ""

    def close_tab(self):
        """Closes the tab that we are in, and goes to one that is left."""
        self.call("Target.closeTarget", targetId=self.target)
        gone = self.target
        assert wait_until(lambda: gone not in self.targets("page"))
        self.switch(self.targets("page")[0])

    def script(self, source, *arguments):
        """What the function body returns, in the page; promises are awaited."""
        given = ",".join(map(json.dumps, arguments))
        try:
            told = self.call(
                "Runtime.evaluate",
                self.session,
                expression=f"(function(){{{source}\n}})({given})",
                awaitPromise=True,
                returnByValue=True,
                userGesture=True,
            )
        except Refused as refused:
            raise PageGone(str(refused)) from refused
        if "exceptionDetails" in told:
            raise Refused(str(told["exceptionDetails"]))
        return told["result"].get("value")

    def click(self, selector):
        self.script("document.querySelector(arguments[0]).click()", selector)

    def fill(self, selector, text):
        self.script(
            """const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event("input", {bubbles: true}));""",
            selector,
            text,
        )

    def screenshot(self, path):
        told = self.call("Page.captureScreenshot", self.session)
        with open(path, "wb") as file:
            file.write(base64.b64decode(told["data"]))

    def console(self):
        """All lines of the consoles that are watched."""
        self._pump(0)
        return self.lines

    def kill(self):
        """As a crash of the machine would end it."""
        os.killpg(self.process.pid, 9)
        self.process.wait(TIMEOUT)
        os.close(self.input)
        os.close(self.output)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.profile, ignore_errors=True)


HEARD = {
    "Runtime.consoleAPICalled": Chromium._hear_console,
    "Log.entryAdded": Chromium._hear_complaint,
    "Page.javascriptDialogOpening": Chromium._hear_question,
    "Page.javascriptDialogClosed": Chromium._hear_answer,
}


def above(descriptor):
    """The same, away from the numbers that the child is given."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
