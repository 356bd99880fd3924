/* SPDX-License-Identifier: MIT */
/* The smallest images of each kind, in base64. */
#ifndef STOFLOW_PHOTO_FIXTURE_H
#define STOFLOW_PHOTO_FIXTURE_H

#define PHOTO_PNG                                                              \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA" \
    "WjR9awAAAABJRU5ErkJggg=="
/* By sha256sum(1). */
#define PHOTO_PNG_NAME                                                         \
    "6b7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0.png"
#define PHOTO_JPEG                                                             \
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////" \
    "////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBAB" \
    "AAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxD/2Q=="
#define PHOTO_WEBP_LOSSY                                                       \
    "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
#define PHOTO_WEBP_LOSSLESS "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
#define PHOTO_WEBP_ALPHA                                                       \
    "UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDgg" \
    "GAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA=="
#define PHOTO_WEBP_ANIMATION                                                   \
    "UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAA" \
    "AAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAREYiI/gcA"

#endif
