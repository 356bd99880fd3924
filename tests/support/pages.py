# SPDX-License-Identifier: MIT
"""Reading a list page by page, for the tests of every list."""

from urllib.parse import quote


class Paged:
    """Mixed into a Case; `path` is the route, `rows` the member that holds
    the list, `key` what each of its rows is known by."""

    path = rows = key = None

    def get(self, query="", token=None, path=None):
        target = f"{path or self.path}?{query}"
        return self.api.get(target, token=token or self.plugin)

    def page(self, query=""):
        answer = self.get(query)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(set(answer.json), {self.rows, "next_cursor"})
        return answer.json

    def ids(self, query=""):
        return [row[self.key] for row in self.page(query)[self.rows]]

    def assert_refused(self, **wrong):
        """Each of these values of a parameter is refused by its name."""
        for name, values in wrong.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    answer = self.get(f"{name}={quote(value)}")
                    self.assert_problem(
                        answer, 422, "invalid_field", f'"{name}"'
                    )

    def all_ids(self, query, between=lambda: None):
        """The ids of every page in turn, with something done between."""
        found = []
        page = self.page(query)
        for _ in range(1000):
            found += [row[self.key] for row in page[self.rows]]
            if page["next_cursor"] is None:
                return found
            between()
            page = self.page(f"{query}&cursor={quote(page['next_cursor'])}")
        raise AssertionError("the pages do not end")
