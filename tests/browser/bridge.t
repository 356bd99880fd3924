#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tasks that a page of the backend relays, in each of the two ways: by
window.postMessage, and in Chromium also by runtime messaging."""

import json
import os
from urllib.parse import parse_qs, urlsplit

from stage import CREATE, SELLER, InChromium, InFirefox, everywhere, main
from visit import FirefoxVisit

from support.cgi import REPOSITORY

PAGE = """<!doctype html><meta charset="utf-8"><title>bridge</title>
<script>
var heard = [], extension = null, port = null, hangUps = 0;
addEventListener("message", ({data}) => {
    if (!extension && data.from === "plugin") heard.push(data);
});
function say(message) {
    if (extension) (port ??= connect()).postMessage(message);
    else postMessage({stoflow: 1, from: "page", ...message}, location.origin);
}
// From now on we talk to this extension by ourselves.
function goBy(id) {
    extension = id;
    heard = [];
    say({type: "hello"});
}
function connect() {
    const made = chrome.runtime.connect(extension, {name: "bridge"});
    made.onMessage.addListener((message) => heard.push(message));
    made.onDisconnect.addListener(() => {
        port = null;
        hangUps++;
    });
    return made;
}
</script>
"""


@everywhere
class Bridge:
    """By window.postMessage, while the plugin's own polling is off."""

    mode = "off"

    def setUp(self):
        super().setUp()
        path = os.path.join(self.root.path, "www", "relay.html")
        with open(path, "w") as file:
            file.write(PAGE)
        self.open_page()

    def open_page(self):
        self.tab = self.browser.new_tab(f"{self.url}/relay.html")

    def say(self, **message):
        self.browser.script("say(arguments[0])", message)

    def heard(self, kind):
        """What the plugin said of this type."""
        source = "return heard.filter((m) => m.type === arguments[0])"
        return self.browser.script(source, kind)

    def hear(self, kind):
        self.until(lambda: self.heard(kind))
        return self.heard(kind)[-1]

    def test_ready(self):
        """a page is told that there is a plugin, and what it is doing"""
        ready = self.hear("ready")
        self.assertEqual((ready["polling"], ready["paused"]), (False, False))
        self.assertRegex(ready["version"], r"^\d+\.\d+")
        self.browser.stop_background()
        count = len(self.heard("ready"))
        self.until(lambda: self.greet() > count)
        self.assertEqual(self.polls(), [])

    def greet(self):
        """Says hello, as pages do again and again; how often it was answered.
        One that a background hears as it ends is lost."""
        self.say(type="hello")
        return len(self.heard("ready"))

    def test_user_data(self):
        """a page may ask who is signed in"""
        self.say(type="get-user-data", id="u1")
        told = self.hear("user-data")
        self.assertEqual(told["id"], "u1")
        self.assertEqual(told["result"]["data"]["user_id"], SELLER)

    def test_task(self):
        """a task is executed, and the page given what it is to post"""
        task = {"task_id": "b1", "action": "get_all_products", "lease": "x9"}
        task["params"] = {"user_id": SELLER}
        self.say(type="task", id="1", task=task)
        told = self.hear("result")
        self.assertEqual(self.heard("accepted")[0]["id"], "1")
        self.assertTrue(self.heard("progress"))
        self.assertEqual(told["result"]["data"]["total"], self.items)
        self.assertEqual(told["result"]["lease"], "x9")
        self.assertEqual(self.relay.seen("POST", "/result"), [])

    def begin(self, task, *held):
        """Hands the task over, up to a request to Vinted that is held."""
        slow = self.site.hold(*held)
        self.say(type="task", id="1", task=task)
        self.assertTrue(slow.reached.wait(30))
        return slow

    def begin_list(self):
        task = {"task_id": "b1", "action": "get_all_products"}
        task["params"] = {"user_id": SELLER}
        return self.begin(task, "GET", r"wardrobe.*\?page=2")

    def test_cancel(self):
        """a task that the page cancels ends"""
        slow = self.begin_list()
        self.say(type="cancel", id="1")
        slow.gate.set()
        told = self.hear("result")
        self.assertEqual(told["result"]["success"], False)
        self.assertEqual(told["result"]["error"], "Annulé")

    def test_lost(self):
        """a page learns that its task has ended with the background"""
        slow = self.begin_list()
        self.assertEqual(self.losses(), 0)
        self.browser.stop_background()
        self.until(self.losses)
        slow.gate.set()

    def losses(self):
        return len(self.heard("lost"))

    def test_page_closed(self):
        """the plugin posts the result of a page that was closed"""
        self.drop_task("create_product", CREATE)
        task = self.poll(receive_id="page1234")
        slow = self.begin(task, "POST", "item_upload")
        self.browser.close_tab()
        slow.gate.set()
        self.assertEqual(self.finished("t1")["status"], "completed")
        self.assertEqual(len(self.relay.seen("POST", "/result")), 1)

    def test_twice(self):
        """a page that was loaded anew cannot have a product made twice"""
        self.drop_task("create_product", CREATE)
        task = self.poll(receive_id="page1234")
        self.say(type="task", id="1", task=task)
        first = self.hear("result")["result"]
        self.assertTrue(first["success"])
        self.open_page()
        self.say(type="task", id="1", task=task)
        self.assertEqual(self.hear("result")["result"], first)
        self.browser.stop_background()
        self.open_page()
        self.say(type="task", id="1", task=task)
        told = self.hear("result")
        self.assertIn("Interrompu", told["result"]["error"])
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_strangers(self):
        """no other origin is heard, be it the same host"""
        self.hear("ready")
        address = f"http://127.0.0.1:{self.api.server.port}/relay.html"
        stranger = self.browser.new_tab(address)
        self.say(type="hello")
        self.say(type="get-user-data", id="1")
        # Whoever is heard is answered in turn: ours came later.
        self.browser.switch(self.tab)
        self.say(type="get-user-data", id="2")
        self.hear("user-data")
        self.browser.switch(stranger)
        self.assertEqual(self.browser.script("return heard"), [])


