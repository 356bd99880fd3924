/* SPDX-License-Identifier: MIT */
/* Where it cannot be told whether a task is done, nobody takes a step that must
 * not be taken on one that is. */
#include "account.h"
#include "buffer.h"
#include "cancel.h"
#include "claim.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "name.h"
#include "path.h"
#include "queue.h"
#include "requeue.h"
#include "task.h"
#include "task_fixture.h"
#include "task_list.h"
#include "unit.h"
#include "verdict.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define RUNNING EXECUTING(FUTURE, "receive1", "get_stats", "t")
#define OVERDUE EXECUTING(PAST, "receive1", "get_stats", "t")
#define WAITING PENDING("get_stats", "t")

/* Lays the task there, and a file where the folder of its records should be. */
static const struct fixture *lay(void **state, const char *path)
{
    fixture_put(*state, path, DROP("get_stats"));
    fixture_put(*state, "done/42", "no folder");
    return *state;
}

/* A record of which it cannot be read who declared the failure. */
static const struct fixture *lay_record(void **state)
{
    fixture_put(*state, FAILED("t") "/x", "a folder");
    return *state;
}

static void expect_stays(const struct fixture *fixture, const char *path)
{
    char tree[2 * NAME_LENGTH_MAX];
    snprintf(tree, sizeof tree, "done/42\n%s\n", path);
    fixture_expect_tree(fixture, tree);
}

static enum error poll(const struct fixture *fixture, const char *receive_id)
{
    struct claim claim;
    struct config config = fixture_config();
    enum error error = claim_next(UNDER(fixture, &config), receive_id, &claim);
    if (error == ERROR_NONE)
        task_free(&claim.task);
    return error;
}

/* It may be debris of a task that must not be handed out a second time. */
static void test_claim(void **state)
{
    const struct fixture *fixture = lay(state, WAITING);
    assert_int_equal(poll(fixture, ""), ERROR_SYSTEM);
    expect_stays(fixture, WAITING);
    assert_int_equal(poll(fixture, "receive1"), ERROR_SYSTEM);
    expect_stays(fixture, WAITING);
}

/* A deep queue's index knows of its return. */
static void test_claim_deep(void **state)
{
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, QUEUE_DEEP + 8);
    fixture_age(fixture, "pending/42", 100);
    fixture_put(fixture, "done/42", "no folder");
    for (int i = 0; i < 2; i++)
        assert_int_equal(poll(fixture, ""), ERROR_SYSTEM);
    assert_int_equal(fixture_count(fixture, "pending/42"), QUEUE_DEEP + 8);
    assert_int_equal(
        file_remove(fixture->spool.directory, "done/42"), ERROR_NONE);
    fixture_claim(fixture, "", "f0");
    fixture_claim(fixture, "", "f1");
}

static void test_receive_again(void **state)
{
    const struct fixture *fixture = lay(state, RUNNING);
    assert_int_equal(poll(fixture, "receive1"), ERROR_SYSTEM);
    expect_stays(fixture, RUNNING);
}

/* Nor is one whose time is up, and of which that cannot be recorded. */
static void test_receive_again_overdue(void **state)
{
    const struct fixture *fixture = lay(state, OVERDUE);
    assert_int_equal(poll(fixture, "receive1"), ERROR_SYSTEM);
    expect_stays(fixture, OVERDUE);
}

static void test_settle(void **state)
{
    struct lease_report report = {0};
    const struct fixture *fixture = lay(state, OVERDUE);
    assert_int_equal(lease_settle(&fixture->account, 10, &report), ERROR_NONE);
    assert_int_equal(report.left, 1);
    assert_int_equal(report.requeued + report.failed + report.cleared, 0);
    assert_true(fixture_logged(fixture, "stuck done/42: it is no folder"));
    expect_stays(fixture, OVERDUE);
}

static void test_clear(void **state)
{
    struct lease_report report = {0};
    const struct fixture *fixture = lay(state, RUNNING);
    fixture_put(fixture, WAITING, DROP("get_stats"));
    assert_int_equal(lease_clear(&fixture->account, &report), ERROR_NONE);
    assert_int_equal(report.cleared, 0);
    expect_stays(fixture, RUNNING "\n" WAITING);
}

/* The plugin is not told that it has lost the task, nor that it has it. */
static void test_renew(void **state)
{
    struct task_place place;
    const struct fixture *fixture = lay(state, RUNNING);
    assert_int_equal(
        find_executing(&fixture->account, "t", &place), ERROR_NONE);
    assert_int_equal(lease_renew(&fixture->account, &place, 1), ERROR_SYSTEM);
    expect_stays(fixture, RUNNING);
}

