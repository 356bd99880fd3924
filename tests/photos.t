#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Photos: stored under their digest, served with their type."""

import os
import re
import shutil
import stat

from support import Case, main
from support.apache import ApacheRewritten, HtaccessRewritten
from support.crowd import crowd
from support.images import IMAGES, JPEG, NO_IMAGES, PNG, encode, name_of, png
from support.refusal import Refusals
from support.web import Dispatched, Rewritten

PHOTOS = "/api/photos"
CREATE = "/api/tasks/create"
DAY = 86400
FOR_EVER = "public, max-age=31536000, immutable"


class Photos:
    """A subclass says how requests come."""

    base_url = "http://localhost"  # as the request tells it

    def upload(self, body, **options):
        options.setdefault("token", self.backend)
        return self.api.post(PHOTOS, body, **options)

    def fetch(self, name, **options):
        return self.api.get(f"{PHOTOS}/{name}", **options)

    def url_of(self, name):
        return f"{self.base_url}/api/photos/{name}"

    def assert_served(self, name, kind, image):
        answer = self.fetch(name)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.body, image)
        headers = answer.headers
        self.assertEqual(headers["content-type"], kind)
        self.assertEqual(headers["cache-control"], FOR_EVER)
        self.assertEqual(headers["etag"], f'"{name.partition(".")[0]}"')
        policy = headers["content-security-policy"]
        self.assertEqual(policy, "default-src 'none'; frame-ancestors 'none'")

    def test_raw(self):
        """an image as it is; served without a token"""
        for extension, kind, image in IMAGES:
            with self.subTest(kind=kind):
                name = name_of(image, extension)
                told = {
                    "photo_url": self.url_of(name),
                    "name": name,
                    "type": kind,
                    "bytes": len(image),
                }
                answer = self.upload(image)
                self.assertEqual((answer.status, answer.json), (201, told))
                self.assertEqual(self.root.read("photos", name), image)
                self.assert_served(name, kind, image)
                answer = self.upload(image)
                self.assertEqual((answer.status, answer.json), (200, told))
        self.assertEqual(len(self.root.ls("photos")), len(IMAGES))

    def test_base64(self):
        """an image in JSON, in either member, as base64 or a data: URL"""
        name = name_of(JPEG, "jpg")
        statuses = []
        for body in (
            {"content": encode(JPEG)},
            {"photo_data": encode(JPEG)},
            {"content": None, "photo_data": encode(JPEG)},
            {"content": "data:image/jpeg;base64," + encode(JPEG)},
            # What it claims to be is nobody's word.
            {"content": "data:text/html;base64," + encode(JPEG), "x": 1},
        ):
            answer = self.upload(body)
            self.assertEqual(answer.json["photo_url"], self.url_of(name))
            self.assertEqual(answer.json["type"], "image/jpeg")
            statuses.append(answer.status)
        self.assertEqual(statuses, [201, 200, 200, 200, 200])
        self.assert_served(name, "image/jpeg", JPEG)

    def test_not_modified(self):
        """who has it is told so"""
        name = self.upload(PNG).json["name"]
        tag = '"' + name.partition(".")[0] + '"'
        for value in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            with self.subTest(value=value):
                answer = self.fetch(name, headers={"If-None-Match": value})
                self.assertEqual(answer.status, 304, answer)
                self.assertEqual(answer.headers["etag"], tag)
                self.assertEqual(answer.headers["cache-control"], FOR_EVER)
        for value in ('"x"', tag.strip('"'), "", tag[:-1]):
            with self.subTest(value=value):
                answer = self.fetch(name, headers={"If-None-Match": value})
                self.assertEqual(answer.status, 200, answer)

    def test_url_works(self):
        """the photo is at the URL that was told"""
        answer = self.upload(PNG)
        target = answer.json["photo_url"][len(self.base_url) :]
        self.assertEqual(self.follow(target).body, PNG)

    def follow(self, target):
        """A plain GET, as the plugin's fetch makes it."""
        return self.api.get(target)

    def test_inline(self):
        """an upload_photo that brings its image along gets a photo_url"""
        name = name_of(PNG, "png")
        for data in (encode(PNG), "data:image/png;base64," + encode(PNG)):
            params = {"z": 1.10, "item_id": 123456, "photo_data": data}
            task_id = self.create(action="upload_photo", params=params)
            told = self.poll()
            self.assertEqual(told["task_id"], task_id)
            self.assertEqual(
                list(told["params"].items()),
                [
                    ("z", 1.1),
                    ("item_id", 123456),
                    ("photo_url", self.url_of(name)),
                ],
            )
        self.assert_served(name, "image/png", PNG)


