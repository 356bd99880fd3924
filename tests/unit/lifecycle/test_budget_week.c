/* SPDX-License-Identifier: MIT */
/* A week in which backlogs pile up while the browsers are closed and fire when
 * they open: no window of the budget's length holds more requests than it
 * allows, as they are sent, not as they are told. */
#include "budget.h"
#include "claim.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "file.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

enum {
    REQUESTS = 20,
    LENGTH = 3600, /* seconds */
    WEEK = 7 * 86400,
    TIMEOUT = 120, /* seconds */
    BROWSERS = 3,
    SENT_MOST = 8000
};

/* What a browser is at. */
struct browser {
    bool busy;
    struct lease_name lease;
    int needs;   /* requests, until it is done */
    int sent;    /* requests, so far */
    int granted; /* requests, that it may still send */
    int until;   /* second at which its lease ends */
    bool silent; /* it tells nothing, as a plugin of the guide */
};

struct week {
    const struct fixture *fixture;
    struct config config;
    struct browser browsers[BROWSERS];
    bool silent;         /* every plugin is */
    int second;          /* that has passed, whatever the clock says */
    int set_back;        /* seconds by which the clock is behind */
    int sent[SENT_MOST]; /* when each request was sent, by seconds passed */
    int count;
    int done;
    int queued;
    unsigned random;
};

static int draw(struct week *week, int below)
{
    week->random = (week->random * 1103515245U) + 12345U;
    return (int)((week->random >> 16) % (unsigned)below);
}

static void queue(struct week *week, int tasks)
{
    for (int i = 0; i < tasks; i++) {
        char name[NAME_LENGTH_MAX + 16];
        snprintf(name, sizeof name, "pending/42/998-" CREATED "-a-t%d.json",
            week->queued++);
        fixture_put(week->fixture, name, DROP("a"));
    }
}

static void remove_entry(struct week *week, const struct browser *browser)
{
    struct name name = name_format_executing(&browser->lease);
    struct path path = path_in_user(SPOOL_EXECUTING, 42, name.text);
    file_remove(week->fixture->spool.directory, path.text);
}

/* A poll; the task needs a few requests, and now and then more than all. */
static void fetch(struct week *week, struct browser *browser)
{
    struct claim claim;
    const struct account *account = UNDER(week->fixture, &week->config);
    enum error error = claim_next(account, "", &claim);
    if (error == ERROR_NOT_FOUND)
        return;
    assert_int_equal(error, ERROR_NONE);
    assert_true(claim.budget >= 1 && claim.budget <= REQUESTS);
    *browser = (struct browser){.busy = true,
        .lease = claim.lease,
        .needs = 1 + draw(week, week->silent ? REQUESTS : 6),
        .granted = claim.budget,
        .until = week->second + TIMEOUT,
        .silent = week->silent};
    if (!week->silent && draw(week, 40) == 0)
        browser->needs = 3 * REQUESTS;
    task_free(&claim.task);
}

static void finish(struct week *week, struct browser *browser)
{
    remove_entry(week, browser);
    budget_settle(UNDER(week->fixture, &week->config), browser->lease.lease,
        browser->silent ? -1 : browser->sent);
    browser->busy = false;
    week->done++;
}

/* As progress.c does. One that is silent keeps its lease by nothing. */
static void tell(struct week *week, struct browser *browser)
{
    struct lease_name renewed = browser->lease;
    struct path from = path_in_user(
        SPOOL_EXECUTING, 42, name_format_executing(&browser->lease).text);
    renewed.deadline = clock_now() + (TIMEOUT * clock_second);
    struct path to =
        path_in_user(SPOOL_EXECUTING, 42, name_format_executing(&renewed).text);
    file_rename(week->fixture->spool.directory, from.text, to.text);
    browser->lease = renewed;
    browser->until = week->second + TIMEOUT;
    browser->granted = budget_renew(
        UNDER(week->fixture, &week->config), &browser->lease, browser->sent);
}

/* A browser sends a request, tells, ends, or is killed without a word. One that
 * was killed may be at it no longer than its lease. */
static void go_on(struct week *week, struct browser *browser)
{
    bool may_send = browser->silent || browser->granted > 0;
    if (browser->sent == browser->needs) {
        finish(week, browser);
    } else if (week->second >= browser->until || draw(week, 300) == 0) {
        browser->busy = false;
    } else if (may_send && draw(week, 3) > 0) {
        assert_true(week->count < SENT_MOST);
        week->sent[week->count++] = week->second;
        browser->sent++;
        browser->granted--;
    } else if (!browser->silent && draw(week, 4) == 0) {
        tell(week, browser);
    }
}

static void check(const struct week *week)
{
    for (int i = REQUESTS; i < week->count; i++) {
        if (week->sent[i] - week->sent[i - REQUESTS] < LENGTH)
            fail_msg("%d requests from second %d to %d", REQUESTS + 1,
                week->sent[i - REQUESTS], week->sent[i]);
    }
}

/* Backlogs of the night and of an absence of two days; now and then the clock
 * is set back, and comes right again little by little. */
static void pass(struct week *week)
{
    for (; week->second < WEEK; week->second += 7) {
        int day = week->second / 86400;
        int hour = week->second % 86400 / 3600;
        bool open = day != 3 && day != 4 && hour >= 8 && hour < 23;
        if (draw(week, 3000) == 0)
            queue(week, 1 + draw(week, 30));
        if (draw(week, 20000) == 0)
            week->set_back += draw(week, 2 * LENGTH);
        clock_fixture_set(week->second - week->set_back);
        for (int i = 0; i < BROWSERS; i++) {
            struct browser *browser = &week->browsers[i];
            if (browser->busy)
                go_on(week, browser);
            else if (open && week->second % 42 == 0)
                fetch(week, browser);
        }
    }
    clock_fixture_set(0);
}

static struct week week_of(const struct fixture *fixture, bool silent)
{
    struct week week = {.fixture = fixture,
        .config = fixture_config(),
        .silent = silent,
        .random = 42};
    week.config.budget = (struct budget_rules){REQUESTS, LENGTH};
    week.config.all.timeout = TIMEOUT;
    return week;
}

static void test_week(void **state)
{
    static struct week week;
    week = week_of(*state, false);
    pass(&week);
    check(&week);
    assert_true(week.done > 200);
    assert_true(week.count > REQUESTS * 40);
}

/* Plugins that know nothing of a budget: each task has all of it. */
static void test_silent_week(void **state)
{
    static struct week week;
    week = week_of(*state, true);
    pass(&week);
    check(&week);
    assert_true(week.done > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_week),
        IN_SPOOL(test_silent_week),
    };
    return cmocka_run_group_tests_name("budget_week", tests, NULL, NULL);
}
