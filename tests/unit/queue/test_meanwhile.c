/* SPDX-License-Identifier: MIT */
/* A name that comes at whichever call of a poll is met by the next one. */
#include "account.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "queue.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FIRST "pending/42/000-20250101T000000.000000Z-a-first.json"

static const enum fault_call calls[] = {
    FAULT_OPEN, FAULT_STATUS, FAULT_TIMES, FAULT_MEMORY, FAULT_NAMES};

static enum error put_first(void *context)
{
    fixture_put(context, FIRST, DROP("a"));
    return ERROR_NONE;
}

static void set_folder_time(const struct fixture *fixture, struct timespec time)
{
    const struct timespec times[2] = {time, time};
    assert_int_equal(
        utimensat(fixture->spool.directory, "pending/42", times, 0), 0);
}

static void expect_first(const struct fixture *fixture)
{
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, strrchr(FIRST, '/') + 1);
    queue_close(&queue);
}

/* So that the folder does not show it: within one tick of its times. */
static enum error put_first_unseen(void *context)
{
    struct stat status = fixture_status(context, "pending/42");
    put_first(context);
    set_folder_time(context, status.st_mtim);
    return ERROR_NONE;
}

/* False: the poll makes no such call. */
static bool meet(const struct fixture *fixture, const char *cache,
    fault_work *put, enum fault_call call, unsigned which)
{
    union {
        const struct fixture *fixture;
        void *context;
    } given;
    given.fixture = fixture;
    file_remove(fixture->spool.directory, FIRST);
    file_remove(fixture->spool.directory, cache);
    set_folder_time(
        fixture, clock_to_timespec(clock_now() + (60 * clock_second)));
    fault_meet(call, which, put, given.context);
    struct queue queue = fixture_queue(fixture, false);
    queue_close(&queue);
    if (!fault_clear())
        return false;
    expect_first(fixture);
    return true;
}

static void test_deep(void **state)
{
    fixture_fill(*state, 0, MANY);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        unsigned which = 1;
        while (meet(*state, INDEX, put_first, calls[i], which))
            which++;
    }
}

static void test_empty(void **state)
{
    fixture_put(*state, FIRST, "");
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        unsigned which = 1;
        while (
            meet(*state, "index/42.pending", put_first_unseen, calls[i], which))
            which++;
    }
}

/* --- A mark that is not kept --------------------------------------------- */

static struct timespec kept; /* instead of the mark */
static unsigned after;       /* so many looks at files the name comes */
static bool is_spoilt, has_come;

static enum error put_after(void *context)
{
    has_come = true;
    return put_first(context);
}

static enum error spoil_mark(void *context)
{
    is_spoilt = true;
    set_folder_time(context, kept);
    fault_meet(FAULT_STATUS, after, put_after, context);
    return ERROR_NONE;
}

static enum error await_look_at_mark(void *context)
{
    fault_meet(FAULT_STATUS, 1, spoil_mark, context);
    return ERROR_NONE;
}

/* Reads the queue anew, with its mark spoilt. */
static void read_unmarked(void **state)
{
    const struct fixture *fixture = *state;
    is_spoilt = has_come = false;
    file_remove(fixture->spool.directory, FIRST);
    file_remove(fixture->spool.directory, INDEX);
    fault_meet(FAULT_TIMES, 1, await_look_at_mark, *state);
    struct queue queue = fixture_queue(fixture, false);
    queue_close(&queue);
    fault_clear();
    assert_true(is_spoilt);
}

/* The folder has been quiet for long enough to be trusted without a mark. */
static void test_quiet(void **state)
{
    fixture_fill(*state, 0, MANY);
    kept = clock_to_timespec(clock_now() - (100 * clock_second));
    for (after = 1;; after++) {
        read_unmarked(state);
        if (!has_come)
            break;
        expect_first(*state);
    }
    assert_true(after > 1);
}

/* Whole seconds: what comes within this one does not show. */
static void test_coarse(void **state)
{
    fixture_fill(*state, 0, MANY);
    kept = clock_to_timespec(clock_now() + (60 * clock_second));
    kept.tv_nsec = 0;
    after = UINT_MAX;
    read_unmarked(state);
    put_first_unseen(*state);
    expect_first(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_deep),
        IN_SPOOL(test_empty),
        IN_SPOOL(test_quiet),
        IN_SPOOL(test_coarse),
    };
    return cmocka_run_group_tests_name("meanwhile", tests, NULL, NULL);
}