class PhotosTest(Photos, Case):
    """Called directly."""

    def test_modes(self):
        """a photo is 0600 in a folder of 0700, whatever the umask"""
        name = self.upload(PNG).json["name"]
        path = self.root.place("photos", name)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_text_of_the_others(self):
        """other members stand exactly as they were"""
        spelling = '"n": 12345678901234567890123, "e":1E400,"u": "\\u00e9"'
        body = (
            '{"user_id":42,"action":"upload_photo","params":'
            '{%s , "photo_d\\u0061ta" : "%s","item_id":5, "x":[1, 2]}}'
            % (spelling, encode(PNG))
        )
        answer = self.api.post(CREATE, body, token=self.backend)
        self.assertEqual(answer.status, 201, answer)
        task = self.task(answer.json["task_id"])
        with open(task.path, encoding="utf-8") as file:
            line = re.search(r'"params": (.*),$', file.read(), re.M)[1]
        url = self.url_of(name_of(PNG, "png"))
        self.assertEqual(
            line,
            '{"n":12345678901234567890123,"e":1E400,"u":"\\u00e9",'
            '"photo_url":"%s","item_id":5,"x":[1, 2]}' % url,
        )

    def test_twice(self):
        """of several photo_data the last counts, and no other stays"""
        body = (
            '{"user_id":42,"action":"upload_photo","params":{"photo_url":null,'
            '"photo_data":"%s","item_id":5,"photo_data":"%s"}}'
            % (encode(JPEG), encode(PNG))
        )
        answer = self.api.post(CREATE, body, token=self.backend)
        task = self.task(answer.json["task_id"])
        url = self.url_of(name_of(PNG, "png"))
        params = {"photo_url": url, "item_id": 5}
        self.assertEqual(task.record["params"], params)
        with open(task.path, encoding="utf-8") as file:
            self.assertEqual(file.read().count('"photo_'), 1)

    def test_query_form(self):
        """the guide's FastAPI form may bring an image along, too"""
        answer = self.api.post(
            CREATE + "?user_id=42&action=upload_photo",
            {"item_id": 5, "photo_data": encode(PNG)},
            token=self.backend,
        )
        params = self.task(answer.json["task_id"]).record["params"]
        self.assertEqual(list(params), ["item_id", "photo_url"])

    def test_other_action(self):
        """photo_data of another action is none of our business"""
        task_id = self.create(action="other", params={"photo_data": "x"})
        params = self.task(task_id).record["params"]
        self.assertEqual(params, {"photo_data": "x"})

    def test_drop(self):
        """a dropped file stays as it is"""
        params = {"item_id": 5, "photo_data": encode(PNG)}
        drop = {"action": "upload_photo", "params": params}
        self.root.drop("x.json", drop, user=42)
        self.assertEqual(self.poll()["params"], params)
        self.assertEqual(self.root.ls("photos"), [])

    def test_idempotent(self):
        """the same create again is the same, image included"""
        body = {
            "user_id": 42,
            "action": "upload_photo",
            "params": {"item_id": 5, "photo_data": encode(PNG)},
        }
        ids = {
            self.api.post(
                CREATE,
                body,
                token=self.backend,
                headers={"Idempotency-Key": "k"},
            ).json["task_id"]
            for _ in range(2)
        }
        self.assertEqual(len(ids), 1)

    def test_url_by_the_settings(self):
        """url in stoflow.ini stands before /api/"""
        self.root.configure(site={"url": "https://shop.example/stoflow"})
        answer = self.upload(PNG, env={"HTTP_HOST": "evil"})
        name = name_of(PNG, "png")
        url = f"https://shop.example/stoflow/api/photos/{name}"
        self.assertEqual(answer.json["photo_url"], url)

    def test_no_host(self):
        """where nobody knows the host, nothing is stored"""
        env = {"HTTP_HOST": "a b", "SERVER_NAME": "x"}
        answer = self.upload(PNG, env=env)
        self.assert_problem(answer, 500, "configuration", "[site]")
        self.assertEqual(self.root.ls("photos"), [])

    def test_too_large(self):
        """max_body holds for images"""
        self.root.configure(limits={"max_body": "1K"})
        answer = self.upload(png(seed=b"x" * 1024))
        self.assert_problem(answer, 413, "too_large")

    def test_crowd(self):
        """many at once store one file"""
        image = png(seed=b"y" * 100000)
        statuses = crowd(12, lambda member: self.upload(image).status)
        self.assertEqual(sorted(statuses), [200] * 11 + [201])
        self.assertEqual(self.root.ls("photos"), [name_of(image, "png")])

    def test_pruned(self):
        """the sweeper removes what was stored long ago, and says so"""
        self.root.configure(queue={"keep_photos": 2})
        old, young = (self.upload(i).json["name"] for _, _, i in IMAGES[:2])
        self.root.set_age(self.root.place("photos", old), 3 * DAY)
        told = self.sweep("--dry-run")
        want = "removed 1 photo older than 2 days"
        self.assertEqual(told, ["would have " + want])
        self.assertEqual(self.sweep(), [want])
        self.assertEqual(self.root.ls("photos"), [young])
        self.assert_problem(self.fetch(old), 404, "unknown_photo")

    def test_looked_at_hourly(self):
        """photos/ is looked through once in an hour"""
        self.root.configure(queue={"keep_photos": 2})
        name = self.upload(PNG).json["name"]
        self.sweep()
        self.root.set_age(self.root.place("photos", name), 3 * DAY)
        self.assertEqual(self.sweep(), [])
        stamp = self.root.place("index", "photos.pruned")
        self.root.set_age(stamp, 3601)
        self.assertEqual(len(self.sweep()), 1)

    def test_kept(self):
        """keep_photos = 0 keeps them for ever"""
        self.root.configure(queue={"keep_photos": 0})
        name = self.upload(PNG).json["name"]
        self.root.set_age(self.root.place("photos", name), 9999 * DAY)
        self.assertEqual(self.sweep(), [])
        self.assertEqual(self.root.ls("photos"), [name])

    def test_stored_again(self):
        """storing it again keeps it as long as a new one"""
        self.root.configure(queue={"keep_photos": 2})
        name = self.upload(PNG).json["name"]
        self.root.set_age(self.root.place("photos", name), 3 * DAY)
        self.create(
            action="upload_photo",
            params={"item_id": 5, "photo_data": encode(PNG)},
        )
        self.assertEqual(self.sweep(), [])
        self.assertEqual(self.root.ls("photos"), [name])


