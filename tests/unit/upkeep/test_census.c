/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "census.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "figures.h"
#include "ingest_fixture.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>
#include <unistd.h>

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

/* --- Kept for a while ----------------------------------------------------- */

static void fill_many(const struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, fixture_filled(i));
        fixture_put(fixture, path.text, "");
    }
}

/* What is told of the account; whether a folder was read for that. */
static bool tell(
    const struct fixture *fixture, int64_t user, struct census *census)
{
    bool due = true;
    struct config config = fixture_config();
    struct buffer steps = BUFFER_EMPTY;
    const struct account account = {&fixture->spool, &config, user};
    fault_watch(&steps);
    assert_int_equal(census_tell(&account, census, &due), ERROR_NONE);
    fault_watch(NULL);
    bool read = strstr(buffer_text(&steps), "list ") != NULL;
    assert_int_equal(census->is_kept, !read);
    assert_int_equal(due, false);
    buffer_free(&steps);
    return read;
}

/* Very many are counted once in a while; for one user, and for all. */
static void test_many(void **state)
{
    const struct fixture *fixture = *state;
    fill_many(fixture, FIGURES_MANY + 1);
    for (int64_t user = 0; user <= 42; user += 42) {
        struct census first;
        struct census next;
        assert_true(tell(fixture, user, &first));
        fixture_put(fixture, COMPLETED("new"), "");
        assert_false(tell(fixture, user, &next));
        expect(&next, &first);
        assert_int_equal(next.pending, FIGURES_MANY + 1);
        clock_fixture_set(FIGURES_KEPT + 2);
        assert_true(tell(fixture, user, &next));
        assert_int_equal(next.completed, 1);
        clock_fixture_set(0);
        assert_int_equal(
            unlinkat(fixture->spool.directory, COMPLETED("new"), 0), 0);
    }
}

/* A few always. */
static void test_few(void **state)
{
    struct census census;
    fill_many(*state, 10);
    for (int i = 0; i < 2; i++)
        assert_true(tell(*state, 42, &census));
    assert_int_equal(fixture_count(*state, "index"), 0);
}

/* Behind an answer they are counted anew once they are older. */
static void test_renewed(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct census census;
    bool due = false;
    fill_many(fixture, FIGURES_MANY + 1);
    assert_true(tell(fixture, 42, &census));
    fixture_put(fixture, COMPLETED("new"), "");
    census_renew(UNDER(fixture, &config));
    assert_false(tell(fixture, 42, &census));
    assert_int_equal(census.completed, 0);
    clock_fixture_set(FIGURES_FRESH + 2);
    assert_int_equal(
        census_tell(UNDER(fixture, &config), &census, &due), ERROR_NONE);
    assert_true(due);
    assert_int_equal(census.completed, 0);
    census_renew(UNDER(fixture, &config));
    assert_false(tell(fixture, 42, &census));
    assert_int_equal(census.completed, 1);
    clock_fixture_set(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_user),
        IN_SPOOL(test_all),
        IN_SPOOL(test_scheduled),
        IN_SPOOL(test_nothing),
        IN_SPOOL(test_folder_that_cannot_be_read),
        IN_SPOOL(test_many),
        IN_SPOOL(test_few),
        IN_SPOOL(test_renewed),
    };
    return cmocka_run_group_tests_name("census", tests, NULL, NULL);
}
