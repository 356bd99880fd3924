/* SPDX-License-Identifier: MIT */
/* A cancel, and another program that deals with its task: whoever was told that
 * the end was asked for is not told so for nothing, and the next try is not the
 * one whose end it was. */
#include "fault.h"
#include "ingest_fixture.h"
#include "meeting_fixture.h"
#include "unit.h"

#include <unistd.h>

#define HELD EXECUTING(FUTURE, "l1", "get_stats", "t")
#define MARK "progress/42/t.cancel"
#define AGAIN "pending/42/998-" CREATED "-get_stats-t.r1.json"

/* The try whose end was asked for comes to it, and somebody has the task queued
 * again. */
static enum error end_and_retry(void *context)
{
    struct meeting *meeting = context;
    if (!meeting_has(meeting, MARK))
        return ERROR_NOT_FOUND;
    enum error error = meeting_deliver(meeting);
    if (error == ERROR_NONE)
        error = meeting_retry(meeting);
    meeting->has_acted = error == ERROR_NONE;
    return error;
}

/* Who queues it again dies before the mark has been looked for. */
static enum error requeue_and_die(void *context)
{
    struct meeting *meeting = context;
    if (!meeting_has(meeting, MARK))
        return ERROR_NOT_FOUND;
    fixture_put(meeting->fixture, AGAIN, DROP("get_stats"));
    meeting->has_acted =
        unlinkat(meeting->fixture->spool.directory, HELD, 0) == 0;
    return ERROR_NONE;
}

static unsigned withdrawn; /* in how many meetings */

/* Where it was looked for before that, who comes next heeds the mark. */
static void expect_cancelled_or_asked(
    const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (*meeting->outcome == CANCEL_ASKED)
        assert_true(meeting_has(meeting, MARK));
    else
        meeting_expect_cancelled(meeting, error);
    withdrawn += meeting->has_acted && *meeting->outcome == CANCEL_DONE;
}

static void test_finished(void **state)
{
    enum cancel_outcome outcome;
    meeting_try(state, &(struct meeting){.what = "cancel",
                           .first = meeting_cancel,
                           .other = meeting_finish_and_retry,
                           .expect = meeting_expect_next_try,
                           .at = MEETING_WAITING,
                           .file = DROP("get_stats"),
                           .outcome = &outcome});
    assert_int_equal(outcome, CANCEL_DONE);
}

static void test_ends(void **state)
{
    enum cancel_outcome outcome;
    meeting_try(state, &(struct meeting){.what = "cancel of one that ends",
                           .first = meeting_cancel,
                           .other = end_and_retry,
                           .expect = meeting_expect_next_try,
                           .at = HELD,
                           .file = DROP("get_stats"),
                           .said = said_failure,
                           .lease = "l1",
                           .outcome = &outcome});
}

static void test_queued_again(void **state)
{
    enum cancel_outcome outcome;
    meeting_try(
        state, &(struct meeting){.what = "cancel of one that is queued again",
                   .first = meeting_cancel,
                   .other = requeue_and_die,
                   .expect = expect_cancelled_or_asked,
                   .at = HELD,
                   .file = DROP("get_stats"),
                   .outcome = &outcome});
    assert_true(withdrawn > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_finished),
        IN_SPOOL(test_ends),
        IN_SPOOL(test_queued_again),
    };
    return cmocka_run_group_tests_name("meeting_cancel", tests, NULL, NULL);
}
