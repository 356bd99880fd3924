/* SPDX-License-Identifier: MIT */
/* Two programs that deal with one task at one moment: whatever the first stands
 * before, the other takes its steps there. Whoever was told that its word was
 * taken is not told so for nothing, and no word is taken twice. */
#include "account.h"
#include "error.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "meeting_fixture.h"
#include "path.h"
#include "record.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNNING EXECUTING(PAST, "l1", "get_stats", "t")
#define RECORD(status, more)                                                   \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"created_at\":\"2024-12-07T10:00:00.000000Z\","            \
    "\"status\":\"" status                                                     \
    "\",\"completed_at\":\"2024-12-07T10:01:00.000000Z\"" more "}"
#define TIMEOUT ",\"declared\":\"timeout\",\"attempts\":1"

static const struct verdict unsent = {
    .error = "No tab is open", .error_length = 14, .execution_time_ms = -1};

/* As meeting_finish_and_retry, but another's word stands, and the .verdict has
 * to give way. */
static enum error refuse_and_retry(void *context)
{
    struct meeting *meeting = context;
    if (!meeting_has(meeting, MEETING_VERDICT) ||
        meeting_has(meeting, COMPLETED("t")))
        return ERROR_NOT_FOUND;
    fixture_put(meeting->fixture, COMPLETED("t"),
        RECORD("completed", ",\"result\":{}"));
    return meeting_finish_and_retry(meeting);
}

/* The same, and by then another speaks, on the next try. If its .verdict is
 * taken for that of the first, it may go, but not to where it does not belong.
 */
static enum error finish_retry_and_speak(void *context)
{
    struct meeting *meeting = context;
    enum error error = meeting_finish_and_retry(meeting);
    if (error == ERROR_NONE)
        fixture_put(meeting->fixture, MEETING_VERDICT,
            RECORD("failed", ",\"error\":\"theirs\""));
    return error;
}

/* Another's word stands, and somebody who was about to remove the name of his
 * own .verdict has removed that of the first. */
static enum error displace(void *context)
{
    struct meeting *meeting = context;
    const struct fixture *fixture = meeting->fixture;
    meeting->has_acted = meeting_has(meeting, MEETING_VERDICT) &&
                         !meeting_has(meeting, COMPLETED("t"));
    if (!meeting->has_acted)
        return ERROR_NOT_FOUND;
    fixture_put(
        fixture, FAILED("t"), RECORD("failed", ",\"error\":\"theirs\""));
    file_remove(fixture->spool.directory, RUNNING);
    return file_remove(fixture->spool.directory, MEETING_VERDICT);
}

static enum error cancel_it(void *context)
{
    enum cancel_outcome outcome;
    struct meeting *meeting = context;
    struct meeting other = {.fixture = meeting->fixture, .outcome = &outcome};
    enum error error = meeting_cancel(&other);
    meeting->has_acted = error == ERROR_NONE && outcome == CANCEL_DONE;
    return error;
}

/* Another queues the task, a plugin has it, and says that it failed: that has
 * its place, but not come to its end, when the first goes on. */