class ChromiumDirect(Bridge, InChromium):
    """In Chromium, by runtime messaging."""

    def open_page(self):
        super().open_page()
        self.extension = self.hear("ready")["extension"]
        self.browser.script("goBy(arguments[0])", self.extension)

    def losses(self):
        return self.browser.script("return hangUps")

    def test_strangers(self):
        """no other origin is heard, be it the same host"""
        self.hear("ready")
        address = f"http://127.0.0.1:{self.api.server.port}/relay.html"
        self.browser.new_tab(address)
        self.browser.script("goBy(arguments[0])", self.extension)
        self.until(lambda: self.browser.script("return hangUps"))
        self.assertEqual(self.browser.script("return heard"), [])

    def test_frames(self):
        """nor is a frame, though the backend let itself be framed"""
        html = {"Content-Type": "text/html"}
        self.relay.answer("GET", "/frame.html", 200, html, PAGE.encode())
        self.browser.script(
            """return new Promise((resolve) => {
                const frame = document.createElement("iframe");
                frame.addEventListener("load", resolve);
                frame.src = "frame.html";
                document.documentElement.append(frame);
            }).then(() => frames[0].goBy(arguments[0]));""",
            self.extension,
        )
        self.until(lambda: self.browser.script("return frames[0].hangUps"))
        self.assertEqual(self.browser.script("return frames[0].heard"), [])

    def test_extensions(self):
        """nor is another extension"""
        manifest = {"manifest_version": 3, "name": "other", "version": "1"}
        folder = os.path.join(self.root.path, "other")
        os.mkdir(folder)
        for name, text in (
            ("manifest.json", json.dumps(manifest)),
            ("page.html", "<title>other</title>"),
        ):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        other = self.browser.call("Extensions.loadUnpacked", path=folder)
        self.browser.new_tab(f"chrome-extension://{other['id']}/page.html")
        heard = self.browser.script(
            """return new Promise((resolve) => {
                const port = chrome.runtime.connect(arguments[0]);
                port.onMessage.addListener(resolve);
                port.onDisconnect.addListener(() => resolve(null));
                port.postMessage({type: "hello"});
            });""",
            self.extension,
        )
        self.assertIsNone(heard)