class Served(Photos):
    """Through a web server, whose port is in the URL."""

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.api.server.port}"

    def test_not_rewritten(self):
        """a program called by its own name tells a URL that works, too"""
        prefix, self.api.prefix = self.api.prefix, ""
        try:
            answer = self.api.post("/cgi-bin/photos", PNG, token=self.backend)
            target = answer.json["photo_url"][len(self.base_url) :]
            self.assertTrue(target.startswith("/cgi-bin/api/photos/"))
            self.assertEqual(self.api.get(target).body, PNG)
        finally:
            self.api.prefix = prefix


class ServedTest(Served, Case):
    """lighttpd, rewriting."""

    transport = Rewritten


class DispatchedTest(Served, Case):
    """lighttpd, /cgi-bin/api."""

    transport = Dispatched

    def url_of(self, name):
        return f"{self.base_url}/cgi-bin/api/photos/{name}"

    def follow(self, target):
        self.assertTrue(target.startswith("/cgi-bin/"))
        return self.api.get(target[len("/cgi-bin") :])


class ApacheTest(Served, Case):
    """Apache, by its own configuration."""

    transport = ApacheRewritten


class HtaccessTest(Served, Case):
    """Apache, by .htaccess alone."""

    transport = HtaccessRewritten

    def test_not_rewritten(self):
        """(where the file stands, no program is called by its own name)"""


