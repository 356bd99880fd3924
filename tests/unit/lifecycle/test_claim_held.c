/* SPDX-License-Identifier: MIT */
/* What a poll does not hand out, and what it says of it. */
#include "account.h"
#include "claim.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "name.h"
#include "path.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAUSED "pending/42/PAUSED"

static struct config config_of(struct action_rules rules)
{
    struct config config = fixture_config();
    config.actions[0] = rules;
    config.action_count = 1;
    return config;
}

static struct config paced(void)
{
    return config_of(
        (struct action_rules){"a", UNSET, UNSET, UNSET, 30, 0, UNSET});
}

/* A poll that gets this task, NULL for none. */
static struct claim poll(const struct fixture *fixture,
    const struct config *config, const char *receive_id, const char *want)
{
    struct claim claim;
    enum error error = claim_next(UNDER(fixture, config), receive_id, &claim);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        fail_msg("have error %d, want %s", (int)error, want);
    const char *have = error == ERROR_NONE ? claim.task.name.id : "none";
    if (strcmp(have, want == NULL ? "none" : want) != 0)
        fail_msg("have %s, want %s", have, want);
    if (error == ERROR_NONE)
        task_free(&claim.task);
    return claim;
}

/* Queues a task that is due so many seconds from now. */
static int64_t schedule(
    const struct fixture *fixture, const char *id, int seconds)
{
    struct task_name task = {.priority = 1,
        .created = clock_now() + (seconds * clock_second),
        .action = "a"};
    snprintf(task.id, sizeof task.id, "%s", id);
    struct path path =
        path_in_user(SPOOL_PENDING, 42, name_format_queued(&task).text);
    fixture_put(fixture, path.text, DROP("a"));
    return task.created;
}

static void test_scheduled(void **state)
{
    struct config config = fixture_config();
    schedule(*state, "late", 5000);
    int64_t due = schedule(*state, "soon", 60);
    struct claim claim = poll(*state, &config, "", NULL);
    assert_int_equal(claim.next, due);
    assert_int_equal(claim.held, 0);
    schedule(*state, "now", -1);
    poll(*state, &config, "", "now");
    assert_int_equal(poll(*state, &config, "", NULL).next, due);
    assert_int_equal(poll(*state, &config, "receive1", NULL).next, due);
}

static void test_nothing_is_known_of_nothing(void **state)
{
    struct config config = fixture_config();
    struct claim claim = poll(*state, &config, "", NULL);
    assert_int_equal(claim.next, 0);
    assert_int_equal(claim.held, 0);
    fixture_put(*state, PAUSED, "nothing to pause");
    claim = poll(*state, &config, "", NULL);
    assert_int_equal(claim.next, 0);
    assert_int_equal(claim.held, HELD_BY_PAUSE);
}

static void test_paused(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    fixture_put(fixture, PENDING("a", "t1"), DROP("a"));
    fixture_put(fixture, PENDING("a", "t2"), DROP("a"));
    poll(fixture, &config, "receive1", "t1");
    fixture_put(fixture, PAUSED, "holidays\n");
    struct claim claim = poll(fixture, &config, "", NULL);
    assert_int_equal(claim.held, HELD_BY_PAUSE);
    assert_string_equal(claim.pause.reason, "holidays");
    poll(fixture, &config, "receive2", NULL);
    poll(fixture, &config, "receive1", "t1"); /* it has it already */
    assert_int_equal(unlinkat(fixture->spool.directory, PAUSED, 0), 0);
    poll(fixture, &config, "", "t2");
}

/* Also where all that is there is scheduled. */
static void test_paused_before_it_is_due(void **state)
{
    struct config config = fixture_config();
    schedule(*state, "soon", 60);
    fixture_put(*state, PAUSED, "");
    struct claim claim = poll(*state, &config, "", NULL);
    assert_int_equal(claim.held, HELD_BY_PAUSE);
    assert_string_equal(claim.pause.reason, "paused by hand");
}

/* Others go on behind those that are held back. */
static void test_paced(void **state)
{
    struct config config = paced();
    fixture_put(*state, PENDING("a", "a1"), DROP("a"));
    fixture_put(*state, PENDING("a", "a2"), DROP("a"));
    fixture_put(*state, PENDING("a", "a3"), DROP("a"));
    fixture_put(*state, PENDING("b", "b1"), DROP("b"));
    int64_t before = clock_now();
    poll(*state, &config, "", "a1");
    poll(*state, &config, "", "b1");
    struct claim claim = poll(*state, &config, "", NULL);
    assert_int_equal(claim.held, HELD_BY_PACE);
    assert_true(claim.next >= before + (30 * clock_second));
    assert_true(claim.next <= clock_now() + (30 * clock_second));
    fixture_age(*state, "pace/42/a", 0);
    poll(*state, &config, "", "a2");
    poll(*state, &config, "", NULL);
}

