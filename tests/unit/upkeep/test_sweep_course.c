/* SPDX-License-Identifier: MIT */
/* A sweep whose time is up goes on where it stopped. */
#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "ingest_fixture.h"
#include "number.h"
#include "sweep_duty.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COURSE "index/sweeper.at"

enum {
    USERS = 7,
    NAMES = 1000
};

/* A sweep of another program, with no time at all. */
struct late {
    struct config config;
    struct sweep sweep;
    bool goes_on;
};

static void begin(struct late *late, const struct fixture *fixture)
{
    late->config = fixture_config();
    late->sweep = (struct sweep){.spool = &fixture->spool,
        .config = &late->config,
        .lines = BUFFER_EMPTY};
    late->goes_on = sweep_course_read(&late->sweep);
    sweep_begin_duty(&late->sweep, 3);
}

static void end(struct late *late)
{
    sweep_course_write(&late->sweep, late->goes_on);
    buffer_free(&late->sweep.lines);
}

static void put_users(const struct fixture *fixture)
{
    for (int i = 1; i <= USERS; i++) {
        char path[40];
        snprintf(path, sizeof path, "pending/%d/x", 10 * i);
        fixture_put(fixture, path, "");
    }
}

static enum error note_user(void *context, const struct account *account)
{
    buffer_append_format(context, "%" PRId64 " ", account->user);
    return ERROR_NONE;
}

static void visit(const struct fixture *fixture, struct buffer *users)
{
    struct late late;
    begin(&late, fixture);
    sweep_each(&late.sweep, SPOOL_PENDING, note_user, users);
    end(&late);
}

/* One at least each time, and each before any comes again. */
static void test_users(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer users = BUFFER_EMPTY;
    put_users(fixture);
    for (int i = 0; i < USERS + 2; i++)
        visit(fixture, &users);
    assert_string_equal(buffer_text(&users), "10 20 30 40 50 60 70 10 20 ");
    buffer_free(&users);
}

/* Who has gone since is no reason to begin anew. */
static void test_user_gone(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer users = BUFFER_EMPTY;
    put_users(fixture);
    visit(fixture, &users);
    assert_int_equal(unlinkat(fixture->spool.directory, "pending/20/x", 0), 0);
    assert_int_equal(
        unlinkat(fixture->spool.directory, "pending/20", AT_REMOVEDIR), 0);
    visit(fixture, &users);
    assert_string_equal(buffer_text(&users), "10 30 ");
    buffer_free(&users);
}

/* With time all are met, and nothing is left to remember. */
static void test_in_time(void **state)
{
    struct late late;
    const struct fixture *fixture = *state;
    struct buffer users = BUFFER_EMPTY;
    put_users(fixture);
    visit(fixture, &users);
    assert_int_equal(fixture_count(fixture, "index"), 1);
    begin(&late, fixture);
    late.sweep.until = clock_steady() + (60 * clock_second);
    sweep_each(&late.sweep, SPOOL_PENDING, note_user, &users);
    end(&late);
    assert_string_equal(buffer_text(&users), "10 20 30 40 50 60 70 10 ");
    assert_int_equal(fixture_count(fixture, "index"), 0);
    buffer_free(&users);
}

/* What is lost or torn is as good as any. */
static void test_spoilt(void **state)
{
    static const char *const texts[] = {"", "\n", "3 0", "3 0 20 0 x\n",
        "99 0 20 0 0\n", "3 99 20 0 0\n", "3 0 -20 -7 -1\n",
        "3 0 9223372036854775807 1 1\n", "~~~"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct buffer users = BUFFER_EMPTY;
        put_users(*state);
        fixture_put(*state, COURSE, texts[i]);
        for (int j = 0; j < USERS; j++)
            visit(*state, &users);
        assert_int_equal(users.length, 3 * USERS);
        for (int j = 1; j <= USERS; j++) {
            char user[16];
            snprintf(user, sizeof user, "%d ", 10 * j);
            assert_non_null(strstr(buffer_text(&users), user));
        }
        buffer_free(&users);
        fixture_renew(*state);
    }
}

