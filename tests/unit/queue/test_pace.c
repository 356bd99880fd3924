/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "pace.h"
#include "remove_tree.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STAMP "pace/42/a"

static struct config config_of(int pace, int random, int most)
{
    struct config config = fixture_config();
    config.actions[0] =
        (struct action_rules){"a", UNSET, UNSET, UNSET, pace, random, most};
    config.action_count = 1;
    return config;
}

static struct pace begin(const struct fixture *fixture,
    const struct config *config, const char *action, enum error want)
{
    static struct account account; /* *pace goes on pointing at it */
    struct pace pace;
    account = *UNDER(fixture, config);
    pace_init(&pace, &account);
    assert_int_equal(pace_begin(&pace, action), want);
    return pace;
}

/* Asks and, if it may go, takes one. */
static struct pace ask(const struct fixture *fixture,
    const struct config *config, const char *action, enum error want)
{
    struct pace pace = begin(fixture, config, action, want);
    if (want == ERROR_NONE)
        pace_end(&pace, true);
    return pace;
}

static int64_t stamp(const struct fixture *fixture)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, STAMP, &status, 0), 0);
    return clock_from_timespec(status.st_mtim);
}

static void set_stamp(const struct fixture *fixture, int64_t moment)
{
    const struct timespec times[2] = {
        clock_to_timespec(moment), clock_to_timespec(moment)};
    fixture_put(fixture, STAMP, "");
    assert_int_equal(utimensat(fixture->spool.directory, STAMP, times, 0), 0);
}

/* Without a rule nothing is written. */
static void test_no_rule(void **state)
{
    struct config config = config_of(30, 0, 1);
    for (int i = 0; i < 3; i++)
        ask(*state, &config, "b", ERROR_NONE);
    fixture_expect_tree(*state, "");
    assert_int_equal(fixture_count(*state, "index"), 0);
}

static void test_next_is_put_off(void **state)
{
    struct config config = config_of(30, 0, UNSET);
    int64_t before = clock_now();
    ask(*state, &config, "a", ERROR_NONE);
    int64_t next = stamp(*state);
    assert_true(next >= before + (30 * clock_second));
    assert_true(next <= clock_now() + (30 * clock_second));
    struct pace pace = ask(*state, &config, "a", ERROR_BUSY);
    assert_int_equal(pace.next, next);
    assert_false(pace.full);
    assert_int_equal(stamp(*state), next);
    fixture_expect_tree(*state, STAMP "\n");
}

/* Drawn anew each time, from all of the range. */
static void test_random_part(void **state)
{
    struct config config = config_of(10, 40, UNSET);
    bool low = false;
    bool high = false;
    int64_t last = 0;
    for (int i = 0; i < 100; i++) {
        int64_t before = clock_now();
        ask(*state, &config, "a", ERROR_NONE);
        int64_t after = clock_now();
        int64_t next = stamp(*state);
        assert_true(next >= before + (10 * clock_second));
        assert_true(next <= after + (50 * clock_second));
        low = low || next < before + (20 * clock_second);
        high = high || next > after + (40 * clock_second);
        assert_int_not_equal(next - before, last);
        last = next - before;
        set_stamp(*state, before);
    }
    assert_true(low);
    assert_true(high);
}

static void test_users_and_actions_are_apart(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct pace pace;
    config.all.pace = 30;
    ask(fixture, &config, "a", ERROR_NONE);
    ask(fixture, &config, "a", ERROR_BUSY);
    ask(fixture, &config, "b", ERROR_NONE);
    pace_init(&pace, &(struct account){&fixture->spool, &config, 43});
    assert_int_equal(pace_begin(&pace, "a"), ERROR_NONE);
    pace_end(&pace, true);
    fixture_expect_tree(fixture, "pace/42/a\npace/42/b\npace/43/a\n");
}

struct stamp_case {
    int ahead; /* seconds */
    enum error answer;
};

/* With a pace of 30 and up to 20 seconds more. */
static const struct stamp_case stamp_cases[] = {
    {-100000, ERROR_NONE},
    {-1, ERROR_NONE},
    {1, ERROR_BUSY},
    {49, ERROR_BUSY},
    {51, ERROR_NONE}, /* the clock was set back */
    {100000, ERROR_NONE},
};

