/* SPDX-License-Identifier: MIT */
/* Two programs at one task: what one has begun another finishes, as the sweeper
 * does with what a program that died has left. */
#include "turn_fixture.h"

/* What was acknowledged stands. */
static void check_success(const struct fixture *fixture, enum error error)
{
    if (error == ERROR_NONE || error == ERROR_EXISTS)
        assert_true(fixture_has_tree(fixture, TURN_DONE));
}

/* Somebody finishes what we say before we have done so. */
static void test_finished(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a success that is finished by another",
             .prepare = turn_lay_running,
             .work = turn_succeed,
             .check = check_success},
            turn_other_finish, {TURN_DONE}},
        {{.name = "a success that is finished, and retried",
             .prepare = turn_lay_running,
             .work = turn_succeed},
            turn_other_finish_and_retry, {TURN_DONE, TURN_QUEUED_AGAIN}},
        {{.name = "a success over a declared failure that is finished",
             .prepare = turn_lay_declared,
             .work = turn_succeed,
             .check = check_success},
            turn_other_finish, {TURN_DONE}},
        {{.name = "a success over a declared failure, and a retry of it",
             .prepare = turn_lay_declared,
             .work = turn_succeed},
            turn_other_finish_and_retry, {TURN_DONE, TURN_QUEUED_AGAIN}},
        {{.name = "a deadline that is finished by another",
             .prepare = turn_lay_once_overdue,
             .work = turn_settle},
            turn_other_finish, {TURN_ENDED}},
        {{.name = "a deadline that is finished, and retried",
             .prepare = turn_lay_once_overdue,
             .work = turn_settle},
            turn_other_finish_and_retry, {TURN_QUEUED_AGAIN, TURN_ENDED}},
        {{.name = "a cancel that is finished by another",
             .prepare = turn_lay_waiting,
             .work = turn_cancel},
            turn_other_finish_and_cancel, {TURN_ENDED}},
        {{.name = "a cancel of what a person removes",
             .prepare = turn_lay_running,
             .work = turn_cancel,
             .makes = true},
            turn_other_remove, {""}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

static void test_renewal(void **state)
{
    static const struct turn_pair pairs[] = {
        {{.name = "a renewal and a success",
             .prepare = turn_lay_running,
             .work = turn_renew},
            turn_other_succeed, {TURN_DONE}},
        {{.name = "a renewal and a failure",
             .prepare = turn_lay_running,
             .work = turn_renew},
            turn_other_put_off, {TURN_QUEUED_AGAIN}},
        {{.name = "a renewal and its deadline",
             .prepare = turn_lay_overdue,
             .work = turn_renew},
            turn_other_settle, {TURN_TAKEN, TURN_QUEUED_AGAIN}},
        {{.name = "a sweep, and a claim that is undone",
             .prepare = turn_lay_running,
             .work = turn_clear},
            turn_other_give_back, {TURN_QUEUED_AGAIN}},
        {{.name = "a sweep and a success",
             .prepare = turn_lay_running,
             .work = turn_clear},
            turn_other_succeed, {TURN_DONE}},
    };
    turn_each(state, pairs, COUNT_OF(pairs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_finished),
        IN_SPOOL(test_renewal),
    };
    return cmocka_run_group_tests_name("step_finish", tests, NULL, NULL);
}
