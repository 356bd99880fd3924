/* SPDX-License-Identifier: MIT */
#include "base64.h"
#include "buffer.h"
#include "error.h"
#include "photo_fixture.h"
#include "photo_kind.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

struct image_case {
    const char *base64;
    const char *extension;
    const char *type;
};

static const struct image_case images[] = {
    {PHOTO_JPEG, "jpg", "image/jpeg"},
    {PHOTO_PNG, "png", "image/png"},
    {PHOTO_WEBP_LOSSY, "webp", "image/webp"},
    {PHOTO_WEBP_LOSSLESS, "webp", "image/webp"},
    {PHOTO_WEBP_ALPHA, "webp", "image/webp"},
    {PHOTO_WEBP_ANIMATION, "webp", "image/webp"},
};

static struct buffer decoded(const char *base64)
{
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(base64_decode(&out, base64, strlen(base64)), ERROR_NONE);
    return out;
}

static void test_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        struct buffer bytes = decoded(images[i].base64);
        const struct photo_kind *kind =
            photo_kind_of_bytes(bytes.data, bytes.length);
        assert_non_null(kind);
        assert_string_equal(kind->extension, images[i].extension);
        assert_string_equal(kind->content_type, images[i].type);
        /* What a camera or an editor writes behind the end is left alone. */
        buffer_append_text(&bytes, "behind the end");
        assert_ptr_equal(photo_kind_of_bytes(bytes.data, bytes.length), kind);
        buffer_free(&bytes);
    }
}

/* Half an image is none, wherever it ends. Each is looked at in memory of just
 * its size, so that a sanitizer sees a step too far. */
static void test_cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        struct buffer bytes = decoded(images[i].base64);
        for (size_t length = 0; length < bytes.length; length++) {
            char *part = malloc(length + (length == 0));
            assert_non_null(part);
            memcpy(part, bytes.data, length);
            if (photo_kind_of_bytes(part, length) != NULL)
                fail_msg("image %zu is one with %zu of %zu bytes", i, length,
                    bytes.length);
            free(part);
        }
        buffer_free(&bytes);
    }
}

/* Whatever is made of the bytes: nothing is read outside of them. */
static void test_every_byte_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        struct buffer bytes = decoded(images[i].base64);
        char *copy = malloc(bytes.length);
        assert_non_null(copy);
        for (size_t at = 0; at < bytes.length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memcpy(copy, bytes.data, bytes.length);
                copy[at] = (char)byte;
                photo_kind_of_bytes(copy, bytes.length);
            }
        }
        free(copy);
        buffer_free(&bytes);
    }
}

/* One change of a good image, and what it breaks. */
struct change_case {
    const char *base64;
    size_t at;
    unsigned char byte;
    const char *what;
};

