# SPDX-License-Identifier: MIT
"""A browser with our extension, the real backend, and the stand-in site."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from devtools import Chromium, PageGone
from marionette import Firefox
from relay import Relay
from support.campaign import SECONDS, Campaign, draws
from support.case import Case, finish, run, wait_until
from support.cgi import REPOSITORY
from support.web import OwnServer
from vinted import Vinted

__all__ = [
    "CREATE",
    "SAID",
    "SELLER",
    "SHOP",
    "InChromium",
    "InFirefox",
    "everywhere",
    "main",
]

EXTENSION = "plugin@stoflow.example"
XPI = os.path.join(REPOSITORY, "www", "stoflow.xpi")
FOLDER = os.path.join(REPOSITORY, "www", "plugin")
SHOTS = os.path.join(REPOSITORY, "build", "screenshots")
SHOP = "https://www.vinted.fr/"
SELLER = 29535217
CREATE = {
    "title": "T-shirt",
    "description": "Comme neuf",
    "price": "15.00",
    "catalog_id": 5,
}
SAID = "return document.getElementById('said').textContent"
# Of the budget of other campaigns: how long a script may go on until no test is
# repeated in the other browser any more.
SHARE = 15


class Stage(Case):
    """Everything stands when a test begins: the browser has been told the
    backend's address and a token, and a Vinted tab is open."""

    transport = OwnServer
    items = 45
    form = "stream"
    mode = "interval"
    language = "en-US"
    is_late = None  # of a test that has run in the other browser: is it late?

    def setUp(self):
        if self.is_late and self.is_late():
            self.skipTest("no time left to repeat it in this browser")
        super().setUp()
        self.vinted = Vinted(self.items)
        self.addCleanup(self.vinted.close)
        self.site = self.vinted.site
        self.site.form = self.form
        self.relay = Relay(self.api.server.port)
        self.addCleanup(self.relay.close)
        self.url = f"http://127.0.0.1:{self.relay.port}"
        self.browser = self.take_browser()
        self.addCleanup(self.leave_browser)
        self.prepare()

    def take_browser(self):
        """The browser of this test."""
        return self.make_browser()

    def leave_browser(self):
        """What it does ends here; a second call changes nothing."""
        self.browser.close()

    def prepare(self):
        self.configure()
        self.browser.new_tab(SHOP)

    def tearDown(self):
        """Nobody may poll while the spool is looked at."""
        self.leave_browser()
        super().tearDown()

    def configure(self, mode=None, url=None, token=None):
        """Through the options page, as its user does."""
        browser = self.browser
        browser.go(browser.page + "options/options.html")
        ready = "return document.querySelector('form').dataset.ready"
        self.until(lambda: browser.script(ready) == "yes")
        browser.fill("#backendUrl", url or self.url)
        browser.fill("#token", token or self.plugin)
        browser.fill("#userId", "42")
        browser.fill("#interval", "1")
        browser.click(f"input[value={mode or self.mode}]")
        browser.click("#save")
        self.until(lambda: browser.script(SAID).startswith("✅"))

    def until(self, holds, seconds=60):
        """Waits for it; a failure tells what was asked of the backend, and
        what the browser's console said. Chromium's click on a link returns
        before the next page is there."""

        def holds_here():
            try:
                return holds()
            except PageGone:
                return False

        if not wait_until(holds_here, seconds):
            asked = list(map(str, self.relay.passed[-20:]))
            said = "\n".join(asked + self.browser.console()[-30:])
            self.fail(f"it has not come to pass in {seconds} s:\n{said}")

    def drop_task(self, action, params=None, **members):
        """Drops a task as a person does; returns its id."""
        self.dropped = getattr(self, "dropped", 0) + 1
        task = f"t{self.dropped}"
        content = {"task_id": task, "user_id": 42, "action": action}
        content.update(params=params or {}, **members)
        self.root.drop(f"{task}.json", content)
        return task

    def finished(self, task, seconds=60):
        """Its whole record, once it is done."""
        names = {f"{task}.{state}.json" for state in ("completed", "failed")}
        self.until(lambda: names & set(self.root.ls("done", 42)), seconds)
        [name] = names & set(self.root.ls("done", 42))
        return self.root.json("done", 42, name)

    def run_task(self, action, params=None, **members):
        """The result of a task that must succeed."""
        record = self.finished(self.drop_task(action, params, **members))
        self.assertEqual(record["status"], "completed", record)
        return record["result"]

    def fail_task(self, action, params=None):
        """The record of a task that must fail, and is not tried again."""
        record = self.finished(self.drop_task(action, params, retries=0))
        self.assertEqual(record["status"], "failed", record)
        return record

    def catalogue(self):
        """The rows of the catalogue by id, after one sweep."""
        self.sweep(check=False)
        if not self.root.exists("products", "42.ndjson"):
            return {}
        lines = self.root.read("products", "42.ndjson").decode().splitlines()
        return {row["id"]: row for row in map(json.loads, lines)}

    def polls(self):
        """The polls that came by until now."""
        return self.relay.seen("GET", "/plugin/tasks")

    def until_polls(self, more, seconds=60):
        """Waits until so many more polls have come by."""
        enough = len(self.polls()) + more
        self.until(lambda: len(self.polls()) >= enough, seconds)

    def shoot(self, name):
        """A picture for people to look at."""
        os.makedirs(SHOTS, exist_ok=True)
        self.browser.screenshot(os.path.join(SHOTS, f"{name}.png"))


class InFirefox(Stage):
    name = "firefox"

    def make_browser(self):
        return Firefox(EXTENSION, self.vinted, XPI, self.language)


class InChromium(Stage):
    name = "chromium"

    def make_browser(self):
        return Chromium(FOLDER, self.vinted)


def everywhere(tests):
    """Has the tests of a class run in each browser: beside Xyz there will be
    FirefoxXyz and ChromiumXyz."""
    module = sys.modules[tests.__module__]
    for browser in (InFirefox, InChromium):
        name = browser.name.capitalize() + tests.__name__
        members = {"__module__": tests.__module__, "__doc__": tests.__doc__}
        setattr(module, name, type(name, (tests, browser), members))
    return tests


def main():
    """Runs the tests of the calling script: each in one browser, and as long
    as there is time again in the other; which comes first is drawn."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"]
    )
    tests = [test for kind in suite for test in kind]
    second = draws("browser").choice(("Firefox", "Chromium"))
    once = {plain(test) for test in tests if second not in test.id()}
    again = [
        test for test in tests if second in test.id() and plain(test) in once
    ]
    campaign = Campaign(tests=1, seconds=SHARE * SECONDS)
    is_late = campaign.share()
    for test in again:
        test.is_late = is_late
    # The tests of a class stay together, since they may share their browser.
    tests.sort(
        key=lambda test: (
            second in test.id(),
            type(test).__name__,
            test in again,
        )
    )
    result = run(unittest.TestSuite(tests))
    late = [test for test, _ in result.skipped if test in again]
    if again:
        tried = len(again) - len(late)
        campaign.note(f"repeated in {second}", tried, len(again))
    finish(result)


def plain(test):
    """What a test is called in either browser."""
    return re.sub("Firefox|Chromium", "", test.id())