/* The earliest of all counts. */
static void test_next_of_several(void **state)
{
    struct config config = paced();
    schedule(*state, "a1", -2);
    schedule(*state, "a2", -1);
    poll(*state, &config, "", "a1");
    int64_t due = schedule(*state, "soon", 10);
    assert_int_equal(poll(*state, &config, "", NULL).next, due);
}

/* Redelivery is no new claim. */
static void test_paced_and_received_again(void **state)
{
    struct config config = paced();
    schedule(*state, "a1", -2);
    schedule(*state, "a2", -1);
    poll(*state, &config, "receive1", "a1");
    poll(*state, &config, "receive1", "a1");
    poll(*state, &config, "receive2", NULL);
}

/* What cannot be claimed puts nothing off. */
static void test_unfit_candidates_cost_no_pace(void **state)
{
    struct config config = paced();
    fixture_put(*state, PENDING("a", "a1"), "no task");
    fixture_put(*state, PENDING("a", "a2"), DROP("a"));
    fixture_put(*state, COMPLETED("a2"), "{}");
    fixture_put(*state, PENDING("a", "a3"), DROP("a"));
    poll(*state, &config, "", "a3");
}

static void test_limit(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = config_of(
        (struct action_rules){"a", UNSET, UNSET, UNSET, UNSET, UNSET, 2});
    for (int i = 1; i <= 4; i++) {
        char id[16];
        snprintf(id, sizeof id, "a%d", i);
        schedule(fixture, id, i - 10);
    }
    poll(fixture, &config, "", "a1");
    poll(fixture, &config, "", "a2");
    struct claim claim = poll(fixture, &config, "", NULL);
    assert_int_equal(claim.held, HELD_BY_LIMIT);
    assert_int_equal(claim.next, 0);
    fixture_put(fixture, PENDING("b", "b1"), DROP("b"));
    poll(fixture, &config, "", "b1");
    const char *name = fixture_find(fixture, "executing/42", "-a1.json");
    struct path path = path_in_user(SPOOL_EXECUTING, 42, name);
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
    poll(fixture, &config, "", "a3");
}

static void test_expired_by_rule(void **state)
{
    struct config config = config_of(
        (struct action_rules){"a", UNSET, UNSET, 60, UNSET, UNSET, UNSET});
    schedule(*state, "old", -61);
    schedule(*state, "young", -50);
    poll(*state, &config, "", "young");
    fixture_expect_tree(*state, FAILED("old") "\nexecuting/42/*-young.json\n");
    fixture_expect_member(*state, FAILED("old"), "declared", "\"expired\"");
    schedule(*state, "old2", -61);
    poll(*state, &config, "", NULL);
    fixture_expect_member(*state, FAILED("old2"), "declared", "\"expired\"");
}

static void test_expired_by_itself(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    fixture_put(
        fixture, PENDING("a", "old"), "{\"action\":\"a\",\"expires_in\":60}");
    fixture_put(fixture, PENDING("a", "other"), DROP("a"));
    poll(fixture, &config, "", "other");
    fixture_expect_tree(fixture, FAILED("old") "\nexecuting/42/*-other.json\n");
    fixture_expect_member(fixture, FAILED("old"), "declared", "\"expired\"");
    fixture_expect_member(fixture, FAILED("old"), "started_at", "null");
}

/* What has expired holds nothing back, and a pace does not save it. */
static void test_expired_and_paced(void **state)
{
    struct config config = paced();
    fixture_put(
        *state, PENDING("a", "old"), "{\"action\":\"a\",\"expires_in\":60}");
    schedule(*state, "a1", -1);
    poll(*state, &config, "", "a1");
    fixture_expect_member(*state, FAILED("old"), "declared", "\"expired\"");
}

enum {
    BACKLOG = (2 * EXPIRED_PER_POLL) + 5
};

/* One poll records so many and hands out what lies behind them; those that
 * only their files tell make it come again. */
static void test_backlog_by_rule(void **state)
{
    struct config config = fixture_config();
    config.all.expire = 60;
    fixture_fill(*state, 0, BACKLOG);
    schedule(*state, "young", -1);
    poll(*state, &config, "", "young");
    assert_int_equal(fixture_count(*state, "done/42"), EXPIRED_PER_POLL);
    assert_int_equal(poll(*state, &config, "", NULL).next, 0);
    poll(*state, &config, "", NULL);
    assert_int_equal(fixture_count(*state, "done/42"), BACKLOG);
    assert_int_equal(fixture_count(*state, "pending/42"), 0);
}

static void test_backlog_by_files(void **state)
{
    struct config config = fixture_config();
    for (int i = 0; i < BACKLOG; i++) {
        char path[300];
        snprintf(path, sizeof path, "pending/42/%s", fixture_filled(i));
        fixture_put(
            *state, path, "{\"action\":\"get_stats\",\"expires_in\":60}");
    }
    schedule(*state, "young", -1);
    for (int i = 0; i < 2; i++) {
        struct claim claim = poll(*state, &config, "", NULL);
        assert_true(claim.next > 0 && claim.next <= clock_now());
        assert_int_equal(
            fixture_count(*state, "done/42"), (i + 1) * EXPIRED_PER_POLL);
    }
    poll(*state, &config, "", "young");
    assert_int_equal(fixture_count(*state, "done/42"), BACKLOG);
}