static void test_stamps(void **state)
{
    struct config config = config_of(30, 20, UNSET);
    for (size_t i = 0; i < COUNT_OF(stamp_cases); i++) {
        int64_t moment = clock_now() + (stamp_cases[i].ahead * clock_second);
        set_stamp(*state, moment);
        struct pace pace = ask(*state, &config, "a", stamp_cases[i].answer);
        if (stamp_cases[i].answer == ERROR_BUSY)
            assert_int_equal(pace.next, moment);
    }
}

static void test_removed_by_hand(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = config_of(30, 0, UNSET);
    ask(fixture, &config, "a", ERROR_NONE);
    assert_int_equal(unlinkat(fixture->spool.directory, STAMP, 0), 0);
    ask(fixture, &config, "a", ERROR_NONE);
    ask(fixture, &config, "a", ERROR_BUSY);
}

/* What was not claimed puts nothing off. */
static void test_not_claimed(void **state)
{
    struct config config = config_of(30, 0, UNSET);
    struct pace pace = begin(*state, &config, "a", ERROR_NONE);
    fixture_expect_tree(*state, STAMP "\n");
    pace_end(&pace, false);
    fixture_expect_tree(*state, "");
    int64_t moment = clock_now() - clock_second;
    set_stamp(*state, moment);
    pace = begin(*state, &config, "a", ERROR_NONE);
    assert_int_not_equal(stamp(*state), moment);
    pace_end(&pace, false);
    assert_int_equal(stamp(*state), moment);
}

static void test_limit(void **state)
{
    struct config config = config_of(UNSET, UNSET, 2);
    fixture_put(*state, EXECUTING(FUTURE, "l1", "b", "t1"), DROP("b"));
    fixture_put(*state, EXECUTING(FUTURE, "l2", "a", "t2"), DROP("a"));
    fixture_put(*state, "executing/43/" FUTURE "-l3-" QUEUED("a", "t3"), "");
    fixture_put(*state, "executing/42/a", "");
    ask(*state, &config, "a", ERROR_NONE);
    fixture_put(*state, EXECUTING(FUTURE, "l4", "a", "t4"), DROP("a"));
    struct pace pace = ask(*state, &config, "a", ERROR_BUSY);
    assert_true(pace.full);
    assert_int_equal(pace.next, 0);
    ask(*state, &config, "b", ERROR_NONE);
    assert_int_equal(fixture_count(*state, "pace"), 0);
}

/* A task that is renewed while executing/42 is read, which is opened behind the
 * lock: it is away then. */
struct missed {
    const struct fixture *fixture;
    unsigned opened;
};

static void miss(void *context)
{
    static const char place[] = EXECUTING(FUTURE, "l", "a", "t");
    static const char aside[] = "tmp/aside";
    struct missed *missed = context;
    int directory = missed->fixture->spool.directory;
    missed->opened++;
    if (missed->opened == 2)
        assert_int_equal(renameat(directory, place, directory, aside), 0);
    if (missed->opened == 3)
        assert_int_equal(renameat(directory, aside, directory, place), 0);
}

static void test_limit_and_one_that_is_renewed(void **state)
{
    struct config config = config_of(UNSET, UNSET, 1);
    struct missed missed = {*state, 0};
    fixture_put(*state, EXECUTING(FUTURE, "l", "a", "t"), DROP("a"));
    fault_set_meanwhile(FAULT_OPEN, miss, &missed);
    ask(*state, &config, "a", ERROR_BUSY);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(missed.opened, 3);
}

/* One that is full must not put the next off. */
static void test_limit_and_pace(void **state)
{
    struct config config = config_of(30, 0, 1);
    fixture_put(*state, EXECUTING(FUTURE, "l", "a", "t"), DROP("a"));
    ask(*state, &config, "a", ERROR_BUSY);
    assert_int_equal(fixture_count(*state, "pace"), 0);
}

