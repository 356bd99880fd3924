/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "error.h"
#include "ingest_fixture.h"
#include "presence.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SEEN "index/42.seen"

/* Lays the stamp as polls would have left it, seconds from now. */
static void lay(const struct fixture *fixture, int since, int until)
{
    int64_t now = clock_now();
    const struct timespec times[2] = {
        clock_to_timespec(now + (since * clock_second)),
        clock_to_timespec(now + (until * clock_second))};
    fixture_put(fixture, SEEN, "");
    assert_int_equal(utimensat(fixture->spool.directory, SEEN, times, 0), 0);
}

static struct presence look(const struct fixture *fixture)
{
    struct presence presence;
    assert_int_equal(presence_read(&fixture->account, &presence), ERROR_NONE);
    return presence;
}

/* Within two seconds of so many seconds from now. */
static void expect_near(int64_t moment, int seconds)
{
    int64_t away = moment - clock_now() - (seconds * clock_second);
    if (away < -2 * clock_second || away > 2 * clock_second)
        fail_msg("have %lld s from now, want %d",
            (long long)((moment - clock_now()) / clock_second), seconds);
}

static int64_t until(const struct fixture *fixture)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, SEEN, &status, 0), 0);
    return clock_from_timespec(status.st_mtim);
}

static void test_never(void **state)
{
    const struct fixture *fixture = *state;
    struct presence presence;
    assert_int_equal(
        presence_read(&fixture->account, &presence), ERROR_NOT_FOUND);
    presence_note(&fixture->other, clock_now());
    assert_int_equal(
        presence_read(&fixture->account, &presence), ERROR_NOT_FOUND);
}

static void test_first_poll(void **state)
{
    const struct fixture *fixture = *state;
    presence_note(&fixture->account, clock_now() + (25 * clock_second));
    struct presence presence = look(fixture);
    assert_true(presence.connected);
    expect_near(presence.since, 0);
    expect_near(presence.last_seen, 0);
    expect_near(until(fixture), 25);
    assert_true(presence.since <= presence.last_seen);
    assert_true(presence.last_seen <= clock_now());
}

struct look_case {
    int since;
    int until;
    bool connected;
};

static const struct look_case look_cases[] = {
    {-100, 20, true}, {-100, -1, true}, {-100, -PRESENCE_GRACE + 2, true},
    {-100, -PRESENCE_GRACE - 1, false}, {-100, -100, false},
    {-100, PRESENCE_AHEAD_MAX - 2, true},
    {-100, PRESENCE_AHEAD_MAX + 2, false} /* the clock was set back */
};

static void test_looks(void **state)
{
    for (size_t i = 0; i < COUNT_OF(look_cases); i++) {
        const struct look_case *row = &look_cases[i];
        lay(*state, row->since, row->until);
        struct presence presence = look(*state);
        if (presence.connected != row->connected)
            fail_msg(
                "until %d: connected is %d", row->until, presence.connected);
        if (row->connected)
            expect_near(presence.since, row->since);
        expect_near(presence.last_seen, 0);
    }
}

struct note_case {
    int since;
    int until; /* before */
    int lasts; /* the poll */
    int new_since;
    int new_until;
};

static const struct note_case note_cases[] = {
    {-1000, -5, 0, -1000, 0},   /* the next one on time */
    {-1000, -5, 25, -1000, 25}, /* held */
    {-1000, 20, 0, -1000, 20},  /* another is still held */
    {-1000, -30, 0, 0, 0},      /* after a gap */
    {-1000, 5000, 0, 0, 0},     /* the clock was set back */
    {50, 10, 0, 0, 0},          /* the same */
    {-1000, 10, 30, -1000, 30}, /* told to come later */
};

static void test_notes(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(note_cases); i++) {
        const struct note_case *row = &note_cases[i];
        lay(fixture, row->since, row->until);
        presence_note(
            &fixture->account, clock_now() + (row->lasts * clock_second));
        struct presence presence = look(fixture);
        assert_true(presence.connected);
        expect_near(presence.since, row->new_since);
        expect_near(until(fixture), row->new_until);
    }
}

/* Of many within a second most write nothing. */
static void test_crowd(void **state)
{
    const struct fixture *fixture = *state;
    presence_note(&fixture->account, clock_now());
    int64_t first = until(fixture);
    int changes = 0;
    for (int i = 0; i < 100; i++) {
        presence_note(&fixture->account, clock_now());
        bool changed = until(fixture) != first;
        changes += changed && clock_now() < first + clock_second;
    }
    assert_int_equal(changes, 0);
}

static void test_no_index(void **state)
{
    const struct fixture *fixture = *state;
    unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR);
    presence_note(&fixture->account, clock_now());
    assert_true(look(fixture).connected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_never),
        IN_SPOOL(test_first_poll),
        IN_SPOOL(test_looks),
        IN_SPOOL(test_notes),
        IN_SPOOL(test_crowd),
        IN_SPOOL(test_no_index),
    };
    return cmocka_run_group_tests_name("presence", tests, NULL, NULL);
}
