/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "cancel.h"
#include "cancel_mark.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "retry.h"
#include "spool.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#define MARK "progress/42/t.cancel"
#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")

static enum error cancel(
    const struct fixture *fixture, enum cancel_outcome *outcome)
{
    struct config config = fixture_config();
    return cancel_task(UNDER(fixture, &config), "t", outcome);
}

static void expect_outcome(
    const struct fixture *fixture, enum cancel_outcome want)
{
    enum cancel_outcome have;
    assert_int_equal(cancel(fixture, &have), ERROR_NONE);
    assert_int_equal(have, want);
}

static void test_pending(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    for (int i = 0; i < 2; i++)
        expect_outcome(*state, CANCEL_DONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "declared", "\"cancelled\"");
    fixture_expect_member(*state, FAILED("t"), "started_at", "null");
}

static void test_executing(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    for (int i = 0; i < 2; i++)
        expect_outcome(*state, CANCEL_ASKED);
    fixture_expect_tree(*state, RUNNING "\n" MARK "\n");
}

/* Repeatable, it would come again; so it is settled first. */
static void test_overdue(void **state)
{
    fixture_put(
        *state, EXECUTING(PAST, "l1", "get_stats", "t"), DROP("get_stats"));
    expect_outcome(*state, CANCEL_DONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
}

static void test_overdue_unrepeatable(void **state)
{
    fixture_put(*state, EXECUTING(PAST, "l1", "a", "t"), DROP("a"));
    expect_outcome(*state, CANCEL_TOO_LATE);
    fixture_expect_member(*state, FAILED("t"), "declared", "\"timeout\"");
}

/* Whoever found it so died, and then the clock was set back: what it has left
 * says nothing of a cancel, so that none may be acknowledged. */
static void test_overdue_before(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    fixture_put(*state, "tmp/42-t.verdict",
        "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","
        "\"params\":{},\"created_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"status\":\"failed\",\"declared\":\"timeout\","
        "\"completed_at\":\"2024-12-07T10:01:00.000000Z\"}");
    expect_outcome(*state, CANCEL_TOO_LATE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "declared", "\"timeout\"");
}

/* As a cancel that died between its two steps has left it. */
static void test_half_withdrawn(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "cancel", "a", "t"), DROP("a"));
    expect_outcome(*state, CANCEL_DONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "declared", "\"cancelled\"");
}

static void test_finished(void **state)
{
    fixture_put(
        *state, COMPLETED("t"), "{\"task_id\":\"t\",\"status\":\"completed\"}");
    expect_outcome(*state, CANCEL_TOO_LATE);
    fixture_expect_tree(*state, COMPLETED("t") "\n");
}

static void test_unknown(void **state)
{
    enum cancel_outcome outcome;
    assert_int_equal(cancel(*state, &outcome), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, "");
}

/* What is no task stays where it is: an error changes nothing. */
static void test_spoilt(void **state)
{
    enum cancel_outcome outcome;
    fixture_put(*state, PENDING("a", "t"), "[]");
    assert_int_equal(cancel(*state, &outcome), ERROR_SYNTAX);
    fixture_expect_tree(*state, PENDING("a", "t") "\n");
}

struct other {
    const struct fixture *fixture;
    bool has_come;
    bool met_mark;
    bool met_end; /* which we have declared */
};

/* The plugin's failure comes, and somebody queues the task again. */
static enum error fail_and_retry(void *context)
{
    struct other *other = context;
    const struct fixture *fixture = other->fixture;
    struct config config = fixture_config();
    struct result_body body = {
        .verdict = {.error = "no", .error_length = 2, .execution_time_ms = -1}};
    struct delivery delivery = {
        .account = UNDER(fixture, &config), .id = "t", .body = &body};
    other->has_come = true;
    other->met_mark = file_exists(fixture->spool.directory, MARK);
    enum error error = delivery_carry_out(&delivery);
    return error == ERROR_NONE ? retry_task(delivery.account, "t", true)
                               : error;
}

/* The end of one try was asked for: the next is not cancelled for that. */
static void test_retried_meanwhile(void **state)
{
    bool met_mark = false;
    struct other other = {.has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        enum cancel_outcome outcome;
        struct task_place place;
        fixture_renew(*state);
        other = (struct other){.fixture = *state};
        fixture_put(*state, RUNNING, DROP("get_stats"));
        fault_meet(FAULT_ALL, which, fail_and_retry, &other);
        enum error error = cancel(*state, &outcome);
        fault_clear();
        print_message("# call %u: %d, %d\n", which, (int)error, (int)outcome);
        met_mark |= other.met_mark;
        assert_int_equal(error, ERROR_NONE);
        assert_int_equal(
            find_task(&other.fixture->account, "t", &place), ERROR_NONE);
        if (other.met_mark)
            assert_int_equal(place.state, TASK_PENDING);
    }
    assert_true(met_mark);
}

