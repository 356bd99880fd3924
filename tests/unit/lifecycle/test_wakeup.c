/* SPDX-License-Identifier: MIT */
#include "claim.h"
#include "clock.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"
#include "wakeup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* With a descriptor for inotify, of which all programs of one user together may
 * have 128: other tests may have them all for a moment. */
static struct wakeup open_seeing(const struct fixture *fixture)
{
    static const struct timespec pause = {.tv_nsec = 10000000};
    struct wakeup wakeup;
    assert_true(wakeup_open(&wakeup, &fixture->spool, "waiter", 1));
    for (int i = 0; wakeup.inotify < 0 && i < 3000; i++) {
        nanosleep(&pause, NULL);
        wakeup_close(&wakeup);
        assert_true(wakeup_open(&wakeup, &fixture->spool, "waiter", 1));
    }
    assert_true(wakeup.inotify >= 0);
    return wakeup;
}

/* A waiter that sees what is made in pending/. */
static struct wakeup open_waiter(const struct fixture *fixture)
{
    struct wakeup wakeup = open_seeing(fixture);
    char folder[64];
    fixture_put(fixture, "pending/first", "x");
    snprintf(folder, sizeof folder, "/proc/self/fd/%d/pending",
        fixture->spool.directory);
    assert_true(inotify_add_watch(wakeup.inotify, folder, IN_MOVED_TO) >= 0);
    return wakeup;
}

/* A far moment: only a change ends such a wait before its tick. */
static int64_t far(void)
{
    return clock_steady() + (300 * clock_second);
}

/* A process that lives on gets everything back. */
static void close_waiter(struct wakeup *wakeup)
{
    int inotify = wakeup->inotify;
    wakeup_close(wakeup);
    assert_int_equal(fcntl(inotify, F_GETFD), -1);
}

/* Each of the first changes wakes at once, and is counted. */
static void test_changes(void **state)
{
    struct wakeup wakeup = open_waiter(*state);
    for (unsigned i = 1; i <= WAKEUPS_EAGER; i++) {
        char path[32];
        snprintf(path, sizeof path, "pending/%u", i);
        fixture_put(*state, path, "x");
        wakeup_wait(&wakeup, far());
        assert_int_equal(wakeup.row, i);
    }
    close_waiter(&wakeup);
}

/* After too many of them in a row a change has to wait, but for no longer than
 * until the moment that was asked for; and a wait without one ends the row. */
static void test_rest(void **state)
{
    struct wakeup wakeup = open_waiter(*state);
    wakeup.row = WAKEUPS_EAGER + 1000;
    fixture_put(*state, "pending/next", "x");
    int64_t until = clock_steady() + (clock_second / 20);
    wakeup_wait(&wakeup, until);
    assert_true(clock_steady() >= until);
    assert_int_equal(wakeup.row, WAKEUPS_EAGER + 1001);
    wakeup_wait(&wakeup, clock_steady());
    assert_int_equal(wakeup.row, 0);
    close_waiter(&wakeup);
}

/* A rest of its own length, where there is time for it. */
static void test_short_rest(void **state)
{
    struct wakeup wakeup = open_waiter(*state);
    wakeup.row = WAKEUPS_EAGER;
    fixture_put(*state, "pending/next", "x");
    int64_t before = clock_steady();
    wakeup_wait(&wakeup, far());
    assert_true(clock_steady() - before >= (int64_t)WAKEUP_REST * 1000);
    assert_int_equal(wakeup.row, WAKEUPS_EAGER + 1);
    close_waiter(&wakeup);
}

/* What goes is seen where it holds something back. */
static void test_what_holds(void **state)
{
    const struct fixture *fixture = *state;
    struct wakeup wakeup = open_seeing(fixture);
    fixture_put(fixture, "pending/42/PAUSED", "");
    fixture_put(fixture, "pace/42/a", "");
    fixture_put(fixture, "executing/42/x", "");
    static const char *const held[] = {
        "pending/42/PAUSED", "pace/42/a", "executing/42/x"};
    wakeup_watch(&wakeup, fixture->root, 42,
        HELD_BY_PAUSE | HELD_BY_PACE | HELD_BY_LIMIT);
    for (unsigned i = 0; i < COUNT_OF(held); i++) {
        assert_int_equal(unlinkat(fixture->spool.directory, held[i], 0), 0);
        wakeup_wait(&wakeup, far());
        assert_int_equal(wakeup.row, i + 1);
    }
    close_waiter(&wakeup);
}

/* Where there is no descriptor left for it, the wait is a plain one. */
static void test_no_inotify(void **state)
{
    const struct fixture *fixture = *state;
    struct wakeup wakeup;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit one = {(rlim_t)fault_lowest_free() + 1, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &one), 0);
    bool opened = wakeup_open(&wakeup, &fixture->spool, "waiter", 1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(opened);
    assert_true(wakeup.inotify < 0);
    wakeup_watch(&wakeup, fixture->root, 42, 0);
    wakeup_watch_done(&wakeup, fixture->root, 42);
    wakeup_wait(&wakeup, clock_steady());
    assert_int_equal(wakeup.row, 0);
    wakeup_close(&wakeup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_changes),
        IN_SPOOL(test_rest),
        IN_SPOOL(test_short_rest),
        IN_SPOOL(test_what_holds),
        IN_SPOOL(test_no_inotify),
    };
    return cmocka_run_group_tests_name("wakeup", tests, NULL, NULL);
}