static const struct change_case changes[] = {
    {PHOTO_PNG, 1, 'p', "signature"},
    {PHOTO_PNG, 4, '\n', "signature after a transfer as text"},
    {PHOTO_PNG, 11, 12, "length of the header"},
    {PHOTO_PNG, 12, 'i', "type of the header"},
    {PHOTO_PNG, 19, 0, "width of 0"},
    {PHOTO_PNG, 16, 0x80, "width over 2^31"},
    {PHOTO_PNG, 23, 0, "height of 0"},
    {PHOTO_PNG, 24, 3, "depth"},
    {PHOTO_PNG, 24, 200, "depth"},
    {PHOTO_PNG, 25, 1, "type of colour"},
    {PHOTO_PNG, 25, 7, "type of colour"},
    {PHOTO_PNG, 26, 1, "compression"},
    {PHOTO_PNG, 27, 1, "filter"},
    {PHOTO_PNG, 28, 2, "interlace"},
    {PHOTO_PNG, 33, 0xFF, "length of the data"},
    {PHOTO_PNG, 37, 'i', "no data"},
    {PHOTO_PNG, 62, 'i', "no end"},
    {PHOTO_JPEG, 0, 0xFE, "signature"},
    {PHOTO_JPEG, 1, 0xD9, "signature"},
    {PHOTO_JPEG, 2, 0xFE, "first marker"},
    {PHOTO_JPEG, 3, 0xD8, "a start within"},
    {PHOTO_JPEG, 3, 0xDA, "a scan before the frame"},
    {PHOTO_JPEG, 5, 1, "length of a segment"},
    {PHOTO_JPEG, 4, 0xFF, "length of a segment"},
    {PHOTO_JPEG, 90, 0xC4, "no frame"},
    {PHOTO_JPEG, 92, 12, "length of the frame"},
    {PHOTO_JPEG, 93, 0, "precision"},
    {PHOTO_JPEG, 97, 0, "width of 0"},
    {PHOTO_JPEG, 98, 2, "components"},
    {PHOTO_JPEG, 135, 0xD8, "no end"},
    {PHOTO_WEBP_LOSSY, 0, 'r', "container"},
    {PHOTO_WEBP_LOSSY, 8, 'w', "type"},
    {PHOTO_WEBP_LOSSY, 4, 3, "size of the container"},
    {PHOTO_WEBP_LOSSY, 5, 1, "size of the container"},
    {PHOTO_WEBP_LOSSY, 12, 'v', "chunk"},
    {PHOTO_WEBP_LOSSY, 16, 0xFF, "size of the chunk"},
    {PHOTO_WEBP_LOSSY, 20, 0x31, "no key frame"},
    {PHOTO_WEBP_LOSSY, 23, 0, "start code"},
    {PHOTO_WEBP_LOSSY, 26, 0, "width of 0"},
    {PHOTO_WEBP_LOSSY, 28, 0, "height of 0"},
    {PHOTO_WEBP_LOSSLESS, 20, 0x2E, "signature"},
    {PHOTO_WEBP_LOSSLESS, 24, 0xE0, "version"},
    {PHOTO_WEBP_ALPHA, 15, 'Y', "the image is not the first chunk"},
    {PHOTO_WEBP_ALPHA, 50, 'v', "no image"},
    {PHOTO_WEBP_ANIMATION, 44, 'a', "no frame"},
    {PHOTO_JPEG, 90, 0xC8, "no frame, but an extension"},
    {PHOTO_JPEG, 90, 0xCC, "no frame, but arithmetic coding"},
    {PHOTO_JPEG, 90, 0xC4, "no frame, but tables"},
};

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct buffer bytes = decoded(changes[i].base64);
        assert_true(changes[i].at < bytes.length);
        assert_int_not_equal(
            (unsigned char)bytes.data[changes[i].at], changes[i].byte);
        bytes.data[changes[i].at] = (char)changes[i].byte;
        if (photo_kind_of_bytes(bytes.data, bytes.length) != NULL)
            fail_msg("case %zu, %s: is an image", i, changes[i].what);
        buffer_free(&bytes);
    }
}

/* An end that holds something, and a chunk of odd length without the byte that
 * fills it up. */
static void test_wrong_ends(void **state)
{
    (void)state;
    struct buffer png = decoded(PHOTO_PNG);
    struct buffer webp = decoded(PHOTO_WEBP_ALPHA);
    buffer_append_byte(&png, 'x');
    png.data[61] = 1;
    assert_null(photo_kind_of_bytes(png.data, png.length));
    webp.data[4] = 73;
    webp.data[34] = 43;
    assert_null(photo_kind_of_bytes(webp.data, webp.length));
    buffer_free(&png);
    buffer_free(&webp);
}

static const char *const others[] = {
    "",
    "G",
    "GIF89a\1",
    "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    "<html><script>alert(1)</script></html>",
    "BM",
    "%PDF-1.4",
    "\xFF\xD8\xFF\xE0",
    "\xFF\xD8\xFF\xD9",
    "\xFF\xD8\xFF\xFF\xFF\xFF",
    "\x89PNG\r\n\x1A\n",
    "RIFF....WEBPVP8 ",
    "{\"content\":\"\"}",
};

static void test_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (photo_kind_of_bytes(others[i], strlen(others[i])) != NULL)
            fail_msg("%s: is an image", others[i]);
    }
}

#define DIGEST                                                                 \
    "6b7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0"

static void test_names(void **state)
{
    (void)state;
    static const char *const good[] = {
        DIGEST ".jpg", DIGEST ".png", DIGEST ".webp"};
    static const char *const bad[] = {"", ".", "..", DIGEST, DIGEST ".",
        DIGEST ".jpeg", DIGEST ".gif", DIGEST ".PNG", DIGEST ".pn",
        DIGEST ".pngx", DIGEST ".png.png", DIGEST "0.png", DIGEST "png",
        "../" DIGEST ".png", "/" DIGEST ".png", " " DIGEST ".png",
        DIGEST ".png ", DIGEST ".png\n",
        "6B7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0.png",
        "gb7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0.png",
        "b7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0.png",
        "./7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0.png"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const struct photo_kind *kind =
            photo_kind_of_name(good[i], strlen(good[i]));
        assert_non_null(kind);
        assert_string_equal(kind->extension, strchr(good[i], '.') + 1);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (photo_kind_of_name(bad[i], strlen(bad[i])) != NULL)
            fail_msg("%s: is a name", bad[i]);
    }
    /* A NUL byte ends nothing. */
    assert_null(photo_kind_of_name(DIGEST ".png", strlen(DIGEST) + 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_wrong_ends),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("photo_kind", tests, NULL, NULL);
}
