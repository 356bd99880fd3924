/* SPDX-License-Identifier: MIT */
/* The steps of who comes second: to what a program has left that died, or is at
 * this moment. What is told once more is made safe before. */
#include "account.h"
#include "budget.h"
#include "buffer.h"
#include "cancel.h"
#include "clock.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "name.h"
#include "retry.h"
#include "summary.h"
#include "task.h"
#include "task_fixture.h"
#include "task_list.h"
#include "trace_fixture.h"
#include "unit.h"
#include "verdict.h"

#include <string.h>
#include <unistd.h>

#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define AGAIN "pending/42/998-" CREATED "-get_stats-t.r1.json"
#define DECLARED RECORD("failed", "\"declared\":\"timeout\",")
#define RECORD(status, more)                                                   \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"status\":\"" status "\"," more                            \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":1,"         \
    "\"priority\":1,\"timeout\":60}"

static const struct verdict unsent = {.error = "Aucun onglet Vinted ouvert",
    .error_length = 26,
    .execution_time_ms = -1};

static enum error deliver(
    const struct fixture *fixture, const struct verdict *verdict)
{
    struct config config = fixture_config();
    struct result_body body = {.verdict = *verdict};
    struct delivery delivery = {
        .account = UNDER(fixture, &config), .id = "t", .body = &body};
    return delivery_carry_out(&delivery);
}

/* Whoever routed a drop may have died before its fsync of pending/: with its
 * old name back it would be another task. */
static void test_claim_of_a_drop(void **state)
{
    fixture_put(*state, PENDING("a", "t"), "{\"user_id\":42,\"action\":\"a\"}");
    trace_begin(*state);
    fixture_claim(*state, "", "t");
    EXPECT_STEPS("list pending", "list executing/42", "list pending/42",
        "list executing/42",
        "rename pending/42/*-a-t.json executing/42/*-a-t.json",
        "touch executing/42/*-a-t.json", "look done/42/t",
        "fsync executing/42/*-a-t.json", "fsync executing/42",
        "fsync pending/42", "fsync pending");
}

#define CANCELLED                                                              \
    "fsync executing/42/*-cancel-*-a-t.json", "fsync executing/42",            \
        "fsync pending/42", "fsync pending", "make tmp/*", "fsync tmp/*",      \
        "link tmp/* tmp/42-t.verdict", "look done/42/t",                       \
        "look executing/42/*-cancel-*-a-t.json", "look progress/42/t.cancel",  \
        "look tmp/42-t.verdict",                                               \
        "link tmp/42-t.verdict done/42/t.failed.json", "look done/42/t",       \
        "fsync done/42", "remove executing/42/*-cancel-*-a-t.json",            \
        "look done/42/t", "look tmp/42-t.verdict", "remove tmp/42-t.verdict",  \
        "remove tmp/*"

static void cancel(const struct fixture *fixture, const char *path)
{
    enum cancel_outcome outcome;
    fixture_put(fixture, path, "{\"user_id\":42,\"action\":\"a\"}");
    trace_begin(fixture);
    assert_int_equal(cancel_task(&fixture->account, "t", &outcome), ERROR_NONE);
}

static void test_cancel_of_a_drop(void **state)
{
    cancel(*state, PENDING("a", "t"));
    EXPECT_STEPS("look done/42/t", "list executing/42", "list pending/42",
        "list executing/42", "look pending/42/*-a-t.json",
        "rename pending/42/*-a-t.json executing/42/*-cancel-*-a-t.json",
        CANCELLED);
}

/* That another has begun who has died. */
static void test_cancel_of_a_drop_again(void **state)
{
    cancel(*state, EXECUTING(PAST, "cancel", "a", "t"));
    EXPECT_STEPS("look done/42/t", "list executing/42", "look done/42/t",
        CANCELLED, "look done/42/t", "fsync done/42");
}

static void test_cancel_too_late(void **state)
{
    enum cancel_outcome outcome;
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("t"), RECORD("completed", ""));
    trace_begin(fixture);
    assert_int_equal(cancel_task(&fixture->account, "t", &outcome), ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "fsync done/42");
}

