/* SPDX-License-Identifier: MIT */
/* What the sweeper makes of the files in progress/, and of what is too much to
 * tell or to keep. */
#include "clock.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "sweep.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sweeps, and fails the test unless it says this ("": nothing is asked). */
static void sweep(
    const struct fixture *fixture, const struct config *config, const char *say)
{
    struct sweep all = {.spool = &fixture->spool,
        .config = config,
        .until = clock_steady() + (30 * clock_second),
        .lines = BUFFER_EMPTY};
    assert_int_equal(sweep_run(&all), ERROR_NONE);
    if (strstr(buffer_text(&all.lines), say) == NULL)
        fail_msg("have %s, want %s", buffer_text(&all.lines), say);
    buffer_free(&all.lines);
}

#define RETRIED "pending/42/998-" CREATED "-a-t.r1.json"
#define OUT(generation)                                                        \
    "executing/42/" FUTURE "-l-998-" CREATED "-a-t" generation ".json"
#define NOTE(priority, created, generation)                                    \
    "progress/42/" priority "-" created "-a-t.r" generation ".leases"
#define LATER "20241207T100001.000000Z"

struct note_case {
    const char *task; /* where the task lies */
    const char *name; /* of a file in progress/ */
    bool kept;
};

static const struct note_case notes[] = {
    {RETRIED, NOTE("998", CREATED, "1"), true},
    {RETRIED, NOTE("998", LATER, "1"), false},
    {RETRIED, NOTE("997", CREATED, "1"), false},
    {RETRIED, NOTE("998", CREATED, "2"), false},
    {OUT(".r1"), NOTE("998", CREATED, "1"), true},
    /* made by one who is about to take it back */
    {OUT(".r1"), NOTE("998", CREATED, "2"), true},
    {OUT(".r1"), NOTE("998", CREATED, "3"), false},
    {COMPLETED("t"), NOTE("998", CREATED, "1"), false},
    {FAILED("t"), NOTE("998", CREATED, "1"), false},
    {OUT(""), "progress/42/t.json", true},
    {RETRIED, "progress/42/t.json", false},
    {OUT(""), "progress/42/t.cancel", true},
    {FAILED("t"), "progress/42/t.cancel", false},
    {RETRIED, "progress/42/t.failure", true},
    {OUT(".r1"), "progress/42/t.failure", true},
    /* made by one who is about to put it off */
    {OUT(""), "progress/42/t.failure", true},
    {PENDING("a", "t"), "progress/42/t.failure", false},
    {FAILED("t"), "progress/42/t.failure", false},
    {COMPLETED("u"), "progress/42/t.failure", false},
    /* none of ours */
    {RETRIED, "progress/42/.json", true},
    {RETRIED, "progress/42/a b.json", true},
    {RETRIED, "progress/42/t.txt", true},
};

static void test_notes(void **state)
{
    struct config config = fixture_config();
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        fixture_put(*state, notes[i].task, DROP("a"));
        fixture_put(*state, notes[i].name, "{}");
        sweep(*state, &config, notes[i].kept ? "" : "removed 1 report");
        fixture_expect(*state, notes[i].name, notes[i].kept ? "{}" : NULL);
        fixture_renew(*state);
    }
}

/* A mark whose task is back: the task ends, and the mark goes behind it. Where
 * it cannot, the next sweep does the same. */
static void test_cancelled(void **state)
{
    struct config config = fixture_config();
    static const char mark[] = "progress/42/t.cancel";
    bool has_come = true;
    for (unsigned which = 1; has_come; which++) {
        fixture_put(*state, RETRIED, DROP("a"));
        fixture_put(*state, mark, "");
        fault_set(FAULT_NAMES, which, EACCES);
        sweep(*state, &config, "");
        has_come = fault_clear();
        sweep(*state, &config, "");
        assert_int_equal(fixture_count(*state, "pending/42"), 0);
        assert_int_equal(fixture_count(*state, "progress/42"), 0);
        fixture_expect_member(*state, FAILED("t"), "declared", "\"cancelled\"");
        fixture_renew(*state);
    }
}

