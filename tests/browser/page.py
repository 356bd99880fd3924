# SPDX-License-Identifier: MIT
"""The page of operators and sellers: what its tests do to it."""

import json
import os

__all__ = ["EVIL", "Site", "products"]

EVIL = "<img src=x onerror=\"document.title='evil'\">"


def products(count):
    """What a list of so many products brings, of every kind of text."""
    return [
        {
            "id": 7750837000 + n,
            "title": f"Article {n} {EVIL if n == 3 else ''}",
            "price": f"{n}.50",
            "currency": "EUR",
            "brand": {"title": ("Nike", "=1+1", "Écru")[n % 3]},
            "size_title": "M",
            "url": f"https://www.vinted.fr/items/{7750837000 + n}",
            "view_count": n * 7 % 100,
        }
        for n in range(count)
    ]


class Site:
    """To be mixed with a visit in a browser."""

    def fill_catalogue(self, count=120):
        task = self.create("get_all_products", {"user_id": 29535217})
        self.assertEqual(self.poll_id(), task)
        listed = products(count)
        data = {"products": listed, "total": count}
        self.finish(task, {"success": True, "data": data})
        self.sweep(check=False)

    def write_catalogue(self, count):
        """Writes it by hand; returns its path."""
        lines = [json.dumps(each) + "\n" for each in products(count)]
        path = os.path.join(self.root.make("products"), "42.ndjson")
        self.root.write(path + ".part", "".join(lines))
        os.chmod(path + ".part", 0o600)
        os.rename(path + ".part", path)
        return path

    def choose(self, selector, value):
        self.browser.script(
            """const choice = document.querySelector(arguments[0]);
            choice.value = arguments[1];
            choice.dispatchEvent(new Event("change"));""",
            selector,
            value,
        )

    def choose_action(self, action):
        self.choose("#create-action", action)

    def submit(self, action, fields):
        """Fills in the form of an action and sends it."""
        self.choose_action(action)
        for name, text in fields.items():
            self.browser.fill(f"#create-fields [name={name}]", text)
        self.browser.click("#create button")

    def press_button(self, selector, label):
        """The one of these buttons that bears this label."""
        self.browser.script(
            """[...document.querySelectorAll(arguments[0])].find(
                (each) => each.textContent === arguments[1]).click();""",
            selector,
            label,
        )

    def press_asking(self, selector, label, words, agrees):
        """The same for one that asks a question with these words, which gets
        this answer. No script outlives a question, so none is to wait for it.
        """
        self.browser.script(
            """const [selector, label] = arguments;
            setTimeout(() => [...document.querySelectorAll(selector)].find(
                (each) => each.textContent === label).click());""",
            selector,
            label,
        )
        self.until(lambda: words in self.browser.question())
        self.answer(agrees)
        self.until(lambda: self.browser.question() == "")

    def press_in_row(self, task, label):
        """The button of this label in a task's row."""
        self.press_button(f'[data-task="{task}"] button', label)

    def focus(self):
        return self.browser.script("return document.activeElement.id")

    def choose_tab(self, label):
        self.until(lambda: label in self.read_all("#states button"))
        self.press_button("#states button", label)

    def choose_status(self, status):
        self.choose("#search-status", status)

    def column(self, number):
        return self.read_all(f"#products td:nth-child({number})")

    def label(self):
        return self.browser.script("return document.activeElement.innerText")
