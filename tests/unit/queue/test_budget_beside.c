/* SPDX-License-Identifier: MIT */
/* What others count while a budget is granted, and calls that fail meanwhile.
 */
#include "account.h"
#include "budget.h"
#include "budget_fixture.h"
#include "budget_name.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Another's hand-out, for so many requests. */
struct other {
    const struct fixture *fixture;
    int count;
};

static enum error grant_other(void *context)
{
    const struct other *other = context;
    struct budget_entry entry =
        budget_entry_open("b", clock_now(), other->count, 0);
    char path[128];
    snprintf(path, sizeof path, "pace/42/%s", budget_name_format(&entry).text);
    fixture_put(other->fixture, path, "");
    return ERROR_NONE;
}

/* What is granted where another is granted so many after we have looked, and
 * before our name is there. */
static int grant_beside(const struct account *account,
    const struct fixture *fixture, int count, int most)
{
    struct other other = {fixture, count};
    fault_meet(FAULT_OPEN, 2, grant_other, &other);
    int granted = budget_try(account, "a", most);
    assert_true(fault_clear());
    return granted;
}

/* It is taken off, without any lock: whoever looks last has seen both. */
static void test_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    assert_int_equal(grant_beside(account, fixture, 15, 0), 5);
    fixture_expect_tree(fixture, "pace/42/*Z-15-0-b.open\n"
                                 "pace/42/*Z-5-0-a.open\n");
    fixture_renew(fixture);
    assert_int_equal(grant_beside(account, fixture, 20, 0), -1);
    fixture_expect_tree(fixture, "pace/42/*Z-20-0-b.open\n");
    fixture_renew(fixture);
    assert_int_equal(grant_beside(account, fixture, 99, 0), -1);
    fixture_renew(fixture);
    assert_int_equal(grant_beside(account, fixture, 12, 8), 8);
    fixture_renew(fixture);
    assert_int_equal(grant_beside(account, fixture, 13, 8), -1);
}

/* A plugin that goes on loses what others were granted, down to nothing. */
static void test_renewed_at_once(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    struct other other = {fixture, 15};
    assert_int_equal(budget_try(account, "a", 0), 20);
    grant_other(&other);
    assert_int_equal(budget_tell(account, "a", 0), 5);
    assert_int_equal(budget_left(account), 0);
    other.count = 25;
    fault_meet(FAULT_OPEN, 4, grant_other, &other); /* behind our own look */
    assert_int_equal(budget_tell(account, "a", 0), 0);
    assert_true(fault_clear());
    fixture_expect_tree(fixture, "pace/42/*Z-15-0-b.open\n"
                                 "pace/42/*Z-25-0-b.open\n"
                                 "pace/42/*Z-0-0-a.open\n");
}

/* The same hand-out again is one. */
static void test_granted_again(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    struct lease_name name = budget_lease("a");
    int granted = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(budget_grant(account, &name, 3, &granted), ERROR_NONE);
        assert_int_equal(granted, 3);
        assert_int_equal(budget_left(account), 17);
    }
}

/* Hand-outs that a client has named alike: the last is meant, in whichever
 * order a folder tells them. */
static void test_named_alike(void **state)
{
    static const int seconds[] = {100, 200, 0};
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    for (int i = 0; i < 3; i++) {
        clock_fixture_set(seconds[i]);
        budget_try(account, "a", 2 + i);
    }
    clock_fixture_set(200);
    budget_settle(account, "a", 1);
    fixture_expect_tree(fixture, "pace/42/*Z-4-0-a.open\n"
                                 "pace/42/*Z-2-0-a.open\n"
                                 "pace/42/*Z-1-a.sent\n");
    clock_fixture_set(0);
}

struct work {
    const struct account *account;
    struct lease_name lease;
};

static enum error grant_one(void *context)
{
    const struct work *work = context;
    int granted;
    return budget_grant(work->account, &work->lease, 1, &granted);
}

static void test_each_fails(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    struct work work = {UNDER(fixture, &config), budget_lease("a")};
    fault_each("granting", grant_one, &work);
    fixture_expect_tree(fixture, "pace/42/*Z-1-0-a.open\n");
}

/* Nothing is granted where it cannot be counted, or others cannot be seen. */
static void test_not_granted(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    struct lease_name name = budget_lease("a");
    struct budget budget;
    int granted;
    fault_set(FAULT_NAMES, 1, EIO); /* making pace/42/ */
    assert_int_equal(budget_grant(account, &name, 0, &granted), ERROR_IO);
    assert_true(fault_clear());
    fixture_expect_tree(fixture, "");
    budget_try(account, "b", 1);
    fault_set(FAULT_OPEN, 1, EIO);
    assert_int_equal(budget_look(account, 1, &budget), ERROR_IO);
    assert_true(fault_clear());
    assert_int_equal(budget.left, 0);
    fault_set(FAULT_OPEN, 3, EIO); /* the look after it was counted */
    assert_int_equal(budget_grant(account, &name, 0, &granted), ERROR_IO);
    assert_true(fault_clear());
    fixture_expect_tree(fixture, "pace/42/*Z-1-0-b.open\n");
}

/* What a plugin tells is rather counted twice than not, and it is granted no
 * more then. */
static void test_told_not_counted(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    struct lease_name name = budget_lease("a");
    budget_try(account, "a", 12);
    fault_set_lasting(FAULT_NAMES, 1, EIO);
    assert_int_equal(budget_tell(account, "a", 4), 0);
    assert_true(fault_clear());
    fixture_expect_tree(fixture, "pace/42/*Z-4-a.sent\n"
                                 "pace/42/*Z-12-0-a.open\n");
    fault_set(FAULT_OPEN, 1, EIO);
    budget_take_back(account, &name);
    assert_true(fault_clear());
    assert_int_equal(budget_left(account), 4);
    fault_set(FAULT_OPEN, 1, EIO);
    budget_settle(account, "a", 4);
    assert_true(fault_clear());
    assert_int_equal(budget_left(account), 0);
}

/* Its name would have to be read to grant anew. */
static void test_renewed_unseen(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    budget_try(account, "a", 12);
    fault_set(FAULT_OPEN, 3, EIO);
    assert_int_equal(budget_tell(account, "a", 0), 0);
    assert_true(fault_clear());
    assert_int_equal(budget_tell(account, "a", 0), 20);
}

/* What could not be removed, or seen, is not told of as removed. */
static void test_not_cleared(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    fixture_put(fixture, "pace/42/" CREATED "-3-a1.sent", "");
    fault_set(FAULT_OPEN, 1, EIO);
    assert_int_equal(budget_clear(account, false), 0);
    assert_true(fault_clear());
    fault_set(FAULT_NAMES, 1, EIO);
    assert_int_equal(budget_clear(account, false), 0);
    assert_true(fault_clear());
    assert_int_equal(budget_clear(account, false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_at_once),
        IN_SPOOL(test_renewed_at_once),
        IN_SPOOL(test_granted_again),
        IN_SPOOL(test_named_alike),
        IN_SPOOL(test_each_fails),
        IN_SPOOL(test_not_granted),
        IN_SPOOL(test_told_not_counted),
        IN_SPOOL(test_renewed_unseen),
        IN_SPOOL(test_not_cleared),
    };
    return cmocka_run_group_tests_name("budget_beside", tests, NULL, NULL);
}
