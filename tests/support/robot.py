# SPDX-License-Identifier: MIT
"""A plugin in a thread: polls, carries out by a function, posts the result."""

import contextlib
import http.client
import threading
import time


class Robot:
    """Polls with `token` as long as the `with` block lasts.

    `carry_out(action, params)` gives the result's data; what it raises
    becomes a failure with the exception's text.
    """

    def __init__(self, api, token, carry_out):
        self.api = api
        self.token = token
        self.carry_out = carry_out
        self.done = []  # the actions carried out, in order
        self.error = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(60)
        if self.error is not None:
            raise self.error

    def _run(self):
        try:
            while not self._stop.is_set():
                self._turn()
        except Exception as error:  # shown by the test that waits for us
            self.error = error

    def _turn(self):
        answer = self.api.get("/api/plugin/tasks?wait=1", token=self.token)
        task = answer.json
        if task["task_id"] is None:
            return
        self.done.append(task["action"])
        start = time.monotonic()
        body = {"lease": task["lease"]}
        try:
            data = self.carry_out(task["action"], task["params"])
            body.update(success=True, data=data)
        except Refusal as error:
            body.update(success=False, error=str(error))
        body["execution_time_ms"] = int((time.monotonic() - start) * 1000)
        with contextlib.suppress(http.client.RemoteDisconnected):
            self.api.post(
                f"/api/plugin/tasks/{task['task_id']}/result",
                body,
                token=self.token,
            )


class Refusal(Exception):
    """What a plugin would report as a failure."""