/* --- Folders -------------------------------------------------------------- */

struct meeting_of_names {
    struct sweep *sweep;
    unsigned met[2][NAMES];
    unsigned most; /* met by one sweep */
};

struct folder_walk {
    struct meeting_of_names *meeting;
    int which;
};

static enum error note_name(void *context, const char *name)
{
    const struct folder_walk *walk = context;
    int64_t number;
    assert_int_equal(
        number_parse(name, strspn(name, "0123456789"), &number), ERROR_NONE);
    walk->meeting->met[walk->which][number]++;
    walk->meeting->most++;
    return ERROR_NONE;
}

static enum error walk_two(void *context, const struct account *account)
{
    struct meeting_of_names *meeting = context;
    static const enum spool_directory folders[] = {SPOOL_DONE, SPOOL_PENDING};
    for (int i = 0; i < 2; i++) {
        struct folder_walk walk = {meeting, i};
        sweep_each_name(meeting->sweep, account_folder(account, folders[i]),
            note_name, &walk);
    }
    return ERROR_NONE;
}

/* Each name is met once before one is met again, in each of two folders. */
static void test_names(void **state)
{
    const struct fixture *fixture = *state;
    static struct meeting_of_names meeting;
    memset(&meeting, 0, sizeof meeting);
    for (int i = 0; i < NAMES; i++) {
        char path[40];
        snprintf(path, sizeof path, "done/42/%d", i);
        fixture_put(fixture, path, "");
        snprintf(path, sizeof path, "pending/42/%d", i);
        fixture_put(fixture, path, "");
    }
    do {
        struct late late;
        begin(&late, fixture);
        meeting.sweep = &late.sweep;
        meeting.most = 0;
        sweep_each(&late.sweep, SPOOL_DONE, walk_two, &meeting);
        end(&late);
        assert_in_range(meeting.most, 1, NAMES / 2);
    } while (fixture_count(fixture, "index") > 0);
    for (int i = 0; i < NAMES; i++) {
        assert_int_equal(meeting.met[0][i], 1);
        assert_int_equal(meeting.met[1][i], 1);
    }
}

/* --- All of it ------------------------------------------------------------ */

/* Sweeps that never have time do all there is to do by and by, the last duty
 * as well as the first. */
static void test_no_duty_starves(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    config.log_size = 10;
    config.background = false;
    for (int i = 1; i <= USERS; i++) {
        char path[120];
        snprintf(path, sizeof path,
            "executing/%d/" PAST "-l-998-" CREATED "-get_stats-t.json", i);
        fixture_put(fixture, path, DROP("get_stats"));
        snprintf(path, sizeof path, "pending/%d/a.json", i);
        fixture_put(fixture, path, DROP("get_stats"));
    }
    fixture_put(fixture, "log/access.log", "more than ten bytes\n");
    for (int i = 0; i < USERS + 1; i++) {
        struct sweep sweep = {
            .spool = &fixture->spool, .config = &config, .lines = BUFFER_EMPTY};
        assert_int_equal(sweep_run(&sweep), ERROR_NONE);
        buffer_free(&sweep.lines);
    }
    for (int i = 1; i <= USERS; i++) {
        char path[40];
        snprintf(path, sizeof path, "executing/%d", i);
        assert_int_equal(fixture_count(fixture, path), 0);
        snprintf(path, sizeof path, "pending/%d/a.json", i);
        fixture_expect(fixture, path, NULL);
    }
    fixture_expect(fixture, "log/access.log", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_users),
        IN_SPOOL(test_user_gone),
        IN_SPOOL(test_in_time),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_names),
        IN_SPOOL(test_no_duty_starves),
    };
    return cmocka_run_group_tests_name("sweep_course", tests, NULL, NULL);
}
