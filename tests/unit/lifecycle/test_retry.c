/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "ingest_fixture.h"
#include "name.h"
#include "record.h"
#include "retry.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict_step.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define RECORD(action, status, more)                                           \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"" action "\","             \
    "\"params\":{},\"priority\":7,\"status\":\"" status "\","                  \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\"," more "\"attempts\":2}"
#define RAN "\"started_at\":\"2024-12-07T10:00:30.000000Z\","
#define NEVER "\"started_at\":null,"

static enum error retry(const struct fixture *fixture, bool force)
{
    struct config config = fixture_config();
    return retry_task(UNDER(fixture, &config), "t", force);
}

/* It waits anew, its record being its file, for up to a millisecond: what has
 * the same moment is told apart by that. */
static void expect_queued(const struct fixture *fixture, int64_t since)
{
    struct task_place place;
    const struct task_name *name = &place.lease.task;
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    assert_int_equal(place.state, TASK_PENDING);
    assert_in_range(name->created, since - 1000, clock_now());
    assert_int_equal(name->generation, 0);
    assert_int_equal(name->priority, 7);
    fixture_expect_member(fixture, "pending/42/*", "attempts", "2");
    assert_int_equal(fixture_count(fixture, "done/42"), 0);
    assert_int_equal(unlinkat(fixture->spool.directory, place.path.text, 0), 0);
}

struct safety_case {
    const char *path;
    const char *record;
    enum error want; /* without force */
};

static const struct safety_case safety_cases[] = {
    {COMPLETED("t"), RECORD("get_stats", "completed", RAN), ERROR_NONE},
    {FAILED("t"), RECORD("get_stats", "failed", RAN), ERROR_NONE},
    {FAILED("t"),
        RECORD("get_stats", "failed", RAN "\"declared\":\"timeout\","),
        ERROR_NONE},
    {COMPLETED("t"), RECORD("a", "completed", RAN), ERROR_CONFLICT},
    {COMPLETED("t"), RECORD("a", "completed", NEVER), ERROR_CONFLICT},
    {FAILED("t"), RECORD("a", "failed", RAN), ERROR_NONE},
    {FAILED("t"), RECORD("a", "failed", RAN "\"declared\":\"timeout\","),
        ERROR_CONFLICT},
    {FAILED("t"), RECORD("a", "failed", RAN "\"declared\":\"cancelled\","),
        ERROR_CONFLICT},
    {FAILED("t"), RECORD("a", "failed", NEVER "\"declared\":\"cancelled\","),
        ERROR_NONE},
    {FAILED("t"), RECORD("a", "failed", RAN "\"declared\":\"expired\","),
        ERROR_NONE},
    {FAILED("t"), RECORD("a", "failed", RAN "\"declared\":\"of old\","),
        ERROR_CONFLICT},
};

static void test_safety(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(safety_cases); i++) {
        const struct safety_case *row = &safety_cases[i];
        int64_t before = clock_now();
        fixture_put(fixture, row->path, row->record);
        enum error have = retry(fixture, false);
        if (have != row->want)
            fail_msg(
                "%s: have %d, want %d", row->record, (int)have, (int)row->want);
        if (have != ERROR_NONE) {
            fixture_expect(fixture, row->path, row->record);
            assert_int_equal(retry(fixture, true), ERROR_NONE);
        }
        expect_queued(fixture, before);
    }
}

static void test_live(void **state)
{
    assert_int_equal(retry(*state, true), ERROR_NOT_FOUND);
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    assert_int_equal(retry(*state, true), ERROR_EXISTS);
    fixture_expect_tree(*state, PENDING("a", "t") "\n");
}

#define SPOILT(members) "{\"status\":\"failed\"," members "}"

static const char *const no_records[] = {
    "",
    "{",
    "[]",
    SPOILT("\"action\":\"a\",\"user_id\":42"),
    SPOILT("\"action\":\"a\",\"user_id\":42,\"task_id\":\"u\""),
    SPOILT("\"action\":\"a\",\"user_id\":43,\"task_id\":\"t\""),
    SPOILT("\"action\":\"a\",\"task_id\":\"t\""),
    SPOILT("\"user_id\":42,\"task_id\":\"t\""),
    SPOILT("\"action\":\"a\",\"user_id\":42,\"task_id\":\"t\",\"priority\":-1"),
};

static void test_no_record(void **state)
{
    for (size_t i = 0; i < COUNT_OF(no_records); i++) {
        fixture_put(*state, FAILED("t"), no_records[i]);
        enum error have = retry(*state, true);
        if (have != ERROR_SYNTAX)
            fail_msg("%s: have %d", no_records[i], (int)have);
        fixture_expect(*state, FAILED("t"), no_records[i]);
    }
}

