/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"
#include "withdraw.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum error withdraw(const struct fixture *fixture, const char *name)
{
    struct config config = fixture_config();
    return withdraw_pending(UNDER(fixture, &config), name, WITHDRAW_EXPIRED);
}

static void test_recorded_as_failed(void **state)
{
    fixture_put(*state, PENDING("a", "t"),
        "{\"action\":\"a\",\"params\":{\"k\":1},\"task_id\":\"t\"}");
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "declared", "\"expired\"");
    fixture_expect_member(*state, FAILED("t"), "params", "{\"k\":1}");
    fixture_expect_member(*state, FAILED("t"), "started_at", "null");
    fixture_expect_member(
        *state, FAILED("t"), "error", "\"expired: nobody fetched it in time\"");
}

static void test_cancelled(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    assert_int_equal(withdraw_pending(UNDER(fixture, &config), QUEUED("a", "t"),
                         WITHDRAW_CANCELLED),
        ERROR_NONE);
    fixture_expect_tree(fixture, FAILED("t") "\n");
    fixture_expect_member(fixture, FAILED("t"), "declared", "\"cancelled\"");
}

/* A requeued task had been fetched before: its record says since when. */
static void test_requeued(void **state)
{
    static const char *const name = "998-" CREATED "-get_stats-t.r1.json";
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    fixture_put(*state, path.text, DROP("get_stats"));
    assert_int_equal(withdraw(*state, name), ERROR_NONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    char *record = fixture_get(*state, FAILED("t"));
    assert_null(strstr(record, "\"started_at\": null"));
    assert_non_null(strstr(record, "expired: it came back from a plugin"));
    free(record);
}

static void test_cancelled_again(void **state)
{
    static const char *const name = "998-" CREATED "-get_stats-t.r1.json";
    const struct fixture *fixture = *state;
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    fixture_put(fixture, path.text, DROP("get_stats"));
    assert_int_equal(
        withdraw_pending(&fixture->account, name, WITHDRAW_CANCELLED),
        ERROR_NONE);
    char *record = fixture_get(fixture, FAILED("t"));
    assert_non_null(strstr(record, "after it had come back from a plugin"));
    free(record);
}

/* Who asked for the end of one that came back is told that it came. */
static void test_expired_with_a_mark(void **state)
{
    static const char *const name = "998-" CREATED "-get_stats-t.r1.json";
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    fixture_put(*state, path.text, DROP("get_stats"));
    fixture_put(*state, "progress/42/t.cancel", "");
    assert_int_equal(withdraw(*state, name), ERROR_NONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "declared", "\"cancelled\"");
}

static void test_fetched_meanwhile(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, EXECUTING(FUTURE, "l1", "a", "t") "\n");
}

/* A loss of power has left both names: the plugin that has the task keeps it.
 */
static void test_executing_besides(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NOT_FOUND);
    assert_int_equal(fixture_count(*state, "done/42"), 0);
    assert_int_equal(fixture_count(*state, "pending/42"), 0);
    fixture_expect(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_expect(*state, "rejected/" QUEUED("a", "t"), DROP("a"));
}

/* It has left the name of the try before, and that seems to have expired. */
static void test_put_off_since(void **state)
{
    static const char later[] =
        "pending/42/998-20990101T000000.000000Z-a-t.r1.json";
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    assert_int_equal(
        file_link(fixture->spool.directory, PENDING("a", "t"), later),
        ERROR_NONE);
    assert_int_equal(withdraw(fixture, QUEUED("a", "t")), ERROR_NOT_FOUND);
    assert_int_equal(fixture_count(fixture, "done/42"), 0);
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
    fixture_expect(fixture, later, DROP("a"));
}

static void test_cannot_be_rejected(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fault_set(FAULT_SYNC, 1, EIO);
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_IO);
    assert_true(fault_clear());
    fixture_expect(*state, PENDING("a", "t"), DROP("a"));
    fixture_expect(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
}

static enum error give_back(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(
        fixture->spool.directory, EXECUTING(FUTURE, "l1", "a", "t"));
}

/* Its pending name is the task itself, then. */
static void test_given_back_meanwhile(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fault_meet(FAULT_STATUS, 2, give_back, *state);
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, PENDING("a", "t") "\n");
}

/* Done already: what stands stays, and the entry goes. */
static void test_done_already(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fixture_put(*state, COMPLETED("t"), "the record");
    withdraw(*state, QUEUED("a", "t"));
    fixture_expect(*state, COMPLETED("t"), "the record");
    assert_int_equal(fixture_count(*state, "done/42"), 1);
    assert_int_equal(fixture_count(*state, "pending/42"), 0);
}

/* A word that is left would meet the next hand-out. */
static void test_verdict_that_stays(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fixture_put(*state, "tmp/42-t.verdict/no file", "");
    assert_int_not_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NONE);
    fixture_expect_tree(*state, "executing/42/*-expired-" QUEUED(
                                    "a", "t") "\n"
                                              "tmp/42-t.verdict/no file\n");
}

static const char *const bad_names[] = {
    "",
    "t.json",
    "../43/" QUEUED("a", "t"),
    QUEUED("a", "t") "~",
    PAST "-l1-" QUEUED("a", "t"),
};

static void test_names_that_are_no_tasks(void **state)
{
    fixture_put(*state, "pending/43/" QUEUED("a", "t"), DROP("a"));
    for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
        enum error error = withdraw(*state, bad_names[i]);
        if (error != ERROR_SYNTAX)
            fail_msg("%s: have error %d, want %d", bad_names[i], (int)error,
                (int)ERROR_SYNTAX);
    }
    fixture_expect_tree(*state, "pending/43/" QUEUED("a", "t") "\n");
}

/* After an error the task is pending as before. */
static void test_no_place_in_done(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fixture_put(*state, "done/42", "a file where a folder should be");
    assert_int_not_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NONE);
    fixture_expect_tree(*state, "done/42\n" PENDING("a", "t") "\n");
}

/* Left by a loss of power of a create that nobody was told of: it has no end.
 */
static void test_husk(void **state)
{
    fixture_put(*state, PENDING("a", "t"), "");
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_NOT_FOUND);
    assert_int_equal(fixture_count(*state, "rejected"), 2);
    assert_int_equal(fixture_count(*state, "done"), 0);
}

static void test_spoilt(void **state)
{
    fixture_put(*state, PENDING("a", "t"), "[]");
    assert_int_equal(withdraw(*state, QUEUED("a", "t")), ERROR_SYNTAX);
    fixture_expect_tree(*state, PENDING("a", "t") "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_recorded_as_failed),
        IN_SPOOL(test_cancelled),
        IN_SPOOL(test_requeued),
        IN_SPOOL(test_cancelled_again),
        IN_SPOOL(test_expired_with_a_mark),
        IN_SPOOL(test_fetched_meanwhile),
        IN_SPOOL(test_executing_besides),
        IN_SPOOL(test_put_off_since),
        IN_SPOOL(test_cannot_be_rejected),
        IN_SPOOL(test_given_back_meanwhile),
        IN_SPOOL(test_done_already),
        IN_SPOOL(test_names_that_are_no_tasks),
        IN_SPOOL(test_husk),
        IN_SPOOL(test_no_place_in_done),
        IN_SPOOL(test_verdict_that_stays),
        IN_SPOOL(test_spoilt),
    };
    return cmocka_run_group_tests_name("withdraw", tests, NULL, NULL);
}