class RelayPage:
    """The bridge page itself, and a plugin that does not poll."""

    mode = "off"

    def open_bridge(self):
        """Opens the page with a token, and waits until it has the plugin. A
        page that was given its token while it is open would begin to poll."""
        pages = os.path.join(self.root.path, "www")
        for name in ("bridge.html", "style.css", "app"):
            source = os.path.join(REPOSITORY, "www", name)
            os.symlink(source, os.path.join(pages, name))
        self.page = f"{self.url}/bridge.html"
        self.tab = self.browser.new_tab(f"{self.url}/style.css")
        source = "sessionStorage.setItem('stoflow.token', arguments[0])"
        self.browser.script(source, self.plugin)
        self.reload()

    def click_pause(self):
        """The button of the popup; it pauses, and ends the pause."""
        bridge = self.tab
        self.browser.new_tab(self.browser.page + "popup/popup.html")
        ready = "return document.body.dataset.ready"
        self.until(lambda: self.browser.script(ready) == "yes")
        before = self.read("pause")
        self.browser.click("#pause")
        self.until(lambda: self.read("pause") != before)
        self.browser.switch(bridge)
        return before

    def reload(self):
        self.browser.go(self.page)
        self.until(lambda: self.read("plugin").startswith("✅"))

    def read(self, place):
        source = "return document.getElementById(arguments[0]).innerText"
        return self.browser.script(source, place)

    def poll_ids(self):
        """The receive_id of each poll."""
        queries = (urlsplit(poll.path).query for poll in self.polls())
        return [parse_qs(query)["receive_id"][0] for query in queries]

    def begin(self, action, params, *held):
        """Has a task begun, up to a request to Vinted that is held."""
        slow = self.site.hold(*held)
        self.drop_task(action, params)
        self.assertTrue(slow.reached.wait(30))
        self.until(lambda: "t1" in self.read("log"))
        return slow

    def test_relay(self):
        """a dropped task reaches Vinted through the page, and its result us"""
        self.open_bridge()
        self.browser.script(
            """window.posted = [];
            addEventListener("message", ({data}) => posted.push(data.type));"""
        )
        made = self.run_task("create_product", CREATE)["item"]
        self.assertEqual(self.site.items[made["id"]]["price"], "15.00")
        told = self.run_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(told["total"], self.items + 1)
        self.assertTrue(all("wait=25" in poll.path for poll in self.polls()))
        self.assertEqual(len(set(self.poll_ids())), len(self.polls()))
        posted = self.browser.script("return posted")
        self.assertEqual({"task", "result"} & set(posted), self.posted)
        self.shoot(f"bridge-{self.name}")

    def test_reload(self):
        """the page is loaded anew in mid-task, and takes it up again"""
        self.open_bridge()
        slow = self.begin("create_product", CREATE, "POST", "item_upload")
        [before] = self.poll_ids()
        self.reload()
        self.until(lambda: "t1" in self.read("log"))
        self.assertEqual(self.poll_ids(), [before, before])
        slow.gate.set()
        record = self.finished("t1")
        self.assertEqual(record["status"], "completed", record)
        self.until(lambda: "✅" in self.read("log"))
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)
        self.assertEqual(len(self.relay.seen("POST", "/result")), 1)
        told = self.run_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(told["total"], self.items + 1)
        self.assertEqual(self.poll_ids().count(before), 2)

    def test_reload_repeatable(self):
        """nor is a task that may be repeated done twice for that"""
        self.open_bridge()
        params = {"user_id": SELLER}
        slow = self.begin(
            "get_all_products", params, "GET", r"wardrobe.*\?page=2"
        )
        self.reload()
        self.until(lambda: "t1" in self.read("log"))
        slow.gate.set()
        self.assertEqual(self.finished("t1")["status"], "completed")
        pages = self.site.seen("GET", r"wardrobe.*\?page=1\b")
        self.assertEqual(len(pages), 1)

    def finish_in_vain(self):
        """A task ends while the backend is away, and the page says so."""
        self.open_bridge()
        slow = self.begin("create_product", CREATE, "POST", "item_upload")
        self.relay.is_down = True
        slow.gate.set()
        self.until(lambda: "backend does not answer" in self.read("relay"))
        self.assertIn("backend does not answer", self.read("log"))

    def test_reload_undelivered(self):
        """a result that could not be posted outlives the page that had it"""
        self.finish_in_vain()
        self.relay.is_down = False
        self.reload()
        record = self.finished("t1")
        self.assertEqual(record["status"], "completed", record)
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_reload_finished(self):
        """what the plugin has posted by itself meanwhile is not asked for"""
        self.open_bridge()
        slow = self.begin("create_product", CREATE, "POST", "item_upload")
        [before] = self.poll_ids()
        self.browser.go(f"{self.url}/style.css")
        slow.gate.set()
        record = self.finished("t1")
        self.assertEqual(record["status"], "completed", record)
        self.browser.script("history.back()")
        self.until(lambda: len(self.poll_ids()) > 2)
        self.run_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(self.poll_ids().count(before), 2)
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_away(self):
        """the page says that the backend is away, and when it is back"""
        self.finish_in_vain()
        self.shoot(f"bridge-away-{self.name}")
        self.relay.is_down = False
        self.assertEqual(self.finished("t1")["status"], "completed")
        self.until(lambda: "relays tasks" in self.read("relay"))

    def test_signed_out(self):
        """a token that is no longer good ends it, and the page says so"""
        self.relay.answer("GET", "/plugin/tasks", 401)
        self.open_bridge()
        self.until(lambda: "Sign in on the first page" in self.read("relay"))
        self.assertIn("HTTP 401", self.read("log"))
        token = "return sessionStorage.getItem('stoflow.token')"
        self.assertIsNone(self.browser.script(token))

    def test_refused(self):
        """what else the backend refuses it for may pass, which is seen by a
        poll that is not held"""
        self.relay.answer("GET", "/plugin/tasks", 429)
        self.open_bridge()
        self.until(lambda: "HTTP 429" in self.read("relay"))
        self.until(lambda: "relays tasks" in self.read("relay"))
        refused, quick = self.polls()[:2]
        self.assertIn("wait=25", refused.path)
        self.assertIn("wait=0", quick.path)

    def test_paused(self):
        """the page says that the plugin is paused, and how to go on; a task
        that comes at that moment is not lost"""
        self.root.configure(retry={"delay": 1})
        self.open_bridge()
        self.until(self.polls)
        self.assertEqual(self.click_pause(), "Pause")
        self.until(lambda: self.read("plugin") == "⏸ StoFlow plugin paused")
        self.assertIn("The plugin is paused", self.read("relay"))
        self.assertIn("click its icon", self.read("relay"))
        self.assertIn("⏸ StoFlow plugin paused", self.read("log"))
        self.shoot(f"bridge-paused-{self.name}")
        self.drop_task("create_product", CREATE)
        self.until(lambda: "Task t1 put back" in self.read("log"))
        self.assertEqual(self.site.seen("POST", "item_upload"), [])
        [name] = self.root.ls("pending", 42)
        self.assertTrue(name.endswith("-t1.r1.json"), name)
        told = self.read("relay")
        self.assertIn(self.click_pause(), told)
        self.until(lambda: self.read("plugin").startswith("✅"))
        self.assertEqual(self.finished("t1")["status"], "completed")
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)


