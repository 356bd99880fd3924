#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Taking a task back from a plugin by hand: mv executing/ to pending/."""

import os

from support import Case, main


class TakeBack(Case):
    """What is moved back is the same task, handed out once more."""

    def take_back(self, task_id):
        task = self.task(task_id)
        place = self.root.place("pending", 42, task.name)
        os.rename(task.path, place)

    def test_created(self):
        """a created task keeps its id, rank and age"""
        self.create(task_id="t1", priority=9)
        self.create(task_id="t2", priority=9)
        self.assertEqual(self.poll_id(), "t1")
        self.take_back("t1")
        self.assertEqual(self.poll_id(), "t1")
        self.assertEqual(self.task("t1").generation, 1)
        self.assertEqual(self.task("t1").priority, 9)

    def test_dropped_without_an_id(self):
        """so does a dropped one that had no id but in its name"""
        self.root.drop("x.json", {"action": "get_user_data"}, user=42)
        task_id = self.poll_id()
        self.take_back(task_id)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id)
        self.assert_state(task_id, "completed")

    def test_result_meanwhile(self):
        """the plugin that still had it may post its result all the same"""
        self.root.drop("x.json", {"action": "get_user_data"}, user=42)
        task_id = self.poll_id()
        self.take_back(task_id)
        self.sweep()
        self.finish(task_id)
        self.assertEqual(self.poll_id(), None)

    def test_a_name_that_lies(self):
        """a name whose action is not the file's is only a name"""
        stamp = "20241207T100015.123456Z"
        name = f"{stamp}-abc-998-{stamp}-get_stats-mine.json"
        self.root.drop(name, {"action": "get_user_data"}, user=42)
        self.assertNotEqual(self.poll_id(), "mine")


if __name__ == "__main__":
    main()
