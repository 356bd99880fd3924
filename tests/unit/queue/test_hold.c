/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "fault.h"
#include "file.h"
#include "hold.h"
#include "safety.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char name[] = "tmp/42-t.hold";

static enum error take(const struct fixture *fixture, struct hold *hold)
{
    return hold_take(&fixture->account, "t", false, hold);
}

static void test_hold(void **state)
{
    const struct fixture *fixture = *state;
    const struct spool *spool = &fixture->spool;
    struct hold first;
    struct hold other;
    unlinkat(spool->directory, "tmp", AT_REMOVEDIR);
    assert_int_equal(take(fixture, &first), ERROR_NONE);
    assert_int_equal(take(fixture, &other), ERROR_BUSY);
    assert_int_equal(hold_take(&fixture->other, "t", true, &other), ERROR_NONE);
    hold_release(spool, &other);
    assert_int_equal(
        hold_take(&fixture->account, "u", true, &other), ERROR_NONE);
    hold_release(spool, &other);
    hold_release(spool, &first);
    assert_int_equal(
        hold_take(&fixture->account, "t", true, &first), ERROR_NONE);
    hold_release(spool, &first);
    fixture_expect_tree(fixture, "");
}

/* Its maker was killed. */
static void test_left_hold(void **state)
{
    static const struct {
        int age;
        enum error error;
    } rows[] = {
        {0, ERROR_BUSY},
        {HOLD_AGE - 10, ERROR_BUSY},
        {HOLD_AGE + 10, ERROR_NONE},
        {TEMPORARY_AGE - HOLD_AGE - 10, ERROR_NONE},
        /* The sweeper may be about to remove it. */
        {TEMPORARY_AGE - HOLD_AGE + 10, ERROR_BUSY},
        {-3600, ERROR_BUSY},
    };
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hold hold;
        struct hold other;
        fixture_put(fixture, name, "");
        fixture_age(fixture, name, rows[i].age);
        assert_int_equal(take(fixture, &hold), rows[i].error);
        if (rows[i].error != ERROR_NONE)
            continue;
        /* It is as good as a new one. */
        assert_int_equal(take(fixture, &other), ERROR_BUSY);
        hold_release(&fixture->spool, &hold);
        fixture_expect_tree(fixture, "");
    }
}

/* Whether another program gets the ID at this moment. */
static bool is_free(const struct fixture *fixture)
{
    struct hold hold;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit((int)take(fixture, &hold));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(
        WEXITSTATUS(status) == ERROR_NONE || WEXITSTATUS(status) == ERROR_BUSY);
    return WEXITSTATUS(status) == ERROR_NONE;
}

/* Its maker lives, though it is slow; and so does who has taken it over. */
static void test_held_long(void **state)
{
    const struct fixture *fixture = *state;
    struct hold hold;
    for (int taken_over = 0; taken_over <= 1; taken_over++) {
        if (taken_over) {
            fixture_put(fixture, name, "");
            fixture_age(fixture, name, HOLD_AGE + 10);
        }
        assert_int_equal(take(fixture, &hold), ERROR_NONE);
        fixture_age(fixture, name, HOLD_AGE + 10);
        assert_false(is_free(fixture));
        hold_release(&fixture->spool, &hold);
        assert_true(is_free(fixture));
        unlinkat(fixture->spool.directory, name, 0);
    }
}

/* Its maker gives it back, or it is made anew, between the look at it and the
 * lock: what is locked is no hold any more. */
static void give_back(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, name, 0);
    fixture_put(fixture, name, "");
}

static void test_given_back_meanwhile(void **state)
{
    struct fixture *fixture = *state;
    struct hold hold;
    fixture_put(fixture, name, "");
    fixture_age(fixture, name, HOLD_AGE + 10);
    fault_set_meanwhile(FAULT_LOCK, give_back, fixture);
    assert_int_equal(take(fixture, &hold), ERROR_BUSY);
    fault_set_meanwhile(FAULT_LOCK, NULL, NULL);
    fixture_expect_tree(fixture, "tmp/42-t.hold\n");
}

/* Without locks a new hold is as good, but none tells that its maker died. */
static void test_no_locks(void **state)
{
    static const int errors[] = {ENOLCK, EACCES, EAGAIN};
    const struct fixture *fixture = *state;
    struct hold hold;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        fault_set(FAULT_LOCK, 1, errors[i]);
        assert_int_equal(take(fixture, &hold), ERROR_NONE);
        assert_true(fault_clear());
        hold_release(&fixture->spool, &hold);
    }
    fixture_put(fixture, name, "");
    fixture_age(fixture, name, HOLD_AGE + 10);
    fault_set(FAULT_LOCK, 1, ENOLCK);
    assert_int_equal(take(fixture, &hold), ERROR_BUSY);
    assert_true(fault_clear());
}

/* A folder in its place, or what cannot be looked at or be made young again: it
 * stays another's. */
static void test_cannot_be_taken_over(void **state)
{
    static const struct {
        enum fault_call call;
        unsigned which; /* the first look is at the folder */
    } rows[] = {{FAULT_OPEN, 2}, {FAULT_STATUS, 2}, {FAULT_STATUS, 3},
        {FAULT_TIMES, 1}};
    const struct fixture *fixture = *state;
    struct hold hold;
    fixture_put(fixture, name, "");
    fixture_age(fixture, name, HOLD_AGE + 10);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int before = fault_lowest_free();
        fault_set(rows[i].call, rows[i].which, EIO);
        assert_int_equal(take(fixture, &hold), ERROR_BUSY);
        assert_true(fault_clear());
        assert_int_equal(fault_lowest_free(), before);
    }
    assert_int_equal(take(fixture, &hold), ERROR_NONE);
    hold_release(&fixture->spool, &hold);
    fixture_put(fixture, "tmp/42-t.hold/x", "");
    assert_int_equal(take(fixture, &hold), ERROR_BUSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_hold),
        IN_SPOOL(test_left_hold),
        IN_SPOOL(test_held_long),
        IN_SPOOL(test_given_back_meanwhile),
        IN_SPOOL(test_no_locks),
        IN_SPOOL(test_cannot_be_taken_over),
    };
    return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
