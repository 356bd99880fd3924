/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"
#include "wakeup.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A waiter that sees what is made in pending/. */
static struct wakeup open_waiter(const struct fixture *fixture)
{
    struct wakeup wakeup;
    char folder[64];
    assert_true(wakeup_open(&wakeup, &fixture->spool, "waiter", 1));
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

static void close_waiter(struct wakeup *wakeup)
{
    close(wakeup->inotify);
    wakeup_close(wakeup);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_changes),
        IN_SPOOL(test_rest),
    };
    return cmocka_run_group_tests_name("wakeup", tests, NULL, NULL);
}