/* Who asked for its end before may have died before the mark was safe. */
static void test_cancel_again(void **state)
{
    enum cancel_outcome outcome;
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, "progress/42/t.cancel", "");
    trace_begin(fixture);
    assert_int_equal(cancel_task(&fixture->account, "t", &outcome), ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "list executing/42",
        "fsync progress/42/t.cancel", "fsync progress/42", "look done/42/t",
        "list executing/42", "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict");
}

/* The entry that a verdict has left. */
static void test_debris_claimed(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("t"), RECORD("completed", ""));
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
    trace_begin(fixture);
    fixture_claim(fixture, "", NULL);
    EXPECT_STEPS("list pending", "list executing/42", "list pending/42",
        "list executing/42",
        ("rename pending/42/*-get_stats-t.json "
         "executing/42/*-*-get_stats-t.json"),
        "touch executing/42/*-*-get_stats-t.json", "look done/42/t",
        "fsync done/42", "remove executing/42/*-*-get_stats-t.json");
}

static void test_put_off(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    trace_begin(*state);
    assert_int_equal(deliver(*state, &unsent), ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "list executing/42",
        "look progress/42/t.cancel",
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "make tmp/*",
        "rename tmp/* progress/42/t.failure",
        "make progress/42/*-get_stats-t.r1.leases",
        ("rename executing/42/*-l1-*-get_stats-t.json "
         "pending/42/*-get_stats-t.r1.json"),
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t",
        "fsync pending/42/*-get_stats-t.r1.json", "fsync pending/42",
        "fsync executing/42", "look progress/42/t.cancel");
}

static void test_put_off_again(void **state)
{
    fixture_put(*state, AGAIN, DROP("get_stats"));
    trace_begin(*state);
    assert_int_equal(deliver(*state, &unsent), ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "list executing/42", "list pending/42",
        "look progress/42/t.cancel",
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "fsync pending/42/*-get_stats-t.r1.json",
        "fsync pending/42", "fsync executing/42");
}

/* The plugin's own word comes after ours. */
/* Who has declared its end died before that was safe. */
static enum error end_and_die(void *context)
{
    const struct fixture *fixture = context;
    struct path queued = account_path(&fixture->account, SPOOL_PENDING,
        fixture_find(fixture, "pending/42", "-t.r1.json"));
    unlinkat(fixture->spool.directory, queued.text, 0);
    fixture_put(
        fixture, FAILED("t"), RECORD("failed", "\"declared\":\"cancelled\","));
    trace_begin(fixture);
    return ERROR_NONE;
}

static void test_put_off_and_ended(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    fault_meet(FAULT_NAMES, 7, end_and_die, *state);
    assert_int_equal(deliver(*state, &unsent), ERROR_NONE);
    assert_true(fault_clear());
    EXPECT_STEPS("cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t", "fsync done/42",
        "look done/42/t");
}

static void test_late_success(void **state)
{
    fixture_put(*state, FAILED("t"), DECLARED);
    trace_begin(*state);
    assert_int_equal(deliver(*state, &said_success), ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "make tmp/*", "fsync tmp/*",
        "link tmp/* tmp/42-t.verdict", "look done/42/t",
        "look progress/42/t.cancel", "link tmp/* ingest/42/*-t.json",
        "fsync ingest/42", "look tmp/42-t.verdict",
        "link tmp/42-t.verdict done/42/t.completed.json", "look done/42/t",
        "fsync done/42", "look done/42/t",
        "rename done/42/t.failed.json tmp/42-t.*", "look done/42/t",
        "remove tmp/42-t.*", "list executing/42", "list pending/42",
        "look done/42/t", "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/*");
}

