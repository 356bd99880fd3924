/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "error.h"
#include "find.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>

#define ENTRY EXECUTING(PAST, "l1", "get_stats", "t")

static struct task_place find(const struct fixture *fixture)
{
    struct task_place place;
    assert_int_equal(
        find_executing(&fixture->account, "t", &place), ERROR_NONE);
    return place;
}

static void test_renewed(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, ENTRY, DROP("get_stats"));
    struct task_place place = find(fixture);
    int64_t before = clock_now();
    assert_int_equal(lease_renew(&fixture->account, &place, 60), ERROR_NONE);
    assert_true(place.lease.deadline >= before + (60 * clock_second));
    assert_true(place.lease.deadline <= clock_now() + (60 * clock_second));
    assert_string_equal(find(fixture).path.text, place.path.text);
}

static void test_never_earlier(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    struct task_place place = find(fixture);
    assert_int_equal(lease_renew(&fixture->account, &place, 60), ERROR_NONE);
    fixture_expect_tree(fixture, EXECUTING(FUTURE, "l1", "a", "t") "\n");
}

static void test_moved_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, ENTRY, DROP("get_stats"));
    struct task_place place = find(fixture);
    struct task_place other = place;
    assert_int_equal(lease_renew(&fixture->account, &other, 60), ERROR_NONE);
    assert_int_equal(
        lease_renew(&fixture->account, &place, 60), ERROR_NOT_FOUND);
    assert_int_equal(fixture_count(fixture, "executing/42"), 1);
}

/* A verdict that came while we moved the entry: it is cleared. */
static void test_done_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, ENTRY, DROP("get_stats"));
    fixture_put(fixture, COMPLETED("t"), "the record");
    struct task_place place = find(fixture);
    assert_int_equal(
        lease_renew(&fixture->account, &place, 60), ERROR_CONFLICT);
    fixture_expect_tree(fixture, COMPLETED("t") "\n");
}

static void test_being_withdrawn(void **state)
{
    static const char *const words[] = {"cancel", "expired"};
    const struct fixture *fixture = *state;
    struct task_place place = {.state = TASK_EXECUTING};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        snprintf(place.lease.lease, sizeof place.lease.lease, "%s", words[i]);
        assert_int_equal(
            lease_renew(&fixture->account, &place, 60), ERROR_CONFLICT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_renewed),
        IN_SPOOL(test_never_earlier),
        IN_SPOOL(test_moved_meanwhile),
        IN_SPOOL(test_done_meanwhile),
        IN_SPOOL(test_being_withdrawn),
    };
    return cmocka_run_group_tests_name("lease_renew", tests, NULL, NULL);
}
