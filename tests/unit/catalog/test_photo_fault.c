/* SPDX-License-Identifier: MIT */
/* Photos while something goes wrong: one is stored whole or not at all, and
 * old ones go in the end. */
#include "attempt_fixture.h"
#include "base64.h"
#include "clock.h"
#include "photo.h"
#include "photo_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORED "photos/" PHOTO_PNG_NAME

static unsigned char bytes[200];
static size_t length;

static void decode(void)
{
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(
        base64_decode(&out, PHOTO_PNG, strlen(PHOTO_PNG)), ERROR_NONE);
    assert_true(out.length <= sizeof bytes);
    memcpy(bytes, out.data, out.length);
    length = out.length;
    buffer_free(&out);
}

static void lay_nothing(const struct fixture *fixture)
{
    (void)fixture;
}

static void lay_no_folder(const struct fixture *fixture)
{
    assert_int_equal(
        unlinkat(fixture->spool.directory, "photos", AT_REMOVEDIR), 0);
}

static enum error store(const struct fixture *fixture)
{
    struct photo photo;
    assert_int_equal(photo_name(&photo, bytes, length), ERROR_NONE);
    return photo_store(&fixture->spool, bytes, length, &photo);
}

static bool is_stored(const struct fixture *fixture)
{
    struct stat status;
    return fstatat(fixture->spool.directory, STORED, &status, 0) == 0 &&
           (size_t)status.st_size == length;
}

static void check_stored(const struct fixture *fixture, enum error error)
{
    assert_true(is_stored(fixture) ||
                (error != ERROR_NONE && fixture_count(fixture, "photos") == 0));
}

static void finish_stored(const struct fixture *fixture)
{
    assert_true(is_stored(fixture));
}

/* One that was stored before is young again once that was said. */
static void lay_old(const struct fixture *fixture)
{
    assert_int_equal(store(fixture), ERROR_NONE);
    fixture_age(fixture, STORED, 86400);
}

static void finish_young(const struct fixture *fixture)
{
    struct stat status;
    assert_true(is_stored(fixture));
    assert_int_equal(fstatat(fixture->spool.directory, STORED, &status, 0), 0);
    assert_true(status.st_mtim.tv_sec > clock_now() / clock_second - 3600);
}

static bool whole;

static enum error prune(const struct fixture *fixture)
{
    int64_t hour_ago = clock_now() - (3600 * clock_second);
    struct spool_part all = {0, SIZE_MAX};
    photo_prune(&fixture->spool, hour_ago, &all, false, &whole);
    return ERROR_NONE;
}

static void lay_two(const struct fixture *fixture)
{
    lay_old(fixture);
    fixture_put(fixture,
        "photos/"
        "00000000000000000000000000000000"
        "00000000000000000000000000000000.jpg",
        "x");
}

static void check_pruned(const struct fixture *fixture, enum error error)
{
    (void)error;
    assert_int_equal(fixture_count(fixture, "photos"), is_stored(fixture) + 1);
}

/* Where it is said that all was looked through, nobody looks again for an
 * hour: what is left is stuck, and noted. */
static void finish_pruned(const struct fixture *fixture)
{
    assert_true(whole);
    assert_false(is_stored(fixture));
    assert_int_equal(fixture_count(fixture, "photos"), 1);
}

static const struct attempt attempts[] = {
    {"a photo", lay_nothing, store, check_stored, finish_stored, 0},
    {"the first", lay_no_folder, store, check_stored, finish_stored, 0},
    {"one that is there", lay_old, store, check_stored, finish_young, 0},
    {"old ones", lay_two, prune, check_pruned, finish_pruned, ATTEMPT_SILENT},
};

static void test_faults(void **state)
{
    decode();
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        attempt_each_fault(*state, &attempts[i]);
}

/* Another stores the same, or removes what is old, at any moment. */
static void store_as_well(const struct fixture *fixture)
{
    assert_int_equal(store(fixture), ERROR_NONE);
}

static void prune_as_well(const struct fixture *fixture)
{
    prune(fixture);
}

static void test_turns(void **state)
{
    decode();
    for (size_t i = 0; i < 3; i++) {
        attempt_each_turn(*state, &attempts[i], store_as_well);
        attempt_each_turn(*state, &attempts[i], prune_as_well);
    }
}

/* Room and the name of the folder's: what an error is called. */
static void test_refused(void **state)
{
    const struct fixture *fixture = *state;
    decode();
    lay_no_folder(fixture);
    fault_set(FAULT_NAMES, 2, ENOSPC); /* the folder that is made anew */
    assert_int_equal(store(fixture), ERROR_FULL);
    assert_true(fault_clear());
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
    fixture_expect(fixture, STORED, NULL);
}

/* An error that is nobody's to mend: the next look comes before the hour is
 * over. */
static void test_pruned_in_part(void **state)
{
    const struct fixture *fixture = *state;
    decode();
    lay_two(fixture);
    fault_set(FAULT_NAMES, 1, EROFS);
    assert_int_equal(prune(fixture), ERROR_NONE);
    assert_true(fault_clear());
    assert_false(whole);
    fault_set(FAULT_NAMES, 1, EACCES);
    assert_int_equal(prune(fixture), ERROR_NONE);
    assert_true(fault_clear());
    assert_true(whole);
    assert_true(is_stored(fixture));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_faults),
        IN_SPOOL(test_turns),
        IN_SPOOL(test_refused),
        IN_SPOOL(test_pruned_in_part),
    };
    return cmocka_run_group_tests_name("photo_fault", tests, NULL, NULL);
}
