/* SPDX-License-Identifier: MIT */
#include "photo.h"

#include "base64.h"
#include "buffer.h"
#include "clock.h"
#include "clock_fixture.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "path.h"
#include "photo_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORED "photos/" PHOTO_PNG_NAME

static struct buffer decoded(const char *base64)
{
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(base64_decode(&out, base64, strlen(base64)), ERROR_NONE);
    return out;
}

static struct photo store(const struct fixture *fixture, const char *base64)
{
    struct photo photo;
    struct buffer bytes = decoded(base64);
    assert_int_equal(photo_name(&photo, bytes.data, bytes.length), ERROR_NONE);
    assert_int_equal(
        photo_store(&fixture->spool, bytes.data, bytes.length, &photo),
        ERROR_NONE);
    buffer_free(&bytes);
    return photo;
}

static void test_stored(void **state)
{
    const struct fixture *fixture = *state;
    struct stat status;
    struct buffer want = decoded(PHOTO_PNG);
    struct buffer have = BUFFER_EMPTY;
    mode_t mask = umask(0);
    struct photo photo = store(fixture, PHOTO_PNG);
    umask(mask);
    assert_true(photo.is_new);
    assert_int_equal(photo.length, want.length);
    assert_string_equal(photo.name, PHOTO_PNG_NAME);
    fixture_expect_tree(fixture, STORED "\n");
    assert_int_equal(fstatat(fixture->spool.directory, STORED, &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
    assert_int_equal(photo_look(&fixture->spool, photo.name), ERROR_NONE);
    assert_int_equal(
        photo_read(&fixture->spool, photo.name, &have), ERROR_NONE);
    assert_int_equal(have.length, want.length);
    assert_memory_equal(have.data, want.data, want.length);
    buffer_free(&have);
    buffer_free(&want);
}

static int64_t age_of(const struct fixture *fixture, const char *path)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, path, &status, 0), 0);
    return clock_now() - clock_from_timespec(status.st_mtim);
}

/* The same photo is one file, and young again. */
static void test_stored_again(void **state)
{
    const struct fixture *fixture = *state;
    store(fixture, PHOTO_PNG);
    fixture_age(fixture, STORED, 86400);
    struct photo photo = store(fixture, PHOTO_PNG);
    assert_false(photo.is_new);
    assert_true(age_of(fixture, STORED) < 3600 * clock_second);
    assert_true(store(fixture, PHOTO_JPEG).is_new);
    assert_int_equal(fixture_count(fixture, "photos"), 2);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

/* A spool from before there were photos, or one somebody cleared. */
static void test_no_folder(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(
        unlinkat(fixture->spool.directory, "photos", AT_REMOVEDIR), 0);
    assert_true(store(fixture, PHOTO_PNG).is_new);
    fixture_expect_tree(fixture, STORED "\n");
}

static void test_cannot_store(void **state)
{
    const struct fixture *fixture = *state;
    struct photo photo;
    struct buffer bytes = decoded(PHOTO_PNG);
    assert_int_equal(photo_name(&photo, "GIF89a", 6), ERROR_TYPE);
    assert_int_equal(
        unlinkat(fixture->spool.directory, "photos", AT_REMOVEDIR), 0);
    fixture_put(fixture, "photos", "a file");
    assert_int_equal(photo_name(&photo, bytes.data, bytes.length), ERROR_NONE);
    assert_int_not_equal(
        photo_store(&fixture->spool, bytes.data, bytes.length, &photo),
        ERROR_NONE);
    fixture_expect_tree(fixture, "photos\n");
    buffer_free(&bytes);
}

static void test_not_there(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(
        photo_read(&fixture->spool, PHOTO_PNG_NAME, &out), ERROR_NOT_FOUND);
    assert_int_equal(
        photo_look(&fixture->spool, PHOTO_PNG_NAME), ERROR_NOT_FOUND);
    assert_int_equal(out.length, 0);
}

struct decode_case {
    const char *text;
    const char *bytes; /* NULL: refused */
};

static const struct decode_case decodes[] = {
    {"", ""},
    {"YWJj", "abc"},
    {"YQ==", "a"},
    {"data:image/png;base64,YWJj", "abc"},
    {"data:;base64,YWJj", "abc"},
    {"DATA:image/JPEG;BASE64,YWJj", "abc"},
    {"data:text/plain;charset=x;base64,YWJj", "abc"},
    {"data:image/png;base64,", ""},
    {"data:image/png,YWJj", NULL},
    {"data:,YWJj", NULL},
    {"data:base64,YWJj", NULL},
    {"data:image/png;base64 YWJj", NULL},
    {"data:", NULL},
    {"data", "u\xABZ"},
    {"http://host/photo.jpg", NULL},
    {"YWJj\n", NULL},
    {"YW Jj", NULL},
    {"YWJ", NULL},
    {"YWJj=", NULL},
    {"YWJj====", NULL},
    {"YR==", NULL},
    {"YW-_", NULL},
    {"data:image/png;base64,YWJj,YWJj", NULL},
    {"data:image/png;base64,YWJj%3D", NULL},
};

static void test_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(decodes); i++) {
        struct buffer out = BUFFER_EMPTY;
        const char *text = decodes[i].text;
        enum error error = photo_decode(&out, text, strlen(text));
        const char *want = decodes[i].bytes;
        if (error != (want == NULL ? ERROR_SYNTAX : ERROR_NONE) ||
            strcmp(buffer_text(&out), want == NULL ? "" : want) != 0)
            fail_msg("%s: have error %d, \"%s\"", text, (int)error,
                buffer_text(&out));
        buffer_free(&out);
    }
}

