/* SPDX-License-Identifier: MIT */
/* What is in the way for good ends each attempt, and changes nothing. */
#include "cancel.h"
#include "claim.h"
#include "fault.h"
#include "lease.h"
#include "retry.h"
#include "task_fixture.h"
#include "task_list.h"
#include "verdict.h"

#include <errno.h>
#include <string.h>

#define WAITING PENDING("get_stats", "t")
#define OVERDUE EXECUTING(PAST, "receive1", "get_stats", "t")
#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define VERDICT "tmp/42-t.verdict"
#define RECORD                                                                 \
    "{\"user_id\":42,\"task_id\":\"t\",\"action\":\"get_stats\","              \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":\"completed\"," \
    "\"completed_at\":\"2024-12-07T10:00:00.000000Z\",\"result\":null}"

/* A word that nobody can carry out: nor may whoever were handed the task meet
 * it. */
static void test_cancel(void **state)
{
    enum cancel_outcome outcome;
    const struct fixture *fixture = *state;
    fixture_put(fixture, WAITING, DROP("get_stats"));
    fixture_put(fixture, VERDICT, "no record");
    assert_int_equal(cancel_task(&fixture->account, "t", &outcome), ERROR_BUSY);
    fixture_expect_tree(fixture,
        "executing/42/*-cancel-" QUEUED("get_stats", "t") "\n" VERDICT "\n");
}

/* Nor is it acknowledged then that the end of one in hand was asked for. */
static void test_cancel_in_hand(void **state)
{
    enum cancel_outcome outcome;
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, VERDICT, "no record");
    assert_int_equal(cancel_task(&fixture->account, "t", &outcome), ERROR_BUSY);
    fixture_expect_tree(
        fixture, RUNNING "\nprogress/42/t.cancel\n" VERDICT "\n");
}

/* An entry that nobody can remove: a folder in its place. What that met is
 * told, and where; also where it keeps a .verdict from going. */
static void test_retry(void **state)
{
    struct path left;
    const struct fixture *fixture = *state;
    fixture_put(fixture, OVERDUE "/x", "");
    fixture_put(fixture, COMPLETED("t"), RECORD);
    assert_false(retry_find_left(&fixture->account, "t", &left));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(retry_task(&fixture->account, "t", true), ERROR_TYPE);
        assert_true(retry_find_left(&fixture->account, "t", &left));
        assert_string_equal(left.text, OVERDUE);
        fixture_expect(fixture, COMPLETED("t"), RECORD);
        fixture_expect(fixture, OVERDUE "/x", "");
        fixture_put(fixture, VERDICT, RECORD);
    }
}

static void speak_again(void *context)
{
    fixture_put(context, VERDICT, RECORD);
}

/* A word that is there again each time that it was carried out. */
static void test_retry_of_what_is_spoken_on(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("t"), RECORD);
    fault_set_meanwhile(FAULT_STATUS, speak_again, *state);
    enum error error = retry_task(&fixture->account, "t", true);
    fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
    assert_int_equal(error, ERROR_BUSY);
    fixture_expect(fixture, COMPLETED("t"), RECORD);
    assert_int_equal(fixture_count(fixture, "pending"), 0);
}

/* A word is carried out whose entry stays so, and left for the sweeper, again
 * and again. */
static void test_verdict(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, OVERDUE "/x", "");
    fixture_put(fixture, VERDICT, RECORD);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            verdict_finish_other(&fixture->account, "t"), ERROR_BUSY);
        fixture_expect(fixture, COMPLETED("t"), RECORD);
        fixture_expect(fixture, VERDICT, RECORD);
    }
}

/* Names that are none of ours are nobody's lease. */
static void test_foreign_names(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    fixture_put(fixture, "executing/42/x", "");
    assert_int_equal(
        lease_settle_one(&fixture->account, "x", &report), ERROR_NONE);
    assert_int_equal(lease_settle(&fixture->account, 10, &report), ERROR_NONE);
    assert_int_equal(lease_clear(&fixture->account, &report), ERROR_NONE);
    assert_int_equal(report.requeued + report.failed + report.cleared, 0);
    fixture_expect_tree(fixture, "executing/42/x\n");
}

/* An empty folder that has not changed is not read again. */
static void test_nothing_executing(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    fixture_put(fixture, "executing/42/.x", "");
    fixture_age(fixture, "executing/42", 100);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            lease_settle(&fixture->account, 10, &report), ERROR_NONE);
    fixture_put(fixture, OVERDUE, DROP("get_stats"));
    assert_int_equal(lease_settle(&fixture->account, 10, &report), ERROR_NONE);
    assert_int_equal(report.requeued, 1);
}

/* What was overdue and could not be settled at first. */
static void test_received_late(void **state)
{
    const struct fixture *fixture = *state;
    struct claim claim;
    struct config config = fixture_config();
    fixture_put(fixture, OVERDUE, DROP("get_stats"));
    struct buffer pool = fault_take_pool();
    fault_set(FAULT_MEMORY, 1, ENOMEM);
    enum error error = claim_next(UNDER(fixture, &config), "receive1", &claim);
    assert_true(fault_clear());
    buffer_free(&pool);
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(claim.task.name.generation, 1);
    task_free(&claim.task);
}

static void test_cursors(void **state)
{
    static const char *const bad[] = {"", "x.a", "e", "e-a", "."};
    char longest[TASK_CURSOR_SIZE + 1];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(task_list_cursor_is_valid(bad[i]));
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "p.", 2);
    longest[sizeof longest - 1] = '\0';
    assert_false(task_list_cursor_is_valid(longest));
    longest[sizeof longest - 2] = '\0';
    assert_true(task_list_cursor_is_valid(longest));
}

/* A record of before 1970 is the last. */
static void test_old_record(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {.account = &fixture->account,
        .states = 1U << TASK_COMPLETED,
        .limit = 1,
        .cursor = ""};
    fixture_put(fixture, COMPLETED("old"), RECORD);
    fixture_put(fixture, COMPLETED("new"), RECORD);
    fixture_put(fixture, FAILED("other"), RECORD);
    fixture_age(fixture, COMPLETED("new"), 1000000000);
    fixture_age(fixture, COMPLETED("old"), 2000000000);
    assert_int_equal(task_list_write(&list, &out), ERROR_NONE);
    assert_non_null(strstr(buffer_text(&out), "\"new\""));
    assert_null(strstr(buffer_text(&out), "\"old\""));
    assert_null(strstr(buffer_text(&out), "\"other\""));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_cancel),
        IN_SPOOL(test_cancel_in_hand),
        IN_SPOOL(test_retry),
        IN_SPOOL(test_retry_of_what_is_spoken_on),
        IN_SPOOL(test_verdict),
        IN_SPOOL(test_foreign_names),
        IN_SPOOL(test_nothing_executing),
        IN_SPOOL(test_received_late),
        cmocka_unit_test(test_cursors),
        IN_SPOOL(test_old_record),
    };
    return cmocka_run_group_tests_name("no_end", tests, NULL, NULL);
}
