/* SPDX-License-Identifier: MIT */
/* Two programs that deal with one task at one moment: whatever the first stands
 * before, the other takes its steps there. Whoever was told that its word was
 * taken is not told so for nothing, and no word is taken twice. */
#include "account.h"
#include "cancel.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "path.h"
#include "record.h"
#include "retry.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNNING EXECUTING(PAST, "l1", "get_stats", "t")
#define WAITING PENDING("get_stats", "t")
#define HELD EXECUTING(FUTURE, "l1", "get_stats", "t")
#define AGAIN "pending/42/998-" CREATED "-get_stats-t.r1.json"
#define VERDICT "tmp/42-t.verdict"
#define RECORD(status, more)                                                   \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"created_at\":\"2024-12-07T10:00:00.000000Z\","            \
    "\"status\":\"" status                                                     \
    "\",\"completed_at\":\"2024-12-07T10:01:00.000000Z\"" more "}"

#define TIMEOUT ",\"declared\":\"timeout\",\"attempts\":1"

struct meeting {
    const char *what;
    enum error (*first)(const struct meeting *meeting);
    enum error (*other)(void *context);
    void (*expect)(const struct meeting *meeting, enum error error);
    const char *at;      /* where the task lies */
    const char *file;    /* what lies there */
    struct verdict said; /* what is delivered, */
    const char *lease;   /* under which lease, "" for none */
    enum cancel_outcome *outcome;
    const struct fixture *fixture;
    unsigned left;  /* calls until the other comes; 0: it has come */
    bool has_acted; /* the other: it has found what it needs */
};

static const struct verdict unsent = {
    .error = "No tab is open", .error_length = 14, .execution_time_ms = -1};

static enum error deliver(const struct meeting *meeting)
{
    struct config config = fixture_config();
    struct result_body body = {.verdict = meeting->said, .lease = BUFFER_EMPTY};
    struct delivery delivery = {
        .account = UNDER(meeting->fixture, &config), .id = "t", .body = &body};
    buffer_append_text(&body.lease, meeting->lease);
    enum error error = delivery_carry_out(&delivery);
    buffer_free(&body.lease);
    return error;
}

static enum error cancel(const struct meeting *meeting)
{
    struct config config = fixture_config();
    return cancel_task(UNDER(meeting->fixture, &config), "t", meeting->outcome);
}

static enum error retry(const struct meeting *meeting)
{
    struct config config = fixture_config();
    return retry_task(UNDER(meeting->fixture, &config), "t", true);
}

static bool is_there(const struct meeting *meeting, const char *path)
{
    return file_exists(meeting->fixture->spool.directory, path);
}

/* The other meets the .verdict of the first and carries it out, and a third
 * queues the task again. */
static enum error finish_and_retry(void *context)
{
    struct meeting *meeting = context;
    struct config config = fixture_config();
    enum error error =
        verdict_finish_other(UNDER(meeting->fixture, &config), "t");
    if (error == ERROR_NONE)
        error = retry(meeting);
    meeting->has_acted = error == ERROR_NONE;
    return error;
}

/* The same, but another's word stands, and the .verdict has to give way. */
static enum error refuse_and_retry(void *context)
{
    struct meeting *meeting = context;
    if (!is_there(meeting, VERDICT) || is_there(meeting, COMPLETED("t")))
        return ERROR_NOT_FOUND;
    fixture_put(meeting->fixture, COMPLETED("t"),
        RECORD("completed", ",\"result\":{}"));
    return finish_and_retry(meeting);
}

/* The same, and by then another speaks, on the next try. If its .verdict is
 * taken for that of the first, it may go, but not to where it does not belong.
 */
static enum error finish_retry_and_speak(void *context)
{
    struct meeting *meeting = context;
    enum error error = finish_and_retry(meeting);
    if (error == ERROR_NONE)
        fixture_put(meeting->fixture, VERDICT,
            RECORD("failed", ",\"error\":\"theirs\""));
    return error;
}

/* Another's word stands, and somebody who was about to remove the name of his
 * own .verdict has removed that of the first. */