/* Whatever a person made in its place. */
static void test_things_in_its_place(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    struct config config = config_of(30, 0, UNSET);
    fixture_put(fixture, "pace/42/.made", "");
    assert_int_equal(mkdirat(directory, STAMP, 0700), 0);
    ask(fixture, &config, "a", ERROR_NONE);
    ask(fixture, &config, "a", ERROR_BUSY);
    assert_int_equal(unlinkat(directory, STAMP, AT_REMOVEDIR), 0);
    assert_int_equal(mkfifoat(directory, STAMP, 0600), 0);
    ask(fixture, &config, "a", ERROR_NONE);
    ask(fixture, &config, "a", ERROR_BUSY);
    assert_int_equal(unlinkat(directory, STAMP, 0), 0);
    assert_int_equal(symlinkat("nowhere", directory, STAMP), 0);
    set_stamp(fixture, clock_now()); /* that of a file elsewhere */
    ask(fixture, &config, "a", ERROR_NONE);
    ask(fixture, &config, "a", ERROR_BUSY);
}

/* Where it cannot be put off it must not go. */
static void test_no_place(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = config_of(30, 0, UNSET);
    struct pace pace;
    fixture_put(fixture, "pace/42", "a file where a folder should be");
    pace_init(&pace, UNDER(fixture, &config));
    enum error error = pace_begin(&pace, "a");
    assert_int_not_equal(error, ERROR_NONE);
    assert_int_not_equal(error, ERROR_BUSY);
    assert_int_equal(pace.lock, -1);
}

/* Of many at once one may go. */
static void test_many_at_once(void **state)
{
    enum {
        PROCESSES = 16
    };
    struct config config = config_of(30, 0, UNSET);
    pid_t children[PROCESSES];
    int gone = 0;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct pace pace;
            const struct fixture *fixture = *state;
            pace_init(&pace, UNDER(fixture, &config));
            enum error error = pace_begin(&pace, "a");
            if (error != ERROR_NONE)
                _exit(error == ERROR_BUSY ? 0 : 2);
            pace_end(&pace, true);
            _exit(1);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
        gone += WEXITSTATUS(status);
    }
    assert_int_equal(gone, 1);
}

/* Of several actions that are held back the first counts. */
static void test_first_of_several(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = config_of(0, 20, 0);
    struct account account = *UNDER(fixture, &config);
    struct pace pace;
    int64_t now = clock_now();
    config.actions[1] = config.actions[0];
    memcpy(config.actions[1].action, "b", 2);
    config.action_count = 2;
    pace_init(&pace, &account);
    assert_int_equal(pace_look(&pace, "c"), 0);
    assert_int_equal(pace_look(&pace, "a"), 0);
    for (int first = 0; first < 2; first++) {
        fixture_put(fixture, "pace/42/b", "");
        set_stamp(fixture, now + ((first == 0 ? 5 : 15) * clock_second));
        fixture_age(fixture, "pace/42/b", first == 0 ? -15 : -5);
        pace_init(&pace, &account);
        assert_int_equal(pace_begin(&pace, "a"), ERROR_BUSY);
        assert_int_equal(pace_begin(&pace, "b"), ERROR_BUSY);
        assert_true(pace.next <= now + (6 * clock_second));
        assert_true(pace.next > now);
        assert_true(pace_look(&pace, "a") >= now);
    }
}

/* What could not be put off must not be handed out. */
static void test_fault(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = config_of(0, 20, 3);
    struct account account = *UNDER(fixture, &config);
    for (int call = 0; call <= FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct pace pace;
            remove_tree(fixture->spool.directory, "pace");
            fixture_put(fixture, "executing/42/x", "");
            pace_init(&pace, &account);
            fault_set((enum fault_call)call, which, EIO);
            enum error error = pace_begin(&pace, "a");
            has_come = fault_clear();
            bool stamped = fixture_find(fixture, "pace/42", "a") != NULL;
            assert_true(error != ERROR_NONE || stamped);
            if (error == ERROR_NONE)
                pace_end(&pace, true);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_no_rule),
        IN_SPOOL(test_next_is_put_off),
        IN_SPOOL(test_random_part),
        IN_SPOOL(test_users_and_actions_are_apart),
        IN_SPOOL(test_stamps),
        IN_SPOOL(test_removed_by_hand),
        IN_SPOOL(test_not_claimed),
        IN_SPOOL(test_limit),
        IN_SPOOL(test_limit_and_one_that_is_renewed),
        IN_SPOOL(test_limit_and_pace),
        IN_SPOOL(test_things_in_its_place),
        IN_SPOOL(test_no_place),
        IN_SPOOL(test_many_at_once),
        IN_SPOOL(test_first_of_several),
        IN_SPOOL(test_fault),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
