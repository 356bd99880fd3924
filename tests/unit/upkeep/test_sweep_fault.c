/* SPDX-License-Identifier: MIT */
/* A sweep in which something goes wrong: nothing is lost, and the next one
 * does what is left. */
#include "attempt_fixture.h"
#include "clock.h"
#include "fault.h"
#include "remove_tree.h"
#include "safety.h"
#include "sweep.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict_step.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_AT(id, status, minute)                                          \
    "{\"task_id\":\"" id "\",\"user_id\":42,\"action\":\"a\",\"params\":{},"   \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":\"" status      \
    "\",\"completed_at\":\"2024-12-07T10:" minute ":00.000000Z\"}"
#define RECORD(id, status) RECORD_AT(id, status, "01")
#define LATE RECORD_AT("t", "failed", "02")

struct round {
    const struct fixture *fixture;
};

static bool is_dry;
static struct sweep *current; /* NULL: none is going on */

static enum error sweep(const struct fixture *fixture)
{
    struct config config = fixture_config();
    config.actions[0] =
        (struct action_rules){"x", UNSET, UNSET, 60, UNSET, UNSET, UNSET};
    config.action_count = 1;
    config.log_size = 1000;
    struct sweep all = {.spool = &fixture->spool,
        .config = &config,
        .dry_run = is_dry,
        .until = clock_steady() + (30 * clock_second),
        .lines = BUFFER_EMPTY};
    current = &all;
    enum error error = sweep_run(&all);
    current = NULL;
    buffer_free(&all.lines);
    return error;
}

struct duty {
    const char *path;
    const char *text;
    int age; /* seconds */
};

/* Work for every duty. */
static const struct duty duties[] = {
    {"tmp/42-v.verdict", RECORD("v", "failed"), 0},
    {EXECUTING(PAST, "l", "get_stats", "back"), DROP("get_stats"), 0},
    {EXECUTING(PAST, "l", "upload_photo", "once"), DROP("upload_photo"), 0},
    {EXECUTING(FUTURE, "l", "get_stats", "far"), DROP("get_stats"), 0},
    {"executing/42/0 by hand", "", 0},
    {"pending/top.json",
        "{\"user_id\":42,\"action\":\"a\",\"task_id\":\"top\"}", 0},
    {"pending/42/drop.json", "{\"action\":\"a\",\"task_id\":\"drop\"}", 0},
    {PENDING("x", "rule"), DROP("x"), 0},
    {PENDING("a", "file"), "{\"action\":\"a\",\"expires_in\":60}", 0},
    {PENDING("a", "stays"), DROP("a"), 0},
    {PENDING("a", "ended"), DROP("a"), 0},
    {EXECUTING(FUTURE, "l", "a", "ended"), DROP("a"), 0},
    {COMPLETED("ended"), RECORD("ended", "completed"), 60},
    {FAILED("ended"), RECORD("ended", "failed"), 60},
    {COMPLETED("old"), RECORD("old", "completed"), 31 * 86400},
    {COMPLETED("new"), RECORD("new", "completed"), 29 * 86400},
    {"progress/42/gone.json", "{}", 60},
    {"progress/42/stays.json", "{}", 60},
    {"progress/42/gone.cancel", "", 60},
    {"tmp/1.2.3", "", TEMPORARY_AGE + 10},
    {"tmp/1.2.4", "", 10},
    {"rejected/x.json.why", "", TEMPORARY_AGE + 10},
    {"rejected/y.json.why", "", 10},
    {"log/access.log", "", 60},
};

static void lay(const struct fixture *fixture)
{
    char lines[1500];
    for (size_t i = 0; i < COUNT_OF(duties); i++) {
        fixture_put(fixture, duties[i].path, duties[i].text);
        if (duties[i].age > 0)
            fixture_age(fixture, duties[i].path, duties[i].age);
    }
    memset(lines, '\n', sizeof lines - 1);
    lines[sizeof lines - 1] = '\0';
    fixture_put(fixture, "log/events.log", lines);
    fixture_record(fixture, "get_all_products", 0, 1, "{}",
        "{\"products\":[{\"id\":5}],\"total\":1}");
    /* So that a stamp can say that nothing has come since. */
    fixture_age(fixture, "pending", 60);
    fixture_age(fixture, "pending/42", 60);
}