/* Another has spoken, and died before it was done. */
static void test_second_word(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    fixture_put(*state, "tmp/42-t.verdict", RECORD("completed", ""));
    trace_begin(*state);
    assert_int_equal(deliver(*state, &said_success), ERROR_EXISTS);
    EXPECT_STEPS("look done/42/t", "list executing/42", "make tmp/*",
        "fsync tmp/*", "cannot link tmp/* tmp/42-t.verdict",
        "look tmp/42-t.verdict", "link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look done/42/t", "list executing/42", "look tmp/42-t.verdict.*",
        "look executing/42/*-t.json", "look done/42/t",
        "look progress/42/t.cancel",
        "link tmp/42-t.verdict.* ingest/42/*-t.json", "fsync ingest/42",
        "look tmp/42-t.verdict.*", "look tmp/42-t.verdict",
        "link tmp/42-t.verdict done/42/t.completed.json",
        "look tmp/42-t.verdict.*", "look done/42/t", "fsync done/42",
        "list executing/42", "look done/42/t",
        "remove executing/42/*-l1-*-get_stats-t.json", "list executing/42",
        "list pending/42", "look done/42/t", "look tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/42-t.verdict.*", "look done/42/t", "remove tmp/*",
        "look done/42/t");
}

/* A crash came after the link to done/. */
static void test_finished_half(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "tmp/42-t.verdict", RECORD("completed", ""));
    fixture_put(fixture, COMPLETED("t"), RECORD("completed", ""));
    trace_begin(fixture);
    assert_int_equal(verdict_finish_other(&fixture->account, "t"), ERROR_NONE);
    EXPECT_STEPS("link tmp/42-t.verdict tmp/42-t.verdict.*", "look done/42/t",
        "look tmp/42-t.verdict.*", "look done/42/t", "look tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "look tmp/42-t.verdict.*", "look done/42/t",
        "remove tmp/42-t.verdict.*");
}

static void test_retry_of_a_failure(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, FAILED("t"), DECLARED);
    trace_begin(fixture);
    assert_int_equal(retry_task(&fixture->account, "t", false), ERROR_NONE);
    EXPECT_STEPS("look done/42/t",
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t", "list executing/42",
        "list pending/42", "fsync executing/42", "fsync pending/42",
        "fsync done/42/t.failed.json",
        "rename done/42/t.failed.json pending/42/*-get_stats-t.json",
        "look pending/42/*-get_stats-t.json",
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t",
        "look pending/42/*-get_stats-t.json", "fsync pending/42",
        "fsync done/42");
}

/* Of two at once the second counts on what the first has told. */
static void test_budget_renewed(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct lease_name lease = {.lease = "receive1", .deadline = clock_now()};
    config.budget = (struct budget_rules){20, 300};
    trace_begin(fixture);
    assert_int_equal(budget_renew(UNDER(fixture, &config), &lease, 3), 17);
    EXPECT_STEPS("lock index/42.pace", "list pace/42",
        "make pace/42/*-0-0-receive1.open", "make pace/42/*-3-receive1.sent",
        "rename pace/42/*.open pace/42/*-0-3-receive1.open", "list pace/42",
        "rename pace/42/*.open pace/42/*-17-3-receive1.open", "list pace/42");
}

static void test_shown(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    const struct fixture *fixture = *state;
    struct task_list list = {.account = &fixture->account,
        .states = 1U << TASK_PENDING | 1U << TASK_EXECUTING,
        .limit = 10,
        .cursor = ""};
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    trace_begin(fixture);
    assert_int_equal(task_list_write(&list, &out), ERROR_NONE);
    buffer_free(&out);
    EXPECT_STEPS("list executing/42", "look done/42/t",
        "look progress/42/t.cancel", "list pending/42", "list executing/42");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_claim_of_a_drop),
        IN_SPOOL(test_cancel_of_a_drop),
        IN_SPOOL(test_cancel_of_a_drop_again),
        IN_SPOOL(test_cancel_too_late),
        IN_SPOOL(test_cancel_again),
        IN_SPOOL(test_debris_claimed),
        IN_SPOOL(test_put_off),
        IN_SPOOL(test_put_off_again),
        IN_SPOOL(test_put_off_and_ended),
        IN_SPOOL(test_late_success),
        IN_SPOOL(test_second_word),
        IN_SPOOL(test_finished_half),
        IN_SPOOL(test_retry_of_a_failure),
        IN_SPOOL(test_budget_renewed),
        IN_SPOOL(test_shown),
    };
    return cmocka_run_group_tests_name("steps_again", tests, NULL, NULL);
}