static enum error displace(void *context)
{
    struct meeting *meeting = context;
    const struct fixture *fixture = meeting->fixture;
    meeting->has_acted =
        is_there(meeting, VERDICT) && !is_there(meeting, COMPLETED("t"));
    if (!meeting->has_acted)
        return ERROR_NOT_FOUND;
    fixture_put(
        fixture, FAILED("t"), RECORD("failed", ",\"error\":\"theirs\""));
    file_remove(fixture->spool.directory, RUNNING);
    return file_remove(fixture->spool.directory, VERDICT);
}

static enum error cancel_it(void *context)
{
    enum cancel_outcome outcome;
    struct meeting *meeting = context;
    struct meeting other = {.fixture = meeting->fixture, .outcome = &outcome};
    enum error error = cancel(&other);
    meeting->has_acted = error == ERROR_NONE && outcome == CANCEL_DONE;
    return error;
}

/* Another queues the task, a plugin has it, and says that it failed: that has
 * its place, but not come to its end, when the first goes on. */
static enum error retry_and_begin_to_fail(void *context)
{
    struct meeting *meeting = context;
    const struct fixture *fixture = meeting->fixture;
    if (!is_there(meeting, FAILED("t")) || retry(meeting) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    meeting->has_acted = true;
    fixture_claim(fixture, "receive9", "t");
    fixture_put(fixture, VERDICT,
        RECORD("failed", ",\"attempts\":2,\"leases\":[\"receive9\"]"));
    return file_link(fixture->spool.directory, VERDICT, FAILED("t"));
}

/* The try whose end was asked for comes to it, and somebody has the task queued
 * again. */
static enum error end_and_retry(void *context)
{
    struct meeting *meeting = context;
    if (!is_there(meeting, "progress/42/t.cancel"))
        return ERROR_NOT_FOUND;
    enum error error = deliver(meeting);
    if (error == ERROR_NONE)
        error = retry(meeting);
    meeting->has_acted = error == ERROR_NONE;
    return error;
}

/* Who queues it again dies before the mark has been looked for. */
static enum error requeue_and_die(void *context)
{
    struct meeting *meeting = context;
    if (!is_there(meeting, "progress/42/t.cancel"))
        return ERROR_NOT_FOUND;
    fixture_put(meeting->fixture, AGAIN, DROP("get_stats"));
    meeting->has_acted =
        unlinkat(meeting->fixture->spool.directory, HELD, 0) == 0;
    return ERROR_NONE;
}

static enum error retry_and_cancel(void *context)
{
    enum error error = retry(context);
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
    return deliver(&other);
}

/* The next try has come to its end already. */
static enum error finish_retry_and_end(void *context)
{
    enum error error = finish_and_retry(context);
    return error == ERROR_NONE ? end_next_try(context) : error;
}

/* The other speaks, and has seen what it speaks about; it goes on when the
 * first has come to its end. */
static enum error begin(struct meeting *meeting, const char *record)
{
    meeting->has_acted = is_there(meeting, meeting->at);
    if (meeting->has_acted)
        fixture_put(meeting->fixture, VERDICT, record);
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

static enum task_state end(const struct meeting *meeting)
{
    struct task_place place;
    const struct account *account = &meeting->fixture->account;
    verdict_finish_other(account, "t");
    assert_int_equal(find_task(account, "t", &place), ERROR_NONE);
    return place.state;
}

/* What it said is told, or its next try is to come. */
static void expect_own_word(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (end(meeting) == TASK_FAILED)
        fixture_expect_member(
            meeting->fixture, FAILED("t"), "error", "\"No tab is open\"");
    else
        assert_int_equal(end(meeting), TASK_PENDING);
}

static void expect_next_try(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting->has_acted)
        assert_int_equal(end(meeting), TASK_PENDING);
    assert_int_equal(fixture_count(meeting->fixture, "tmp"), 0);
}

static void expect_waits(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(end(meeting), TASK_PENDING);
}

static void expect_next_end(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting->has_acted)
        assert_int_equal(end(meeting), TASK_FAILED);
}

