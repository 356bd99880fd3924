/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "census.h"
#include "clock.h"
#include "error.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"

/* What lies there, two of user 42's in each place and one of user 7's. */
static const char *const files[] = {
    PENDING("a", "p1"),
    "pending/42/000-20200101T000000.000000Z-a-p2.r1.json",
    "pending/7/" QUEUED("a", "p3"),
    EXECUTING(PAST, "l", "a", "e1"),
    EXECUTING(FUTURE, "l", "a", "e2"),
    "executing/7/" PAST "-l-" QUEUED("a", "e3"),
    "executing/42/no-task.json",
    COMPLETED("c1"),
    COMPLETED("c2"),
    "done/7/c3.completed.json",
    FAILED("f1"),
    "done/7/f2.failed.json",
    "done/42/notes.txt",
    "done/42/.failed.json",
    "ingest/42/20241207T100000.000000Z-c1.json",
    "pending/42/by hand.json",
    "pending/42/998-x.json",
    "pending/top.json",
    "pending/42/upload.part",
    "pending/upload.part",
    "pending/42/PAUSED",
    "pending/PAUSED",
    "pending/42/.hidden",
};

static void fill(const struct fixture *fixture)
{
    for (size_t i = 0; i < COUNT_OF(files); i++)
        fixture_put(fixture, files[i], "");
    fixture_age(fixture, "pending/42/upload.part", 4000);
    fixture_age(fixture, "pending/upload.part", 4000);
    fixture_age(fixture, "pending/42/PAUSED", 4000);
    fixture_age(fixture, "pending/PAUSED", 4000);
    fixture_put(fixture, "pending/42/young.part", "");
}

static void expect(const struct census *have, const struct census *want)
{
    assert_int_equal(have->pending, want->pending);
    assert_int_equal(have->executing, want->executing);
    assert_int_equal(have->overdue, want->overdue);
    assert_int_equal(have->completed, want->completed);
    assert_int_equal(have->failed, want->failed);
    assert_int_equal(have->ingest, want->ingest);
    assert_int_equal(have->dropped, want->dropped);
    assert_int_equal(have->strangers, want->strangers);
    assert_int_equal(have->oldest_pending, want->oldest_pending);
}

static void test_user(void **state)
{
    const struct fixture *fixture = *state;
    struct census census = {0};
    const struct census want = {.pending = 2,
        .executing = 2,
        .overdue = 1,
        .completed = 2,
        .failed = 1,
        .ingest = 1,
        .dropped = 2,
        .strangers = 1,
        .oldest_pending = INT64_C(1577836800000000)};
    fill(fixture);
    int64_t before = clock_now();
    assert_int_equal(census_user(&fixture->account, &census), ERROR_NONE);
    expect(&census, &want);
    assert_true(census.now >= before);
}

static void test_all(void **state)
{
    const struct fixture *fixture = *state;
    struct census census = {0};
    const struct census want = {.pending = 3,
        .executing = 3,
        .overdue = 2,
        .completed = 3,
        .failed = 2,
        .ingest = 1,
        .dropped = 3,
        .strangers = 3,
        .oldest_pending = INT64_C(1577836800000000)};
    fill(fixture);
    assert_int_equal(census_all(&fixture->spool, &census), ERROR_NONE);
    expect(&census, &want);
}

/* A task that is to wait is not old. */
static void test_scheduled(void **state)
{
    const struct fixture *fixture = *state;
    struct census census = {0};
    struct census want = {.pending = 1};
    fixture_put(fixture, "pending/42/000-" FUTURE "-a-later.json", DROP("a"));
    assert_int_equal(census_all(&fixture->spool, &census), ERROR_NONE);
    expect(&census, &want);
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    census = (struct census){0};
    want.pending = 2;
    want.oldest_pending = INT64_C(1733565600000000);
    assert_int_equal(census_all(&fixture->spool, &census), ERROR_NONE);
    expect(&census, &want);
}

static void test_nothing(void **state)
{
    const struct fixture *fixture = *state;
    struct census census = {0};
    const struct census none = {0};
    assert_int_equal(census_all(&fixture->spool, &census), ERROR_NONE);
    expect(&census, &none);
    assert_int_equal(census_user(&fixture->account, &census), ERROR_NONE);
    expect(&census, &none);
}

/* Told, not counted as nothing. */
static void test_folder_that_cannot_be_read(void **state)
{
    const struct fixture *fixture = *state;
    struct census census = {0};
    fixture_put(fixture, "executing/42", "a file where a folder should be");
    fixture_put(fixture, FAILED("t"), "{}");
    fixture_put(fixture, "executing/43/x", "");
    assert_int_equal(census_user(&fixture->account, &census), ERROR_NONE);
    assert_int_equal(census_all(&fixture->spool, &census), ERROR_NONE);
    assert_int_equal(census.failed, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_user),
        IN_SPOOL(test_all),
        IN_SPOOL(test_scheduled),
        IN_SPOOL(test_nothing),
        IN_SPOOL(test_folder_that_cannot_be_read),
    };
    return cmocka_run_group_tests_name("census", tests, NULL, NULL);
}
