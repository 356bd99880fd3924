/* SPDX-License-Identifier: MIT */
/* A declared failure that a success stands beside goes; one that is of the next
 * try, and lies there in its place by now, does not. */
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict.h"
#include "verdict_step.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERDICT "tmp/42-t.verdict"
#define RECORD(status, minute)                                                 \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"a\",\"params\":{},"        \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":\"" status      \
    "\",\"completed_at\":\"2024-12-07T10:" minute ":00.000000Z\"}"

static const int64_t success_at = 1733565720000000; /* minute 02 */

static const char later[] = RECORD("failed", "03");

static void lay(const struct fixture *fixture, const char *failure)
{
    fixture_put(fixture, COMPLETED("t"), RECORD("completed", "02"));
    fixture_put(fixture, FAILED("t"), failure);
}

static enum error remove_outlived(const struct fixture *fixture)
{
    return verdict_step_remove_outlived(&fixture->account, "t", success_at);
}

static void test_goes(void **state)
{
    lay(*state, RECORD("failed", "01"));
    assert_int_equal(remove_outlived(*state), ERROR_NONE);
    fixture_expect_tree(*state, COMPLETED("t") "\n");
    assert_int_equal(remove_outlived(*state), ERROR_NONE);
}

/* What the remover meets once it has looked at the success: this has gone, and
 * one of the calls that put the failure back fails. */
struct meeting {
    const struct fixture *fixture;
    enum fault_call call; /* FAULT_CALLS: none fails */
    unsigned which;
};

static enum error retry(void *context)
{
    const struct meeting *meeting = context;
    enum error error =
        file_remove(meeting->fixture->spool.directory, COMPLETED("t"));
    if (meeting->call != FAULT_CALLS)
        fault_set(meeting->call, meeting->which, EIO);
    return error;
}

static void meet(struct meeting meeting, enum error wanted)
{
    lay(meeting.fixture, later);
    fault_meet(FAULT_NAMES, 1, retry, &meeting);
    enum error error = remove_outlived(meeting.fixture);
    assert_true(fault_clear());
    assert_int_equal(error, wanted);
}

static void test_put_back(void **state)
{
    meet((struct meeting){*state, FAULT_CALLS, 0}, ERROR_BUSY);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect(*state, FAILED("t"), later);
}

static enum error retry_and_fail(void *context)
{
    const struct fixture *fixture = context;
    file_remove(fixture->spool.directory, COMPLETED("t"));
    fixture_put(fixture, FAILED("t"), RECORD("failed", "04"));
    return ERROR_NONE;
}

/* The next try has failed, and the one after that: who brings back what the
 * one came to finds what the other did, and leaves it. */
static void test_failed_again_meanwhile(void **state)
{
    lay(*state, later);
    fault_meet(FAULT_STATUS, 2, retry_and_fail, *state);
    assert_int_equal(remove_outlived(*state), ERROR_BUSY);
    assert_true(fault_clear());
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect(*state, FAILED("t"), RECORD("failed", "04"));
}

/* It is all there is of the task, and stays where somebody finds it. */
static void test_kept_aside(void **state)
{
    static const struct meeting meetings[] = {
        {.call = FAULT_NAMES, .which = 2}, {.call = FAULT_SYNC, .which = 1}};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(meetings); i++) {
        struct meeting meeting = meetings[i];
        meeting.fixture = fixture;
        meet(meeting, ERROR_IO);
        const char *name = fixture_find(fixture, "tmp", ".aside");
        assert_non_null(name);
        fixture_expect(fixture, path_in(SPOOL_TMP, name).text, later);
        assert_int_equal(
            verdict_step_settle_aside(&fixture->spool, &fixture->config, name),
            ERROR_NONE);
        fixture_expect_tree(fixture, FAILED("t") "\n");
        fixture_expect(fixture, FAILED("t"), later);
        fixture_renew(*state);
    }
}