/* A record that a person is moving back, and that cannot be queued yet: whose
 * end was asked for is not ended, nor anybody else's. */
static void test_moved_by_hand(void **state)
{
    struct config config = fixture_config();
    static const char mark[] = "progress/42/t.cancel";
    config.settle = 3600;
    fixture_put(*state, "pending/42/t.failed.json", "{");
    fixture_put(*state, PENDING("get_stats", "u"), DROP("get_stats"));
    fixture_put(*state, mark, "");
    sweep(*state, &config, "");
    fixture_expect(*state, mark, "");
    fixture_expect(*state, PENDING("get_stats", "u"), DROP("get_stats"));
}

struct writer {
    const struct fixture *fixture;
    unsigned calls;
    unsigned which;
};

/* A report that the next try of the task makes. */
static void report_anew(void *context)
{
    struct writer *writer = context;
    if (++writer->calls == writer->which)
        fixture_put(writer->fixture, "progress/42/t.json", "{\"new\":1}");
}

/* A report that another writes at each moment of a sweep in turn: it stays at
 * some of them, and goes with the next sweep. */
static void write_at_each(const struct fixture *fixture, fault_meanwhile *write)
{
    struct config config = fixture_config();
    struct writer writer = {fixture, 0, 0};
    bool kept = false;
    do {
        writer.calls = 0;
        writer.which++;
        fixture_put(fixture, "progress/42/t.json", "{}");
        fault_set_meanwhile(FAULT_STATUS, write, &writer);
        sweep(fixture, &config, "");
        fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
        kept = kept || fixture_count(fixture, "progress/42") == 1;
        sweep(fixture, &config, "");
        assert_int_equal(fixture_count(fixture, "progress/42"), 0);
    } while (writer.calls >= writer.which);
    assert_true(kept);
}

/* What is there of another moment than when its task was looked for stays. */
static void test_made_anew(void **state)
{
    write_at_each(*state, report_anew);
}

/* The log that is too large goes where none is kept. */
static void test_no_old_logs(void **state)
{
    struct config config = fixture_config();
    config.log_size = 10;
    config.log_keep = 0;
    fixture_put(*state, "log/access.log", "more than ten\n");
    sweep(*state, &config, "put by 1 log");
    fixture_expect(*state, "log/access.log", NULL);
    assert_int_equal(fixture_count(*state, "log"), 0);
}

static void test_many_stuck(void **state)
{
    struct config config = fixture_config();
    for (int user = 1; user <= 10; user++) {
        char name[32];
        snprintf(name, sizeof name, "done/%d", user);
        fixture_put(*state, name, "a file where a folder should be");
    }
    sweep(*state, &config, "left alone 2 more like these");
}

/* Names that are too short, or too long, to be a pair with another. */
static void test_names_that_are_none(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    static const char tree[] =
        "done/42/x*x.failed.json\nrejected/a\nrejected/by hand\n";
    char longest[SPOOL_NAME_MAX + 1];
    memset(longest, 'x', sizeof longest - 1);
    snprintf(longest + SPOOL_NAME_MAX - 12, 13, ".failed.json");
    fixture_put(fixture,
        account_path(&fixture->account, SPOOL_DONE, longest).text, "{}");
    fixture_put(fixture, "rejected/a", "");
    fixture_age(fixture, "rejected/a", 99 * 86400);
    fixture_put(fixture, "rejected/by hand", "");
    fixture_age(fixture, "rejected/by hand", 99 * 86400);
    sweep(fixture, &config, "");
    fixture_expect_tree(fixture, tree);
}

/* What could not go for a reason that is nobody's to mend is not passed over
 * until the next hour. */
static void test_read_only_for_a_moment(void **state)
{
    struct config config = fixture_config();
    bool has_come = true;
    for (unsigned which = 1; has_come; which++) {
        fixture_put(*state, COMPLETED("old"), "{}");
        fixture_age(*state, COMPLETED("old"), 99 * 86400);
        fault_set(FAULT_NAMES, which, EROFS);
        sweep(*state, &config, "");
        has_come = fault_clear();
        sweep(*state, &config, "");
        fixture_expect(*state, COMPLETED("old"), NULL);
        fixture_renew(*state);
    }
}