/* What a crash can leave of the try before does not end the next. */
static void test_debris(void **state)
{
    const struct fixture *fixture = *state;
    int64_t before = clock_now();
    fixture_put(fixture, COMPLETED("t"), RECORD("get_stats", "completed", RAN));
    fixture_put(fixture, FAILED("t"),
        RECORD("get_stats", "failed", "\"declared\":\"timeout\","));
    fixture_put(fixture, "progress/42/t.cancel", "");
    fixture_put(fixture, "tmp/x", "");
    assert_int_equal(linkat(fixture->spool.directory, COMPLETED("t"),
                         fixture->spool.directory, "tmp/42-t.verdict", 0),
        0);
    assert_int_equal(unlinkat(fixture->spool.directory, "tmp/x", 0), 0);
    assert_int_equal(retry(fixture, false), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "progress/42"), 0);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
    expect_queued(fixture, before);
}

/* What could not be made safe goes back, and is safe in done/ before its name
 * in pending/ goes: else power loss could leave it in neither. */
static void test_given_back(void **state)
{
    struct buffer steps = BUFFER_EMPTY;
    fixture_put(*state, FAILED("t"), RECORD("get_stats", "failed", RAN));
    fault_watch(&steps);
    bool has_met = false;
    for (unsigned which = 1; !has_met; which++) {
        buffer_clear(&steps);
        fault_set(FAULT_SYNC, which, EIO);
        assert_int_equal(retry(*state, false), ERROR_IO);
        assert_true(fault_clear());
        has_met = strstr(buffer_text(&steps), "\nlink pending/42/") != NULL;
    }
    fault_watch(NULL);
    const char *back = strstr(buffer_text(&steps), "\nlink pending/42/");
    const char *safe = strstr(back, "\nfsync done/42\n");
    assert_non_null(safe);
    assert_true(strstr(back, "\nremove pending/42/") > safe);
    buffer_free(&steps);
    fixture_expect_tree(*state, FAILED("t") "\n");
}

struct other {
    const struct fixture *fixture;
    bool has_come;
};

static enum error leave_debris(void *context)
{
    struct other *other = context;
    int directory = other->fixture->spool.directory;
    other->has_come = true;
    linkat(directory, FAILED("t"), directory, PENDING("get_stats", "t"), 0);
    return ERROR_NONE; /* or the record is on its way already */
}

/* Another retry has failed meanwhile, and could not make safe that the record
 * is back: its name in the queue is debris beside that. */
static void test_beside_one_that_failed(void **state)
{
    struct other other = {*state, true};
    for (unsigned which = 1; other.has_come; which++) {
        int64_t before = clock_now();
        other.has_come = false;
        fixture_put(*state, FAILED("t"), RECORD("get_stats", "failed", RAN));
        fault_meet(FAULT_ALL, which, leave_debris, &other);
        assert_int_equal(retry(*state, false), ERROR_NONE);
        fault_clear();
        assert_int_equal(fixture_count(*state, "pending/42"), 1);
        expect_queued(*state, before);
    }
}

/* The record of large parameters and a large result is larger than max_body. */
static void test_large(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    int64_t before = clock_now();
    config.max_body = 100;
    fixture_put(fixture, FAILED("t"), RECORD("a", "failed", RAN));
    assert_int_equal(
        retry_task(UNDER(fixture, &config), "t", true), ERROR_NONE);
    expect_queued(fixture, before);
}

/* A verdict that another program has carried out is not carried out again: the
 * task may have been queued anew. */
static void test_verdict_gone(void **state)
{
    const struct fixture *fixture = *state;
    enum error left = ERROR_NONE;
    struct path record = {"tmp/1.2.3"};
    struct record_head head = {
        .user = 42, .id = "t", .action = "a", .completed = true};
    fixture_put(fixture, record.text, RECORD("a", "completed", RAN));
    assert_int_equal(
        verdict_step_carry_out(&fixture->account, record, &head, NULL, &left),
        ERROR_EXISTS);
    fixture_expect_tree(fixture, "tmp/1.2.3\n");
}

/* A loss of power has brought the entry back, and a network file system says
 * for a moment, of any name, that it is not there: no entry may stay beside the
 * next try. */
static void test_hidden_for_a_moment(void **state)
{
    bool has_met = true;
    for (unsigned which = 1; has_met; which++) {
        const struct fixture *fixture = *state;
        fixture_put(
            fixture, COMPLETED("t"), RECORD("get_stats", "completed", RAN));
        fixture_put(
            fixture, EXECUTING(PAST, "l", "get_stats", "t"), DROP("get_stats"));
        fault_set(FAULT_NAMES, which, ENOENT);
        enum error error = retry_task(&fixture->account, "t", false);
        has_met = fault_clear();
        if (error == ERROR_NONE && fixture_count(fixture, "executing/42") != 0)
            fail_msg("call %u: an entry has stayed", which);
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_safety),
        IN_SPOOL(test_live),
        IN_SPOOL(test_no_record),
        IN_SPOOL(test_debris),
        IN_SPOOL(test_hidden_for_a_moment),
        IN_SPOOL(test_given_back),
        IN_SPOOL(test_beside_one_that_failed),
        IN_SPOOL(test_large),
        IN_SPOOL(test_verdict_gone),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