static unsigned prune(
    const struct fixture *fixture, int64_t before, bool dry, bool *whole)
{
    struct spool_part all = {0, SIZE_MAX};
    unsigned count = photo_prune(&fixture->spool, before, &all, dry, whole);
    assert_int_equal(all.position, 0);
    return count;
}

static void test_prune(void **state)
{
    const struct fixture *fixture = *state;
    int64_t day_ago = clock_now() - (86400 * clock_second);
    bool whole = false;
    store(fixture, PHOTO_PNG);
    struct photo old = store(fixture, PHOTO_JPEG);
    struct path path = path_in(SPOOL_PHOTOS, old.name);
    fixture_put(fixture, "photos/a friend's.png", "x");
    fixture_age(fixture, "photos/a friend's.png", 3 * 86400);
    fixture_age(fixture, path.text, 3 * 86400);
    assert_int_equal(prune(fixture, day_ago, true, &whole), 1);
    assert_int_equal(fixture_count(fixture, "photos"), 3);
    assert_int_equal(prune(fixture, day_ago, false, &whole), 1);
    assert_true(whole);
    fixture_expect(fixture, path.text, NULL);
    assert_int_equal(fixture_count(fixture, "photos"), 2);
}

/* One that is dated in the future is as old as its last change; where the clock
 * is behind, none is old. */
static void test_prune_from_the_future(void **state)
{
    const struct fixture *fixture = *state;
    int64_t now = clock_now();
    bool whole = false;
    struct photo stored = store(fixture, PHOTO_PNG);
    struct path path = path_in(SPOOL_PHOTOS, stored.name);
    fixture_age(fixture, path.text, -86400);
    assert_int_equal(
        prune(fixture, now - (5 * clock_second), false, &whole), 0);
    clock_fixture_set(-86400);
    assert_int_equal(prune(fixture, clock_now(), false, &whole), 0);
    clock_fixture_set(0);
    assert_int_equal(
        prune(fixture, now + (5 * clock_second), false, &whole), 1);
    assert_int_equal(fixture_count(fixture, "photos"), 0);
}

/* Part by part, however few names one has. */
static void test_prune_parts(void **state)
{
    const struct fixture *fixture = *state;
    bool whole = true;
    store(fixture, PHOTO_PNG);
    store(fixture, PHOTO_JPEG);
    store(fixture, PHOTO_WEBP_LOSSY);
    int64_t later = clock_now() + clock_second;
    struct spool_part part = {0, 2};
    unsigned count = 0;
    unsigned parts = 0;
    do {
        unsigned gone =
            photo_prune(&fixture->spool, later, &part, false, &whole);
        assert_true(whole && gone <= 2);
        count += gone;
        parts++;
    } while (part.position != 0);
    assert_int_equal(count, 3);
    assert_true(parts > 1);
    assert_int_equal(
        unlinkat(fixture->spool.directory, "photos", AT_REMOVEDIR), 0);
    assert_int_equal(prune(fixture, later, false, &whole), 0);
    assert_true(whole);
}

/* While nothing is old, no upload has to wait; else for one removal. */
static void test_prune_lock(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer steps = BUFFER_EMPTY;
    bool whole = false;
    int64_t day_ago = clock_now() - (86400 * clock_second);
    struct photo old = store(fixture, PHOTO_JPEG);
    store(fixture, PHOTO_PNG);
    fault_watch(&steps);
    assert_int_equal(prune(fixture, day_ago, false, &whole), 0);
    assert_null(strstr(buffer_text(&steps), "lock "));
    fixture_age(fixture, path_in(SPOOL_PHOTOS, old.name).text, 3 * 86400);
    assert_int_equal(prune(fixture, day_ago, false, &whole), 1);
    fault_watch(NULL);
    assert_non_null(strstr(buffer_text(&steps), "lock index/photos\nremove "));
    buffer_free(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_stored),
        IN_SPOOL(test_stored_again),
        IN_SPOOL(test_no_folder),
        IN_SPOOL(test_cannot_store),
        IN_SPOOL(test_not_there),
        cmocka_unit_test(test_decode),
        IN_SPOOL(test_prune),
        IN_SPOOL(test_prune_from_the_future),
        IN_SPOOL(test_prune_parts),
        IN_SPOOL(test_prune_lock),
    };
    return cmocka_run_group_tests_name("photo", tests, NULL, NULL);
}