static unsigned unsafe; /* which fsync then fails; 0: none */

/* A result of no lease, on a task that waits. */
static enum error succeed(void *context)
{
    struct other *other = context;
    struct result_body body = {.verdict = {.completed = true,
                                   .result = "{}",
                                   .result_length = 2,
                                   .execution_time_ms = -1}};
    struct delivery delivery = {
        .account = &other->fixture->account, .id = "t", .body = &body};
    other->has_come = true;
    other->met_end = file_exists(other->fixture->spool.directory, FAILED("t"));
    enum error error = delivery_carry_out(&delivery);
    if (unsafe > 0)
        fault_set(FAULT_SYNC, unsafe, EIO);
    return error;
}

/* Whether the other came. Who is told that it is too late finds the success. */
static bool cancel_beside(void **state, unsigned which)
{
    enum cancel_outcome outcome;
    fixture_renew(*state);
    struct other other = {.fixture = *state};
    fixture_put(*state, PENDING("get_stats", "t"), DROP("get_stats"));
    fault_meet(FAULT_ALL, which, succeed, &other);
    enum error error = cancel(*state, &outcome);
    fault_clear();
    bool is_done = file_exists(other.fixture->spool.directory, COMPLETED("t"));
    print_message("# call %u, and %u: %d\n", which, unsafe, (int)error);
    assert_true(error == ERROR_NONE || unsafe > 0);
    if (error == ERROR_NONE && !other.met_end)
        assert_int_equal(outcome == CANCEL_TOO_LATE, is_done);
    return other.has_come;
}

static void test_finished_meanwhile(void **state)
{
    for (unsafe = 0; unsafe < 6; unsafe++) {
        unsigned which = 1;
        while (cancel_beside(state, which))
            which++;
    }
}

static enum error remove_folder(void *context)
{
    const struct fixture *fixture = context;
    return unlinkat(fixture->spool.directory, "progress/42", AT_REMOVEDIR) == 0
               ? ERROR_NONE
               : ERROR_IO;
}

/* A person tidies up between two steps of ours: the mark is made all the same.
 */
static void test_folder_removed_meanwhile(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    assert_int_equal(account_make_folder(
                         &((struct fixture *)*state)->account, SPOOL_PROGRESS),
        ERROR_NONE);
    for (unsigned which = 1; which < 20; which++) {
        fault_meet(FAULT_OPEN, which, remove_folder, *state);
        expect_outcome(*state, CANCEL_ASKED);
        fault_clear();
        fixture_expect_tree(*state, RUNNING "\n" MARK "\n");
        file_remove(((struct fixture *)*state)->spool.directory, MARK);
    }
}

static void test_mark(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(cancel_mark_look(&fixture->account, "t"), ERROR_NOT_FOUND);
    assert_int_equal(cancel_mark_remove(&fixture->account, "t"), ERROR_NONE);
    for (int i = 0; i < 2; i++)
        assert_int_equal(cancel_mark_make(&fixture->account, "t"), ERROR_NONE);
    assert_int_equal(cancel_mark_look(&fixture->account, "t"), ERROR_NONE);
    assert_int_equal(cancel_mark_look(&fixture->other, "t"), ERROR_NOT_FOUND);
    assert_int_equal(
        cancel_mark_look(&fixture->account, "t2"), ERROR_NOT_FOUND);
    fixture_expect_tree(fixture, MARK "\n");
    assert_int_equal(cancel_mark_remove(&fixture->account, "t"), ERROR_NONE);
    fixture_expect_tree(fixture, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_pending),
        IN_SPOOL(test_executing),
        IN_SPOOL(test_overdue),
        IN_SPOOL(test_overdue_unrepeatable),
        IN_SPOOL(test_overdue_before),
        IN_SPOOL(test_half_withdrawn),
        IN_SPOOL(test_finished),
        IN_SPOOL(test_unknown),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_retried_meanwhile),
        IN_SPOOL(test_finished_meanwhile),
        IN_SPOOL(test_folder_removed_meanwhile),
        IN_SPOOL(test_mark),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