struct place {
    const char *folder;
    const char *before; /* the ID, in the name */
    const char *behind;
};

/* Where a task may be that is not lost. */
static const struct place places[] = {
    {"pending", "", ".json"}, /* dropped */
    {"pending/42", "", ".json"},
    {"pending/42", "-", ".json"},
    {"pending/42", "-", ".r1.json"},
    {"executing/42", "-", ".json"},
    {"done/42", "", ".completed.json"},
    {"done/42", "", ".failed.json"},
    {"tmp", "42-", ".verdict"},
};

static bool is_somewhere(const struct fixture *fixture, const char *id)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        char end[64];
        snprintf(
            end, sizeof end, "%s%s%s", places[i].before, id, places[i].behind);
        if (fixture_find(fixture, places[i].folder, end) != NULL)
            return true;
    }
    return false;
}

/* The next sweep is not the very next second's. */
static void let_time_pass(const struct fixture *fixture)
{
    static const char *const stamps[] = {"42.pruned", "42.expiry"};
    for (size_t i = 0; i < COUNT_OF(stamps); i++) {
        if (fixture_find(fixture, "index", stamps[i]) != NULL)
            fixture_age(
                fixture, path_in(SPOOL_INDEX, stamps[i]).text, PRUNE_EVERY + 1);
    }
}

static void check(const struct fixture *fixture, enum error error)
{
    static const char *const tasks[] = {"v", "back", "once", "far", "top",
        "drop", "rule", "file", "stays", "ended", "new"};
    (void)error;
    for (size_t i = 0; i < COUNT_OF(tasks); i++) {
        if (!is_somewhere(fixture, tasks[i]))
            fail_msg("%s is lost", tasks[i]);
    }
    assert_non_null(fixture_find(fixture, "done/42", "ended.completed.json"));
    if (fixture_find(fixture, "ingest/42", ".json") == NULL)
        fixture_expect_row(fixture, "5", "status", "\"active\"");
    let_time_pass(fixture);
}

static const char swept[] =
    "done/42/ended.completed.json\n"
    "done/42/file.failed.json\n"
    "done/42/new.completed.json\n"
    "done/42/once.failed.json\n"
    "done/42/rule.failed.json\n"
    "done/42/v.failed.json\n"
    "executing/42/0 by hand\n"
    "executing/42/20*-l-998-*-get_stats-far.json\n" PENDING(
        "a", "stays") "\n"
                      "pending/42/998-" CREATED "-get_stats-back.r1.json\n"
                      "pending/42/998-*-a-*op.json\n" /* in the order of their
                                                         moments */
                      "pending/42/998-*-a-*op.json\n"
                      "products/42.ndjson\n"
                      "rejected/y.json.why\n"
                      "tmp/1.2.4\n";

/* The note of the lease that ended is done without where there is no room for
 * it. */
static void forget_lease(const struct fixture *fixture)
{
    const char *note = fixture_find(fixture, "progress/42", ".leases");
    if (note != NULL)
        remove_tree(fixture->spool.directory,
            account_path(&fixture->account, SPOOL_PROGRESS, note).text);
}

/* What could not be removed from tmp/ goes when it is old; a verdict must have
 * been carried out. */
static enum error forget_temporary(void *context, const char *name)
{
    const struct round *round = context;
    assert_false(verdict_step_is_name(name));
    if (strcmp(name, "1.2.4") != 0)
        remove_tree(
            round->fixture->spool.directory, path_in(SPOOL_TMP, name).text);
    return ERROR_NONE;
}

