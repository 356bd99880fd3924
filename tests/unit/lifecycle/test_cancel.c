/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "cancel.h"
#include "cancel_mark.h"
#include "config.h"
#include "error.h"
#include "ingest_fixture.h"
#include "spool.h"
#include "task_fixture.h"
#include "unit.h"

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
    fixture_put(*state, COMPLETED("t"), "{\"status\":\"completed\"}");
    expect_outcome(*state, CANCEL_TOO_LATE);
    fixture_expect_tree(*state, COMPLETED("t") "\n");
}

static void test_unknown(void **state)
{
    enum cancel_outcome outcome;
    assert_int_equal(cancel(*state, &outcome), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, "");
}

/* What is no task is set aside, and is then no task of that ID. */
static void test_spoilt(void **state)
{
    enum cancel_outcome outcome;
    fixture_put(*state, PENDING("a", "t"), "no JSON");
    assert_int_equal(cancel(*state, &outcome), ERROR_NOT_FOUND);
    assert_int_equal(fixture_count(*state, "rejected"), 2);
    assert_int_equal(fixture_count(*state, "pending/42"), 0);
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
        IN_SPOOL(test_half_withdrawn),
        IN_SPOOL(test_finished),
        IN_SPOOL(test_unknown),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_mark),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