class Refused(Refusals):
    """Bad uploads and names change nothing."""

    def test_no_images(self):
        """what is no image is 415, raw and in base64"""
        for data in NO_IMAGES:
            body = {"content": encode(data)}
            params = {"item_id": 5, "photo_data": encode(data)}
            task = {"user_id": 42, "action": "upload_photo", "params": params}
            for target, body in (
                (PHOTOS, data),
                (PHOTOS, {"content": encode(data)}),
                (CREATE, task),
            ):
                with self.subTest(data=data[:9], target=target):
                    self.refused(
                        415, "unsupported_image", "POST", target, body
                    )

    def test_no_base64(self):
        """what is no base64 is 422 that names the member"""
        whole = encode(PNG)
        for data in (
            whole[:-1],
            whole + "\n",
            whole.replace("A", "-"),
            "data:image/png," + whole,
            "https://host/a.png",
            5,
            {},
            [],
            True,
        ):
            params = {"item_id": 5, "photo_data": data}
            task = {"user_id": 42, "action": "upload_photo", "params": params}
            for target, body, name in (
                (PHOTOS, {"content": data}, '"content"'),
                (PHOTOS, {"photo_data": data}, '"photo_data"'),
                (CREATE, task, '"params.photo_data"'),
            ):
                with self.subTest(data=str(data)[:20], name=name):
                    self.refused(
                        422, "invalid_field", "POST", target, body, detail=name
                    )

    def test_bodies(self):
        """no image at all, or broken JSON"""
        self.refused(
            422, "invalid_field", "POST", PHOTOS, {}, detail="content"
        )
        self.refused(400, "malformed_json", "POST", PHOTOS, b'{"content":')
        self.refused(415, "unsupported_image", "POST", PHOTOS, b"[]")
        for code, length in (
            ("length_required", None),
            ("truncated_body", str(len(PNG) + 1)),
        ):
            env = {"CONTENT_LENGTH": length}
            status = 411 if length is None else 400
            self.refused(status, code, "POST", PHOTOS, PNG, env=env)

    def test_refused_task(self):
        """a create that is refused stores no photo"""
        params = {"item_id": "x", "photo_data": encode(PNG)}
        task = {"user_id": 42, "action": "upload_photo", "params": params}
        self.refused(422, "invalid_field", "POST", CREATE, task)
        task["params"] = {**params, "item_id": 5, "photo_url": "https://x/y"}
        self.refused(422, "invalid_field", "POST", CREATE, task)
        task["params"] = {"item_id": 5, "photo_data": encode(PNG)}
        task["priority"] = "high"
        self.refused(422, "invalid_field", "POST", CREATE, task)

    def test_tokens(self):
        """storing needs a backend's token"""
        self.refused(401, "token_missing", "POST", PHOTOS, PNG, token=None)
        self.refused(
            403, "wrong_scope", "POST", PHOTOS, PNG, token=self.plugin
        )

    def test_unknown(self):
        """a photo that is not there"""
        for headers in ({}, {"If-None-Match": "*"}):
            self.refused(
                404,
                "unknown_photo",
                "GET",
                f"{PHOTOS}/{name_of(PNG, 'png')}",
                headers=headers,
            )

    def test_names(self):
        """what is no photo's name is no route, whatever lies there"""
        digest = "0" * 64
        photos = self.root.make("photos")
        self.root.write(os.path.join(photos, "secret"), b"x")
        self.root.write(os.path.join(photos, f"{digest}.gif"), b"x")
        self.before = self.root.picture()
        for name in (
            "",
            "secret",
            digest,
            f"{digest}.gif",
            f"{digest}.PNG",
            f"{digest}.png/",
            f"{digest}.png.bak",
            f"{'A' * 64}.png",
            f"{digest}0.png",
            f"../photos/{digest}.png",
            "../log/events.log",
            "..%2Flog%2Fevents.log",
        ):
            with self.subTest(name=name):
                self.refused(404, "unknown_route", "GET", f"{PHOTOS}/{name}")
        shutil.rmtree(photos)

    def test_odd_files(self):
        """a link or a folder under a photo's name is no photo"""
        photos = self.root.make("photos")
        makers = (
            lambda path: os.symlink("/etc/passwd", path),
            lambda path: os.mkdir(path, 0o700),
            os.mkfifo,
        )
        for number, make in enumerate(makers):
            name = f"{number:064x}.png"
            make(os.path.join(photos, name))
            self.before = self.root.picture()
            self.refused(404, "unknown_photo", "GET", f"{PHOTOS}/{name}")
            os.rename(
                os.path.join(photos, name),
                os.path.join(self.root.path, f"odd-{number}"),
            )

    def test_methods(self):
        """GET and POST, each in its place"""
        answer = self.refused(405, "method_not_allowed", "GET", PHOTOS)
        self.assertEqual(answer.headers["allow"], "POST")
        target = f"{PHOTOS}/{name_of(PNG, 'png')}"
        for method in ("POST", "DELETE"):
            answer = self.refused(405, "method_not_allowed", method, target)
            self.assertEqual(answer.headers["allow"], "GET")


if __name__ == "__main__":
    main()