/* A record whose name is none of a task, as a person may lay there. */
static void test_failure_of_no_task(void **state)
{
    struct config config = fixture_config();
    static const char tree[] =
        "done/42/a b.completed.json\ndone/42/a b.failed.json\n";
    fixture_put(*state, "done/42/a b.completed.json", "{}");
    fixture_put(*state, "done/42/a b.failed.json", "{}");
    sweep(*state, &config, "");
    fixture_expect_tree(*state, tree);
}

/* A success that a person has spoilt is one still: the failure that we had
 * declared before it goes. */
static void test_failure_beside_what_is_spoilt(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, COMPLETED("t"), "no JSON");
    fixture_put(*state, FAILED("t"), "{}");
    sweep(*state, &config, "");
    fixture_expect_tree(*state, COMPLETED("t") "\n");
}

/* Whatever keeps a name in the queue of a task that is done from going: the
 * next sweep does it. */
static void test_no_room_to_clear(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_SYNC, FAULT_STATUS, FAULT_MEMORY, FAULT_NAMES};
    struct config config = fixture_config();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            fixture_put(*state, PENDING("a", "t"), DROP("a"));
            fixture_put(*state, COMPLETED("t"), "{}");
            fault_set(calls[i], which, ENOSPC);
            sweep(*state, &config, "");
            has_come = fault_clear();
            sweep(*state, &config, "");
            fixture_expect_tree(*state, COMPLETED("t") "\n");
            fixture_renew(*state);
        }
    }
}

/* Whoever is slow to write touches the note while it is looked at. */
static void touch(void *context)
{
    struct writer *writer = context;
    int directory = writer->fixture->spool.directory;
    if (++writer->calls == writer->which)
        fchmodat(directory, "progress/42/t.json",
            writer->which % 2 == 0 ? 0600 : 0400, 0);
}

static void test_written_meanwhile(void **state)
{
    write_at_each(*state, touch);
}

/* The time of a sweep is over before the next look at a folder. */
struct timer {
    struct sweep *sweep;
    unsigned opens; /* until then */
};

static void end_time(void *context)
{
    struct timer *timer = context;
    if (timer->opens-- == 0)
        timer->sweep->until = clock_steady() - 1;
}

static void test_out_of_time(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    bool is_over = true;
    config.settle = 3600;
    for (unsigned opens = 0; is_over; opens++) {
        struct sweep all = {.spool = &fixture->spool,
            .config = &config,
            .until = clock_steady() + (30 * clock_second),
            .lines = BUFFER_EMPTY};
        struct timer timer = {&all, opens};
        fixture_put(fixture, "pending/42/x.json", DROP("a"));
        fixture_age(fixture, "pending/42/x.json", 7200);
        fixture_put(fixture, "pending/42/y.json", "{"); /* half written */
        fault_set_meanwhile(FAULT_OPEN, end_time, &timer);
        sweep_run(&all);
        fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
        is_over = all.until < clock_steady();
        buffer_free(&all.lines);
        sweep(fixture, &config, "");
        fixture_expect(fixture, "pending/42/x.json", NULL);
        assert_int_equal(fixture_count(fixture, "pending/42"), 2);
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_notes),
        IN_SPOOL(test_cancelled),
        IN_SPOOL(test_moved_by_hand),
        IN_SPOOL(test_made_anew),
        IN_SPOOL(test_written_meanwhile),
        IN_SPOOL(test_out_of_time),
        IN_SPOOL(test_failure_of_no_task),
        IN_SPOOL(test_failure_beside_what_is_spoilt),
        IN_SPOOL(test_no_room_to_clear),
        IN_SPOOL(test_no_old_logs),
        IN_SPOOL(test_many_stuck),
        IN_SPOOL(test_names_that_are_none),
        IN_SPOOL(test_read_only_for_a_moment),
    };
    return cmocka_run_group_tests_name("sweep_progress", tests, NULL, NULL);
}