static void finish(const struct fixture *fixture)
{
    struct round round = {fixture};
    check(fixture, ERROR_NONE);
    forget_lease(fixture);
    spool_each_name(
        &fixture->spool, path_of(SPOOL_TMP), forget_temporary, &round);
    fixture_expect_tree(fixture, swept);
}

static const struct attempt attempt = {
    "a sweep", lay, sweep, check, finish, ATTEMPT_SILENT};

static void test_faults(void **state)
{
    attempt_each_fault(*state, &attempt);
}

/* The time of a sweep may be up at any moment. */
static void stop(const struct fixture *fixture)
{
    (void)fixture;
    current->until = 0;
}

static void test_time_is_up(void **state)
{
    attempt_each_turn(*state, &attempt, stop);
}

/* A dry run changes nothing, also where it cannot see everything. */
static void check_dry(const struct fixture *fixture, enum error error)
{
    (void)error;
    for (size_t i = 0; i < COUNT_OF(duties); i++)
        fixture_expect(fixture, duties[i].path, duties[i].text);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    assert_int_equal(fixture_count(fixture, "index"), 0);
    assert_int_equal(fixture_count(fixture, "log"), 2);
}

static void finish_dry(const struct fixture *fixture)
{
    check_dry(fixture, ERROR_NONE);
}

static void test_dry_run(void **state)
{
    static const struct attempt dry = {
        "a dry run", lay, sweep, check_dry, finish_dry, ATTEMPT_SILENT};
    is_dry = true;
    attempt_each_fault(*state, &dry);
    is_dry = false;
}

/* A failure that a success stands beside, recorded before that or after it: an
 * error keeps it for one sweep, not for the hour in which no other looks. */
static void test_outlived(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_OPEN, FAULT_READ, FAULT_STATUS, FAULT_NAMES};
    for (unsigned i = 0; i < 2 * COUNT_OF(calls); i++) {
        bool has_failed = true;
        for (unsigned which = 1; has_failed; which++) {
            fixture_renew(*state);
            fixture_put(*state, COMPLETED("t"), RECORD("t", "completed"));
            fixture_put(
                *state, FAILED("t"), i % 2 == 0 ? RECORD("t", "failed") : LATE);
            fault_set(calls[i / 2], which, EIO);
            sweep(*state);
            has_failed = fault_clear();
            sweep(*state);
            fixture_expect_tree(*state, COMPLETED("t") "\n");
        }
    }
}

/* Its entry in unknown/ goes with it, in the same sweep. */
static void test_outlived_in_doubt(void **state)
{
    const struct fixture *fixture = *state;
    int spool = fixture->spool.directory;
    fixture_put(fixture, COMPLETED("t"), RECORD("t", "completed"));
    fixture_put(fixture, FAILED("t"), RECORD("t", "failed"));
    fixture_put(fixture, "unknown/42/x", "");
    assert_int_equal(unlinkat(spool, "unknown/42/x", 0), 0);
    assert_int_equal(linkat(spool, FAILED("t"), spool,
                         "unknown/42/20241207T100100.000000Z-new-t.json", 0),
        0);
    sweep(fixture);
    fixture_expect_tree(fixture, COMPLETED("t") "\n");
}

/* Beside what only bears the name of a success for a moment it stays. */
static void test_outlived_by_no_success(void **state)
{
    fixture_put(*state, COMPLETED("t"), RECORD("t", "failed"));
    fixture_put(*state, FAILED("t"), RECORD("t", "failed"));
    sweep(*state);
    fixture_expect_tree(*state, COMPLETED("t") "\n" FAILED("t") "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_faults),
        IN_SPOOL(test_time_is_up),
        IN_SPOOL(test_dry_run),
        IN_SPOOL(test_outlived),
        IN_SPOOL(test_outlived_in_doubt),
        IN_SPOOL(test_outlived_by_no_success),
    };
    return cmocka_run_group_tests_name("sweep_fault", tests, NULL, NULL);
}