/* That the first word was taken, before another, cannot be seen any more. */
static void expect_end_of_next(const struct meeting *meeting, enum error error)
{
    if (meeting->has_acted && error == ERROR_EXISTS)
        error = ERROR_NONE;
    expect_next_end(meeting, error);
}

static void expect_cancelled(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (!meeting->has_acted)
        return;
    assert_int_equal(end(meeting), TASK_FAILED);
    fixture_expect_member(
        meeting->fixture, FAILED("t"), "declared", "\"cancelled\"");
}

static unsigned withdrawn; /* in how many meetings */

/* Where it was looked for before that, who comes next heeds the mark. */
static void expect_cancelled_or_asked(
    const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (*meeting->outcome == CANCEL_ASKED)
        assert_true(is_there(meeting, "progress/42/t.cancel"));
    else
        expect_cancelled(meeting, error);
    withdrawn += meeting->has_acted && *meeting->outcome == CANCEL_DONE;
}

static void expect_kept(const struct meeting *meeting, enum error error)
{
    assert_int_not_equal(error, ERROR_NOT_FOUND);
    end(meeting);
}

static void expect_refusal(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, meeting->has_acted ? ERROR_CONFLICT : ERROR_NONE);
    assert_int_equal(
        end(meeting), meeting->has_acted ? TASK_PENDING : TASK_COMPLETED);
}

static void expect_displaced(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, meeting->has_acted ? ERROR_EXISTS : ERROR_NONE);
    assert_int_equal(
        end(meeting), meeting->has_acted ? TASK_FAILED : TASK_COMPLETED);
}

static void expect_theirs(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting->has_acted)
        assert_int_not_equal(end(meeting), TASK_COMPLETED);
}

static void come(void *context)
{
    struct meeting *meeting = context;
    if (meeting->left == 0)
        return;
    meeting->left--;
    if (meeting->left == 0)
        meeting->other(meeting);
}

/* Before the `which`-th call of this kind. Whether there is one. */
static bool meet_at(
    void **state, struct meeting *meeting, enum fault_call call, unsigned which)
{
    fixture_renew(*state);
    meeting->fixture = *state;
    meeting->has_acted = false;
    meeting->left = which;
    fixture_put(*state, meeting->at, meeting->file);
    print_message("# %s: kind %d, %u\n", meeting->what, (int)call, which);
    fault_set_meanwhile(call, come, meeting);
    enum error error = meeting->first(meeting);
    fault_set_meanwhile(call, NULL, NULL);
    meeting->expect(meeting, error);
    return meeting->left == 0;
}

/* At each moment of what the first does, but just before it changes a name:
 * nobody can be kept out between its last look and that. */
static void meet(void **state, struct meeting *meeting)
{
    static const enum fault_call calls[] = {
        FAULT_STATUS, FAULT_OPEN, FAULT_SYNC};
    bool has_acted = false;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        unsigned which = 1;
        while (meet_at(state, meeting, calls[i], which)) {
            has_acted = has_acted || meeting->has_acted;
            which++;
        }
    }
    assert_true(has_acted);
}

static void test_put_off(void **state)
{
    static const char *const leases[] = {"l1", ""};
    for (size_t i = 0; i < COUNT_OF(leases); i++)
        meet(state, &(struct meeting){.what = "put off, being settled",
                        .first = deliver,
                        .other = begin_to_settle,
                        .expect = expect_own_word,
                        .at = RUNNING,
                        .file = DROP("get_stats"),
                        .said = unsent,
                        .lease = leases[i]});
}