static enum error retry_and_begin_to_fail(void *context)
{
    struct meeting *meeting = context;
    const struct fixture *fixture = meeting->fixture;
    if (!meeting_has(meeting, FAILED("t")) ||
        meeting_retry(meeting) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    meeting->has_acted = true;
    fixture_claim(fixture, "receive9", "t");
    fixture_put(fixture, MEETING_VERDICT,
        RECORD("failed", ",\"attempts\":2,\"leases\":[\"receive9\"]"));
    return file_link(fixture->spool.directory, MEETING_VERDICT, FAILED("t"));
}

static enum error retry_and_cancel(void *context)
{
    enum error error = meeting_retry(context);
    return error == ERROR_NONE ? cancel_it(context) : error;
}

/* A result on a task that waits, of no lease. */
static enum error end_next_try(void *context)
{
    struct meeting *meeting = context;
    struct task_place place;
    struct meeting other = {
        .said = said_failure, .lease = "", .fixture = meeting->fixture};
    if (find_pending(&meeting->fixture->account, "t", &place) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    meeting->has_acted = true;
    return meeting_deliver(&other);
}

/* The next try has come to its end already. */
static enum error finish_retry_and_end(void *context)
{
    enum error error = meeting_finish_and_retry(context);
    return error == ERROR_NONE ? end_next_try(context) : error;
}

/* The other speaks, and has seen what it speaks about; it goes on when the
 * first has come to its end. */
static enum error begin(struct meeting *meeting, const char *record)
{
    meeting->has_acted = meeting_has(meeting, meeting->at);
    if (meeting->has_acted)
        fixture_put(meeting->fixture, MEETING_VERDICT, record);
    return ERROR_NONE;
}

static enum error begin_to_settle(void *context)
{
    return begin(context, RECORD("failed", TIMEOUT));
}

static enum error begin_to_succeed(void *context)
{
    return begin(
        context, RECORD("completed", ",\"attempts\":1,\"leases\":[\"l1\"]"));
}

/* What it said is told, or its next try is to come. */
static void expect_own_word(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting_end(meeting) == TASK_FAILED)
        fixture_expect_member(
            meeting->fixture, FAILED("t"), "error", "\"No tab is open\"");
    else
        assert_int_equal(meeting_end(meeting), TASK_PENDING);
}

static void expect_waits(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(meeting_end(meeting), TASK_PENDING);
}

static void expect_next_end(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting->has_acted)
        assert_int_equal(meeting_end(meeting), TASK_FAILED);
}

/* That the first word was taken, before another, cannot be seen any more. */
static void expect_end_of_next(const struct meeting *meeting, enum error error)
{
    if (meeting->has_acted && error == ERROR_EXISTS)
        error = ERROR_NONE;
    expect_next_end(meeting, error);
}

static void expect_kept(const struct meeting *meeting, enum error error)
{
    assert_int_not_equal(error, ERROR_NOT_FOUND);
    meeting_end(meeting);
}

static void expect_refusal(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, meeting->has_acted ? ERROR_CONFLICT : ERROR_NONE);
    assert_int_equal(meeting_end(meeting),
        meeting->has_acted ? TASK_PENDING : TASK_COMPLETED);
}

static void expect_displaced(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, meeting->has_acted ? ERROR_EXISTS : ERROR_NONE);
    assert_int_equal(meeting_end(meeting),
        meeting->has_acted ? TASK_FAILED : TASK_COMPLETED);
}

static void expect_theirs(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting->has_acted)
        assert_int_not_equal(meeting_end(meeting), TASK_COMPLETED);
}

static void test_put_off(void **state)
{
    static const char *const leases[] = {"l1", ""};
    for (size_t i = 0; i < COUNT_OF(leases); i++)
        meeting_try(state, &(struct meeting){.what = "put off, being settled",
                               .first = meeting_deliver,
                               .other = begin_to_settle,
                               .expect = expect_own_word,
                               .at = RUNNING,
                               .file = DROP("get_stats"),
                               .said = unsent,
                               .lease = leases[i]});
}

static void test_put_off_and_cancelled(void **state)
{
    meeting_try(state, &(struct meeting){.what = "put off, and cancelled",
                           .first = meeting_deliver,
                           .other = cancel_it,
                           .expect = meeting_expect_cancelled,
                           .at = EXECUTING(FUTURE, "l1", "get_stats", "t"),
                           .file = DROP("get_stats"),
                           .said = unsent,
                           .lease = "l1"});
}

struct taken_case {
    const char *what;
    const char *at;
    const char *file;
    const char *lease;
};

static const struct taken_case taken_cases[] = {
    {"a result", RUNNING, DROP("get_stats"), "l1"},
    {"of no lease", RUNNING, DROP("get_stats"), ""},
    {"of one that waits", MEETING_WAITING, DROP("get_stats"), ""},
    {"over a declared failure", FAILED("t"), RECORD("failed", TIMEOUT), "l1"},
};