/* Nothing is acknowledged; a poll that meets it in the queue asks again. */
static void test_requeue(void **state)
{
    int64_t due;
    struct lease_name lease;
    struct path entry = {RUNNING};
    const struct fixture *fixture = lay(state, RUNNING);
    assert_int_equal(
        name_parse_executing(strrchr(RUNNING, '/') + 1, &lease), ERROR_NONE);
    assert_int_equal(
        requeue_later(&fixture->account, entry, &lease, &due), ERROR_SYSTEM);
    expect_stays(fixture, "pending/42/*-get_stats-t.r1.json\n"
                          "progress/42/*-get_stats-t.r1.leases");
}

static void test_cancel(void **state)
{
    enum cancel_outcome outcome;
    const struct fixture *fixture = lay(state, WAITING);
    assert_int_equal(
        cancel_task(&fixture->account, "t", &outcome), ERROR_SYSTEM);
    expect_stays(fixture, WAITING);
}

static enum error deliver(const struct fixture *fixture)
{
    struct result_body body = {.verdict = said_success};
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    return delivery_carry_out(&delivery);
}

static void test_deliver(void **state)
{
    const struct fixture *fixture = lay(state, RUNNING);
    assert_int_equal(deliver(fixture), ERROR_SYSTEM);
    expect_stays(fixture, RUNNING);
}

static void test_deliver_over_a_failure(void **state)
{
    const struct fixture *fixture = lay_record(state);
    assert_int_equal(deliver(fixture), ERROR_TYPE);
    fixture_expect_tree(fixture, FAILED("t") "/x\n");
}

/* Also where the speaker has found the task a moment before. */
static void test_give(void **state)
{
    struct task task;
    const struct fixture *fixture = lay_record(state);
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    struct path entry = fixture_load(fixture, RUNNING, &task);
    assert_int_equal(
        verdict_give(&fixture->account, &task, &entry, &said_success),
        ERROR_TYPE);
    task_free(&task);
    fixture_expect_tree(fixture, FAILED("t") "/x\n" RUNNING "\n");
}

/* What a crash left of a verdict waits for a better moment. */
static void test_finish(void **state)
{
    static const char verdict[] = "tmp/42-t.verdict";
    const struct fixture *fixture = lay(state, RUNNING);
    fixture_put(fixture, verdict,
        "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","
        "\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T10:00:00.000000Z\"}");
    assert_int_equal(
        verdict_finish_other(&fixture->account, "t"), ERROR_SYSTEM);
    expect_stays(fixture, RUNNING "\ntmp/42-t.verdict");
}

/* Whether the poll is still without a task when one call of its has failed.
 * False: that call was never made. */
static bool try_failure(void **state, enum fault_call call, unsigned which)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, EXECUTING(PAST, "receive1", "a", "t"), DROP("a"));
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "u"), DROP("a"));
    fault_set(call, which, EIO);
    enum error error = poll(fixture, "receive1");
    bool has_come = fault_clear();
    assert_int_not_equal(error, ERROR_NONE);
    fixture_renew(*state);
    return has_come;
}

/* Whatever it is that fails: what is overdue, or in somebody's hands besides,
 * is not handed out. */
static void test_any_failure(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_OPEN, FAULT_MEMORY, FAULT_STATUS, FAULT_READ};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        unsigned which = 1;
        while (try_failure(state, calls[i], which))
            which++;
        assert_true(which > 3);
    }
}

static void test_list(void **state)
{
    const struct fixture *fixture = lay(state, WAITING);
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {.account = &fixture->account,
        .states = 1U << TASK_PENDING,
        .limit = 1,
        .cursor = ""};
    assert_int_equal(task_list_write(&list, &out), ERROR_SYSTEM);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_claim),
        IN_SPOOL(test_claim_deep),
        IN_SPOOL(test_receive_again),
        IN_SPOOL(test_receive_again_overdue),
        IN_SPOOL(test_settle),
        IN_SPOOL(test_clear),
        IN_SPOOL(test_renew),
        IN_SPOOL(test_requeue),
        IN_SPOOL(test_cancel),
        IN_SPOOL(test_deliver),
        IN_SPOOL(test_deliver_over_a_failure),
        IN_SPOOL(test_give),
        IN_SPOOL(test_finish),
        IN_SPOOL(test_any_failure),
        IN_SPOOL(test_list),
    };
    return cmocka_run_group_tests_name("cannot_tell", tests, NULL, NULL);
}