/* Where nothing can be recorded a poll does not ask to come again at once. */
static void test_backlog_that_cannot_be_recorded(void **state)
{
    struct config config = fixture_config();
    for (int i = 0; i < BACKLOG; i++) {
        char path[300];
        snprintf(path, sizeof path, "pending/42/%s", fixture_filled(i));
        fixture_put(
            *state, path, "{\"action\":\"get_stats\",\"expires_in\":60}");
    }
    fixture_put(*state, "done/42", "a file where a folder should be");
    assert_int_equal(poll(*state, &config, "", NULL).next, 0);
    assert_int_equal(fixture_count(*state, "pending/42"), BACKLOG);
    assert_int_equal(fixture_count(*state, "executing/42"), 0);
}

/* Nothing is handed out where its pace cannot be kept. */
static void test_no_room_for_a_pace(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_OPEN, FAULT_MEMORY, FAULT_NAMES, FAULT_TIMES};
    struct config config =
        config_of((struct action_rules){"a", UNSET, UNSET, UNSET, 30, 0, 1});
    unsigned refusals = 0;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct claim claim;
            const struct fixture *fixture = *state;
            schedule(fixture, "t", -1);
            schedule(fixture, "u", -1);
            fault_set(calls[i], which, ENOSPC);
            enum error error = claim_next(UNDER(fixture, &config), "", &claim);
            has_come = fault_clear();
            if (error == ERROR_NONE) {
                task_free(&claim.task);
                poll(fixture, &config, "", NULL);
            } else {
                refusals++;
                assert_int_equal(fixture_count(fixture, "pending/42"), 2);
            }
            fixture_renew(*state);
        }
    }
    assert_true(refusals > 3);
}

/* A poll settles as many overdue tasks as it has time for. Who asks again for
 * one of the rest is not handed it: its time is up. */
static void test_one_of_many_overdue(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    for (int i = 0; i < LEASES_PER_POLL + 20; i++) {
        char path[SPOOL_PATH_MAX];
        snprintf(path, sizeof path, EXECUTING(PAST, "l%d", "a", "t%d"), i, i);
        fixture_put(fixture, path, DROP("a"));
    }
    for (int i = 0; i < 8; i++) {
        char lease[20];
        const char *left = fixture_find(fixture, "executing/42", ".json");
        if (left == NULL)
            break;
        assert_int_equal(sscanf(strstr(left, "-l"), "-%19[l0-9]", lease), 1);
        poll(fixture, &config, lease, NULL);
    }
}

/* As many of two actions are executing as may be. */
static void test_two_limits(void **state)
{
    struct config config = config_of(
        (struct action_rules){"a", UNSET, UNSET, UNSET, UNSET, UNSET, 1});
    config.actions[1] =
        (struct action_rules){"b", UNSET, UNSET, UNSET, UNSET, UNSET, 1};
    config.action_count = 2;
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_put(*state, EXECUTING(FUTURE, "l2", "b", "u"), DROP("b"));
    fixture_put(*state, PENDING("a", "v"), DROP("a"));
    fixture_put(*state, PENDING("b", "w"), DROP("b"));
    struct claim claim = poll(*state, &config, "", NULL);
    assert_int_equal(claim.held, HELD_BY_LIMIT);
}

/* A person has moved two entries back into the queue: both come again. */
static void test_two_moved_back(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, "pending/42/" FUTURE "-l1-" QUEUED("get_stats", "t"),
        DROP("get_stats"));
    fixture_put(*state, "pending/42/" FUTURE "-l2-" QUEUED("get_stats", "u"),
        DROP("get_stats"));
    poll(*state, &config, "", "t");
    poll(*state, &config, "", "u");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_scheduled),
        IN_SPOOL(test_two_limits),
        IN_SPOOL(test_two_moved_back),
        IN_SPOOL(test_no_room_for_a_pace),
        IN_SPOOL(test_one_of_many_overdue),
        IN_SPOOL(test_nothing_is_known_of_nothing),
        IN_SPOOL(test_paused),
        IN_SPOOL(test_paused_before_it_is_due),
        IN_SPOOL(test_paced),
        IN_SPOOL(test_next_of_several),
        IN_SPOOL(test_paced_and_received_again),
        IN_SPOOL(test_unfit_candidates_cost_no_pace),
        IN_SPOOL(test_limit),
        IN_SPOOL(test_expired_by_rule),
        IN_SPOOL(test_expired_by_itself),
        IN_SPOOL(test_expired_and_paced),
        IN_SPOOL(test_backlog_by_rule),
        IN_SPOOL(test_backlog_by_files),
        IN_SPOOL(test_backlog_that_cannot_be_recorded),
    };
    return cmocka_run_group_tests_name("claim_held", tests, NULL, NULL);
}