static void test_taken(void **state)
{
    static const struct verdict *const said[] = {&said_success, &said_failure};
    for (size_t i = 0; i < COUNT_OF(taken_cases); i++) {
        for (size_t j = 0; j < COUNT_OF(said); j++)
            meeting_try(state, &(struct meeting){.what = taken_cases[i].what,
                                   .first = meeting_deliver,
                                   .other = meeting_finish_and_retry,
                                   .expect = meeting_expect_next_try,
                                   .at = taken_cases[i].at,
                                   .file = taken_cases[i].file,
                                   .said = *said[j],
                                   .lease = taken_cases[i].lease});
    }
}

static void test_taken_and_spoken(void **state)
{
    meeting_try(state, &(struct meeting){.what = "another's .verdict",
                           .first = meeting_deliver,
                           .other = finish_retry_and_speak,
                           .expect = expect_theirs,
                           .at = RUNNING,
                           .file = DROP("get_stats"),
                           .said = said_success,
                           .lease = "l1"});
}

static void test_taken_and_ended(void **state)
{
    meeting_try(
        state, &(struct meeting){.what = "taken, and the next try ended",
                   .first = meeting_deliver,
                   .other = finish_retry_and_end,
                   .expect = expect_end_of_next,
                   .at = RUNNING,
                   .file = DROP("get_stats"),
                   .said = said_success,
                   .lease = "l1"});
}

static void test_retried_and_ended(void **state)
{
    meeting_try(
        state, &(struct meeting){.what = "retried, and the next try ended",
                   .first = meeting_retry,
                   .other = end_next_try,
                   .expect = expect_next_end,
                   .at = FAILED("t"),
                   .file = RECORD("failed", TIMEOUT)});
}

static void test_two_retries(void **state)
{
    meeting_try(state, &(struct meeting){.what = "two retries, and a cancel",
                           .first = meeting_retry,
                           .other = retry_and_cancel,
                           .expect = expect_kept,
                           .at = COMPLETED("t"),
                           .file = RECORD("completed", ",\"attempts\":1")});
}

/* Who was told that a task waits again finds it so. */
static void test_retried_over_one_that_ends(void **state)
{
    meeting_try(state, &(struct meeting){.what = "two retries, and a failure",
                           .first = meeting_retry,
                           .other = retry_and_begin_to_fail,
                           .expect = expect_waits,
                           .at = FAILED("t"),
                           .file = RECORD("failed", TIMEOUT)});
}

static void test_refused(void **state)
{
    meeting_try(state, &(struct meeting){.what = "given way",
                           .first = meeting_deliver,
                           .other = refuse_and_retry,
                           .expect = expect_refusal,
                           .at = RUNNING,
                           .file = DROP("get_stats"),
                           .said = said_success,
                           .lease = "l1"});
}

static void test_displaced(void **state)
{
    meeting_try(state, &(struct meeting){.what = "the .verdict removed",
                           .first = meeting_deliver,
                           .other = displace,
                           .expect = expect_displaced,
                           .at = RUNNING,
                           .file = DROP("get_stats"),
                           .said = said_success,
                           .lease = "l1"});
}

static void test_retry(void **state)
{
    meeting_try(state, &(struct meeting){.what = "retry, and a late result",
                           .first = meeting_retry,
                           .other = begin_to_succeed,
                           .expect = expect_waits,
                           .at = FAILED("t"),
                           .file = RECORD("failed", TIMEOUT)});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_put_off),
        IN_SPOOL(test_put_off_and_cancelled),
        IN_SPOOL(test_taken),
        IN_SPOOL(test_taken_and_spoken),
        IN_SPOOL(test_taken_and_ended),
        IN_SPOOL(test_retried_and_ended),
        IN_SPOOL(test_two_retries),
        IN_SPOOL(test_retried_over_one_that_ends),
        IN_SPOOL(test_refused),
        IN_SPOOL(test_displaced),
        IN_SPOOL(test_retry),
    };
    return cmocka_run_group_tests_name("meeting", tests, NULL, NULL);
}
