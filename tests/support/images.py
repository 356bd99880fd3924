# SPDX-License-Identifier: MIT
"""Small images of every kind that is taken, and what is none."""

import base64
import hashlib
import struct
import zlib


def chunk(kind, data):
    whole = kind + data
    return struct.pack(">I", len(data)) + whole + checksum(whole)


def checksum(data):
    return struct.pack(">I", zlib.crc32(data))


def png(width=1, height=1, seed=b""):
    """A grey PNG; `seed` makes it another than the next."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x7f" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + (chunk(b"tEXt", b"Comment\0" + seed) if seed else b"")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def encode(image):
    return base64.b64encode(image).decode()


def name_of(image, extension):
    return f"{hashlib.sha256(image).hexdigest()}.{extension}"


PNG = png()
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP////////////////////////////////////"
    "//////////////////////////////////////////////////wgALCAABAAEBAREA/8QA"
    "FBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxD/2Q=="
)
WEBP = base64.b64decode(
    "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
)
IMAGES = (
    ("png", "image/png", PNG),
    ("jpg", "image/jpeg", JPEG),
    ("webp", "image/webp", WEBP),
)
NO_IMAGES = (
    b"",
    b"GIF89a\1\0\1\0\0\0\0;",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    PNG[:-1],
    JPEG[:-1],
    WEBP[:-1],
    b"\0" * 100,
)