struct sweep {
    const struct fixture *fixture;
    bool has_come;
    bool has_settled;
};

/* The success is queued again, and a sweep settles what lies aside. */
static enum error retry_and_settle(void *context)
{
    struct sweep *sweep = context;
    const struct fixture *fixture = sweep->fixture;
    const char *name = fixture_find(fixture, "tmp", ".aside");
    sweep->has_come = true;
    if (name == NULL)
        return ERROR_NONE;
    file_remove(fixture->spool.directory, COMPLETED("t"));
    assert_int_equal(
        verdict_step_settle_aside(&fixture->spool, &fixture->config, name),
        ERROR_NONE);
    sweep->has_settled = true;
    return ERROR_NONE;
}

/* That the failure is aside no more does not say that there was no word to be
 * carried out: who retries the task looks again. */
static void test_settled_meanwhile(void **state)
{
    struct sweep sweep = {.has_come = true};
    for (unsigned which = 1; sweep.has_come && !sweep.has_settled; which++) {
        fixture_renew(*state);
        sweep = (struct sweep){.fixture = *state};
        int directory = sweep.fixture->spool.directory;
        lay(*state, later);
        assert_int_equal(
            linkat(directory, COMPLETED("t"), directory, VERDICT, 0), 0);
        fault_meet(FAULT_STATUS, which, retry_and_settle, &sweep);
        enum error error = verdict_finish_whole(&sweep.fixture->account, "t");
        fault_clear();
        assert_int_equal(error, sweep.has_settled ? ERROR_BUSY : ERROR_NONE);
    }
    assert_true(sweep.has_settled);
    fixture_expect_tree(*state, FAILED("t") "\n" VERDICT "\n");
    assert_int_equal(
        verdict_finish_whole(&sweep.fixture->account, "t"), ERROR_NONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect(*state, FAILED("t"), later);
}

/* Who brought it back before may have died before that was safe. */
static void test_settled_safely(void **state)
{
    static const char aside[] = "42-t.7.8.aside";
    struct buffer steps = BUFFER_EMPTY;
    const struct fixture *fixture = *state;
    fixture_put(fixture, FAILED("t"), later);
    fixture_put(fixture, path_in(SPOOL_TMP, aside).text, later);
    fault_watch(&steps);
    enum error error =
        verdict_step_settle_aside(&fixture->spool, &fixture->config, aside);
    fault_watch(NULL);
    assert_int_equal(error, ERROR_NONE);
    const char *safe = strstr(buffer_text(&steps), "fsync done/42\n");
    assert_non_null(safe);
    assert_non_null(strstr(safe, "remove tmp/42-t.7.8.aside\n"));
    buffer_free(&steps);
    fixture_expect_tree(fixture, FAILED("t") "\n");
}

/* Nobody's task is made of another file that lies in tmp/. */
static void test_no_name_of_one(void **state)
{
    static const char *const names[] = {"x.aside", ".aside", "-t.7.8.aside",
        "u-t.7.8.aside", "42-.7.8.aside", "42-t.7.8"};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        fixture_put(fixture, path_in(SPOOL_TMP, names[i]).text, later);
        assert_false(verdict_step_is_aside(names[i]));
        assert_int_equal(verdict_step_settle_aside(
                             &fixture->spool, &fixture->config, names[i]),
            ERROR_SYNTAX);
        fixture_expect(fixture, path_in(SPOOL_TMP, names[i]).text, later);
    }
    assert_true(verdict_step_is_aside("42-t.7.8.aside"));
    assert_int_equal(fixture_count(fixture, "done"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_goes),
        IN_SPOOL(test_put_back),
        IN_SPOOL(test_failed_again_meanwhile),
        IN_SPOOL(test_kept_aside),
        IN_SPOOL(test_settled_meanwhile),
        IN_SPOOL(test_settled_safely),
        IN_SPOOL(test_no_name_of_one),
    };
    return cmocka_run_group_tests_name("verdict_step", tests, NULL, NULL);
}