class FirefoxRelayPage(RelayPage, InFirefox):
    """In Firefox, by window.postMessage."""

    posted = {"task", "result"}

    def test_held(self):
        """the page says why the backend hands out nothing, and when it does
        again"""
        self.open_bridge()
        self.drop_task("get_stats", {"item_id": 5})
        self.finished("t1")
        path = self.root.pause("captcha")
        self.until(lambda: "queue is paused" in self.read("relay"))
        self.assertIn("to the plugin: captcha.", self.read("relay"))
        self.shoot(f"bridge-held-{self.name}")
        os.unlink(path)
        self.drop_task("get_stats", {"item_id": 5})
        self.finished("t2")
        self.until(lambda: "relays tasks" in self.read("relay"))


class ChromiumRelayPage(RelayPage, InChromium):
    """In Chromium, by runtime messaging once the page knows the plugin."""

    posted = set()


class Lines(FirefoxVisit):
    """What the bridge page says of a plugin in each state."""

    shared = False

    def test_lines(self):
        """no plugin, no token, a plugin that polls, one that does not"""
        self.browser.go(f"{self.url}/bridge.html")
        self.until_read("StoFlow plugin not connected", "#plugin")
        self.assertIn("about:debugging", self.read("#relay"))
        self.shoot("bridge-without")
        self.assert_accessible()
        self.browser.new_tab("about:blank")
        self.configure(mode="off")
        self.browser.go(f"{self.url}/bridge.html")
        self.until_read("StoFlow plugin connected and ready", "#plugin")
        self.assertIn("Sign in on the first page", self.read("#relay"))
        self.enter(self.plugin, "")
        self.configure(mode="interval")
        self.browser.go(f"{self.url}/bridge.html")
        self.until_read("asks the backend itself", "#relay")
        self.speak("fr")
        self.browser.go(f"{self.url}/bridge.html")
        self.until_read("Plugin StoFlow connecté et prêt", "#plugin")
        self.until_read("interroge le backend lui-même", "#relay")
        self.shoot("bridge-french")
        self.assert_accessible()


if __name__ == "__main__":
    main()