static void test_put_off_and_cancelled(void **state)
{
    meet(state, &(struct meeting){.what = "put off, and cancelled",
                    .first = deliver,
                    .other = cancel_it,
                    .expect = expect_cancelled,
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
    {"of one that waits", WAITING, DROP("get_stats"), ""},
    {"over a declared failure", FAILED("t"), RECORD("failed", TIMEOUT), "l1"},
};

static void test_taken(void **state)
{
    static const struct verdict *const said[] = {&said_success, &said_failure};
    for (size_t i = 0; i < COUNT_OF(taken_cases); i++) {
        for (size_t j = 0; j < COUNT_OF(said); j++)
            meet(state, &(struct meeting){.what = taken_cases[i].what,
                            .first = deliver,
                            .other = finish_and_retry,
                            .expect = expect_next_try,
                            .at = taken_cases[i].at,
                            .file = taken_cases[i].file,
                            .said = *said[j],
                            .lease = taken_cases[i].lease});
    }
}

static void test_taken_and_spoken(void **state)
{
    meet(state, &(struct meeting){.what = "another's .verdict",
                    .first = deliver,
                    .other = finish_retry_and_speak,
                    .expect = expect_theirs,
                    .at = RUNNING,
                    .file = DROP("get_stats"),
                    .said = said_success,
                    .lease = "l1"});
}

static void test_taken_and_ended(void **state)
{
    meet(state, &(struct meeting){.what = "taken, and the next try ended",
                    .first = deliver,
                    .other = finish_retry_and_end,
                    .expect = expect_end_of_next,
                    .at = RUNNING,
                    .file = DROP("get_stats"),
                    .said = said_success,
                    .lease = "l1"});
}

static void test_retried_and_ended(void **state)
{
    meet(state, &(struct meeting){.what = "retried, and the next try ended",
                    .first = retry,
                    .other = end_next_try,
                    .expect = expect_next_end,
                    .at = FAILED("t"),
                    .file = RECORD("failed", TIMEOUT)});
}

static void test_two_retries(void **state)
{
    meet(state, &(struct meeting){.what = "two retries, and a cancel",
                    .first = retry,
                    .other = retry_and_cancel,
                    .expect = expect_kept,
                    .at = COMPLETED("t"),
                    .file = RECORD("completed", ",\"attempts\":1")});
}

/* Who was told that a task waits again finds it so. */
static void test_retried_over_one_that_ends(void **state)
{
    meet(state, &(struct meeting){.what = "two retries, and a failure",
                    .first = retry,
                    .other = retry_and_begin_to_fail,
                    .expect = expect_waits,
                    .at = FAILED("t"),
                    .file = RECORD("failed", TIMEOUT)});
}

static void test_refused(void **state)
{
    meet(state, &(struct meeting){.what = "given way",
                    .first = deliver,
                    .other = refuse_and_retry,
                    .expect = expect_refusal,
                    .at = RUNNING,
                    .file = DROP("get_stats"),
                    .said = said_success,
                    .lease = "l1"});
}

static void test_displaced(void **state)
{
    meet(state, &(struct meeting){.what = "the .verdict removed",
                    .first = deliver,
                    .other = displace,
                    .expect = expect_displaced,
                    .at = RUNNING,
                    .file = DROP("get_stats"),
                    .said = said_success,
                    .lease = "l1"});
}

static void test_cancel(void **state)
{
    enum cancel_outcome outcome;
    meet(state, &(struct meeting){.what = "cancel",
                    .first = cancel,
                    .other = finish_and_retry,
                    .expect = expect_next_try,
                    .at = WAITING,
                    .file = DROP("get_stats"),
                    .outcome = &outcome});
    assert_int_equal(outcome, CANCEL_DONE);
    meet(state, &(struct meeting){.what = "cancel of one that ends",
                    .first = cancel,
                    .other = end_and_retry,
                    .expect = expect_next_try,
                    .at = HELD,
                    .file = DROP("get_stats"),
                    .said = said_failure,
                    .lease = "l1",
                    .outcome = &outcome});
    meet(state, &(struct meeting){.what = "cancel of one that is queued again",
                    .first = cancel,
                    .other = requeue_and_die,
                    .expect = expect_cancelled_or_asked,
                    .at = HELD,
                    .file = DROP("get_stats"),
                    .outcome = &outcome});
    assert_true(withdrawn > 0);
}

static void test_retry(void **state)
{
    meet(state, &(struct meeting){.what = "retry, and a late result",
                    .first = retry,
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
        IN_SPOOL(test_cancel),
        IN_SPOOL(test_retry),
    };
    return cmocka_run_group_tests_name("meeting", tests, NULL, NULL);
}
