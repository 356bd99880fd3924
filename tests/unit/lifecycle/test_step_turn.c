/* SPDX-License-Identifier: MIT */
/* Two programs at one task: one takes its whole turn before each call of the
 * other. What either has acknowledged stands. */
#include "turn_fixture.h"

/* A task is handed out to one of two. */
static void check_claims(const struct fixture *fixture, enum error error)
{
    bool ours = fixture_has_tree(fixture, "executing/42/*-receive1-*.json\n");
    assert_int_equal(error, ours ? ERROR_NONE : ERROR_NOT_FOUND);
    assert_int_equal(turn_other_error, ours ? ERROR_NOT_FOUND : ERROR_NONE);
}

static void test_claim(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "two claims",
             .prepare = turn_lay_waiting,
             .work = turn_claim,
             .check = check_claims},
            turn_other_claim, {TURN_TAKEN}},
        {{.name = "a claim and a cancel",
             .prepare = turn_lay_waiting,
             .work = turn_claim},
            turn_other_cancel, {TURN_MARKED, TURN_ENDED}},
        {{.name = "a claim and a late success",
             .prepare = turn_lay_back,
             .work = turn_claim},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a repeated claim and its success",
             .prepare = turn_lay_running,
             .work = turn_claim},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a repeated claim and a failure",
             .prepare = turn_lay_running,
             .work = turn_claim},
            turn_other_put_off, {TURN_QUEUED_AGAIN}},
        {{.name = "a repeated claim of what is overdue, and a deadline",
             .prepare = turn_lay_overdue,
             .work = turn_claim},
            turn_other_settle, {TURN_TAKEN, TURN_QUEUED_AGAIN}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

/* What was acknowledged stands. */
static void check_success(const struct fixture *fixture, enum error error)
{
    if (error == ERROR_NONE || error == ERROR_EXISTS)
        assert_true(fixture_has_tree(fixture, TURN_DONE));
}

static void test_success(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a success and its deadline",
             .prepare = turn_lay_overdue,
             .work = turn_succeed,
             .check = check_success},
            turn_other_settle, {TURN_DONE}},
        {{.name = "a success and a deadline that is its end",
             .prepare = turn_lay_once_overdue,
             .work = turn_succeed,
             .check = check_success},
            turn_other_settle, {TURN_DONE}},
        {{.name = "a success and a cancel",
             .prepare = turn_lay_running,
             .work = turn_succeed,
             .check = check_success},
            turn_other_cancel, {TURN_DONE}},
        {{.name = "a late success and a cancel",
             .prepare = turn_lay_back,
             .work = turn_succeed,
             .check = check_success},
            turn_other_cancel, {TURN_DONE}},
        {{.name = "a late success and a claim",
             .prepare = turn_lay_back,
             .work = turn_succeed,
             .check = check_success},
            turn_other_claim, {TURN_DONE, TURN_TAKEN}},
        {{.name = "two successes",
             .prepare = turn_lay_running,
             .work = turn_succeed,
             .check = check_success},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a success over a declared failure, and a retry",
             .prepare = turn_lay_declared,
             .work = turn_succeed},
            turn_other_retry, {TURN_DONE, TURN_QUEUED_AGAIN}},
        {{.name = "a success and a failure",
             .prepare = turn_lay_running,
             .work = turn_succeed},
            turn_other_put_off, {TURN_DONE}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

static void test_put_off(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a failure and its deadline",
             .prepare = turn_lay_overdue,
             .work = turn_put_off},
            turn_other_settle, {TURN_QUEUED_AGAIN}},
        {{.name = "a failure and a success",
             .prepare = turn_lay_running,
             .work = turn_put_off},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a failure and a cancel",
             .prepare = turn_lay_running,
             .work = turn_put_off},
            turn_other_cancel, {TURN_ENDED}},
        {{.name = "two failures",
             .prepare = turn_lay_running,
             .work = turn_put_off},
            turn_other_put_off, {TURN_QUEUED_AGAIN}},
        {{.name = "a failure and a claim",
             .prepare = turn_lay_back,
             .work = turn_put_off},
            turn_other_claim, {TURN_TAKEN, TURN_QUEUED_AGAIN}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

static void test_deadline(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a deadline and a success",
             .prepare = turn_lay_overdue,
             .work = turn_settle},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a deadline that is the end, and a success",
             .prepare = turn_lay_once_overdue,
             .work = turn_settle},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a deadline and a failure",
             .prepare = turn_lay_overdue,
             .work = turn_settle},
            turn_other_put_off, {TURN_QUEUED_AGAIN}},
        {{.name = "a deadline and a cancel",
             .prepare = turn_lay_overdue,
             .work = turn_settle},
            turn_other_cancel, {TURN_ENDED}},
        {{.name = "two at one deadline",
             .prepare = turn_lay_overdue,
             .work = turn_settle},
            turn_other_settle, {TURN_QUEUED_AGAIN}},
        {{.name = "two at a deadline that is the end",
             .prepare = turn_lay_once_overdue,
             .work = turn_settle},
            turn_other_settle, {TURN_ENDED}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

static void test_cancel(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a cancel and a claim",
             .prepare = turn_lay_waiting,
             .work = turn_cancel},
            turn_other_claim, {TURN_MARKED, TURN_ENDED}},
        {{.name = "a cancel and a success",
             .prepare = turn_lay_running,
             .work = turn_cancel},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a cancel and a failure",
             .prepare = turn_lay_running,
             .work = turn_cancel},
            turn_other_put_off, {TURN_ENDED}},
        {{.name = "a cancel and a deadline",
             .prepare = turn_lay_overdue,
             .work = turn_cancel},
            turn_other_settle, {TURN_ENDED}},
        {{.name = "a cancel of what is done, and a retry",
             .prepare = turn_lay_completed,
             .work = turn_cancel},
            turn_other_retry, {TURN_QUEUED_AGAIN, TURN_ENDED}},
        {{.name = "two cancels",
             .prepare = turn_lay_waiting,
             .work = turn_cancel},
            turn_other_cancel, {TURN_ENDED}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

static void test_retry(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a retry and a success",
             .prepare = turn_lay_declared,
             .work = turn_retry},
            turn_other_succeed, {TURN_DONE, TURN_QUEUED_AGAIN}},
        {{.name = "two retries",
             .prepare = turn_lay_completed,
             .work = turn_retry},
            turn_other_retry, {TURN_QUEUED_AGAIN}},
        {{.name = "a retry and a claim",
             .prepare = turn_lay_completed,
             .work = turn_retry},
            turn_other_claim, {TURN_TAKEN, TURN_QUEUED_AGAIN}},
        {{.name = "a retry and a cancel",
             .prepare = turn_lay_completed,
             .work = turn_retry},
            turn_other_cancel, {TURN_QUEUED_AGAIN, TURN_ENDED}},
        {{.name = "a retry, and a claim and a cancel of the next try",
             .prepare = turn_lay_completed,
             .work = turn_retry},
            turn_other_claim_and_cancel, {TURN_QUEUED_AGAIN, TURN_MARKED}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_claim),
        IN_SPOOL(test_success),
        IN_SPOOL(test_put_off),
        IN_SPOOL(test_deadline),
        IN_SPOOL(test_cancel),
        IN_SPOOL(test_retry),
    };
    return cmocka_run_group_tests_name("step_turn", tests, NULL, NULL);
}
