/* SPDX-License-Identifier: MIT */
/* What a poll does where one thing fails again and again. */
#include "claim.h"
#include "clock.h"
#include "fault.h"
#include "lease.h"
#include "remove_tree.h"
#include "stuck.h"
#include "task_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    AVOIDED = 16, /* tasks that one poll takes in vain */
    MORE = 4
};

static enum error claim(const struct fixture *fixture, struct claim *claim)
{
    struct config config = fixture_config();
    struct action_rules *rules = &config.actions[config.action_count++];
    *rules = config.all;
    memcpy(rules->action, "get_stats", sizeof "get_stats");
    rules->pace = 100;
    return claim_next(UNDER(fixture, &config), "", claim);
}

static void expect_claim(
    const struct fixture *fixture, enum fault_call call, enum error want)
{
    struct claim claimed;
    struct config config = fixture_config();
    fault_set_lasting(call, 1, EIO);
    enum error error = claim_next(UNDER(fixture, &config), "", &claimed);
    fault_clear();
    if (error == ERROR_NONE)
        task_free(&claimed.task);
    assert_int_equal(error, want);
}

/* Where none can be read each is tried, and told of up to a number. */
static void test_unreadable(void **state)
{
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, STUCK_MAX + MORE);
    expect_claim(fixture, FAULT_READ, ERROR_NOT_FOUND);
    assert_int_equal(fixture_count(fixture, "pending/42"), STUCK_MAX + MORE);
    fixture_claim(fixture, "", "f0");
}

/* What cannot be made safe is given back. */
static void test_unsafe(void **state)
{
    const struct fixture *fixture = *state;
    for (int i = 0; i < AVOIDED + MORE; i++) {
        char path[200];
        snprintf(path, sizeof path,
            "pending/42/998-" CREATED "-create_product-t%02d.json", i);
        fixture_put(fixture, path, DROP("create_product"));
    }
    fixture_put(fixture, "executing/42/.x", "");
    expect_claim(fixture, FAULT_SYNC, ERROR_IO);
    assert_int_equal(fixture_count(fixture, "pending/42"), AVOIDED + MORE);
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
    fixture_claim(fixture, "", "t00");
}

/* What is no task, and cannot be set aside, keeps no other back. */
static void test_not_rejected(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "t"), "[]");
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    remove_tree(fixture->spool.directory, "rejected");
    fixture_put(fixture, "rejected", "no folder");
    fixture_claim(fixture, "", "u");
    fixture_expect_tree(
        fixture, "executing/42/*-u.json\n" PENDING("a", "t") "\nrejected\n");
    assert_true(fixture_logged(fixture, "stuck rejected"));
}

/* Each overdue task is tried where one cannot be read. */
static void test_settle_unreadable(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    fixture_put(fixture, EXECUTING(PAST, "l1", "get_stats", "t"), DROP("a"));
    fixture_put(fixture, EXECUTING(PAST, "l2", "get_stats", "u"), DROP("a"));
    fault_set_lasting(FAULT_READ, 1, EIO);
    enum error error = lease_settle(&fixture->account, 10, &report);
    fault_clear();
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(report.left, 2);
    assert_int_equal(fixture_count(fixture, "executing/42"), 2);
    assert_int_equal(fixture_count(fixture, "rejected"), 0);
}

/* Without locks tasks are handed out as well, and from a deep queue. */
static void test_no_locks(void **state)
{
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, 520);
    fixture_age(fixture, "pending/42", 100);
    for (int i = 0; i < 3; i++) {
        struct claim claimed;
        char want[10];
        snprintf(want, sizeof want, "f%d", i);
        fault_set_lasting(FAULT_LOCK, 1, ENOLCK);
        struct config config = fixture_config();
        assert_int_equal(
            claim_next(UNDER(fixture, &config), "", &claimed), ERROR_NONE);
        fault_clear();
        assert_string_equal(claimed.task.name.id, want);
        task_free(&claimed.task);
    }
}

/* The poll tells of the first moment, whether it is that of a pace or that of a
 * task which is scheduled. */
static void test_next(void **state)
{
    static const int seconds[] = {10, 90};
    const struct fixture *fixture = *state;
    struct claim claimed;
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
    fixture_put(fixture, "pending/42/998-" FUTURE "-a-u.json", DROP("a"));
    for (size_t i = 0; i < COUNT_OF(seconds); i++) {
        int64_t now = clock_now();
        fixture_put(fixture, "pace/42/get_stats", "");
        fixture_age(fixture, "pace/42/get_stats", -seconds[i]);
        assert_int_equal(claim(fixture, &claimed), ERROR_NOT_FOUND);
        assert_int_equal(claimed.held, HELD_BY_PACE);
        assert_true(claimed.next >= now + ((seconds[i] - 2) * clock_second));
        assert_true(claimed.next <= now + ((seconds[i] + 2) * clock_second));
    }
    struct lease_name soon = {.task = {.created = clock_now() + clock_second}};
    memcpy(soon.task.action, "a", 2);
    memcpy(soon.task.id, "v", 2);
    struct name name = name_format_queued(&soon.task);
    fixture_put(
        fixture, path_in_user(SPOOL_PENDING, 42, name.text).text, DROP("a"));
    enum error error = claim(fixture, &claimed);
    if (error == ERROR_NOT_FOUND) /* unless a second has gone by */
        assert_int_equal(claimed.next, soon.task.created);
    else
        task_free(&claimed.task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_unreadable),
        IN_SPOOL(test_unsafe),
        IN_SPOOL(test_not_rejected),
        IN_SPOOL(test_settle_unreadable),
        IN_SPOOL(test_no_locks),
        IN_SPOOL(test_next),
    };
    return cmocka_run_group_tests_name("claim_stuck", tests, NULL, NULL);
}
