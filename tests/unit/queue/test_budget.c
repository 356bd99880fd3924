/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "budget.h"
#include "budget_fixture.h"
#include "budget_name.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "ingest_fixture.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* As rm pace/42/ does with a star behind it. */
static void remove_counts(const struct fixture *fixture)
{
    const char *name;
    while ((name = fixture_find(fixture, "pace/42", "")) != NULL) {
        struct path path = path_in_user(SPOOL_PACE, 42, name);
        unlinkat(fixture->spool.directory, path.text, 0);
    }
}

static void test_names(void **state)
{
    static const char *const good[] = {
        CREATED "-3-a1.sent",
        CREATED "-0-x.sent",
        CREATED "-9999999-0123456789abcdef0123456789abcdef.sent",
        CREATED "-20-0-a1.open",
        CREATED "-5-17-receive1.open",
    };
    static const char *const bad[] = {"", "a", "get_stats", CREATED,
        CREATED "-3-a1", CREATED "-3-a1.sent.", CREATED "-3-a1.open",
        CREATED "-3-1-a1.sent", CREATED "--1-a1.sent", CREATED "-03-a1.sent",
        CREATED "-10000000-a1.sent", CREATED "-3-A.sent", CREATED "-3-.sent",
        CREATED "-3-1-.open", CREATED "-3.sent", CREATED "x3-a1.sent",
        "20241307T100000.000000Z-3-a1.sent", "20241207-3-a1.sent",
        CREATED "-3-1-0123456789abcdef0123456789abcdefa.open"};
    struct budget_entry entry;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(budget_name_parse(good[i], &entry), ERROR_NONE);
        assert_string_equal(budget_name_format(&entry).text, good[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (budget_name_parse(bad[i], &entry) != ERROR_SYNTAX)
            fail_msg("%s", bad[i]);
    }
}

/* All that is left goes with a task, until its plugin tells what it needed. */
static void test_granted_and_told(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    struct budget budget;
    assert_int_equal(budget_try(account, "a", 0), 20);
    fixture_expect_tree(fixture, "pace/42/*Z-20-0-a.open\n");
    assert_int_equal(budget_try(account, "b", 0), -1);
    assert_int_equal(budget_look(account, 1, &budget), ERROR_BUSY);
    assert_int_equal(budget.next, 0); /* it may end at any time */
    budget_settle(account, "a", 7);
    fixture_expect_tree(fixture, "pace/42/*Z-7-a.sent\n");
    assert_int_equal(budget_try(account, "b", 0), 13);
    budget_settle(account, "b", 0);
    fixture_expect_tree(fixture, "pace/42/*Z-7-a.sent\n");
    assert_int_equal(budget_try(account, "c", 0), 13);
    budget_settle(account, "c", 13);
    int64_t before = clock_now();
    assert_int_equal(budget_look(account, 1, &budget), ERROR_BUSY);
    assert_true(budget.next > before + ((BUDGET_LENGTH - 9) * clock_second));
    assert_true(budget.next <= before + (BUDGET_LENGTH * clock_second));
    clock_fixture_set(BUDGET_LENGTH + 1);
    assert_int_equal(budget_left(account), 20);
    fixture_expect_tree(fixture, "");
    clock_fixture_set(0);
}

/* More is left only when more of what was sent counts no more. */
static void test_next(void **state)
{
    static const int seconds[] = {0, 100, 50};
    static const int sent[] = {12, 5, 3};
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    int64_t begun = clock_now();
    for (int i = 0; i < 3; i++) {
        char lease[] = {(char)('a' + i), '\0'};
        clock_fixture_set(seconds[i]);
        budget_try(account, lease, sent[i]);
        budget_settle(account, lease, sent[i]);
    }
    static const struct {
        int least, seconds;
    } cases[] = {{1, 0}, {12, 0}, {13, 50}, {15, 50}, {16, 100}, {99, 100}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct budget budget;
        assert_int_equal(
            budget_look(account, cases[i].least, &budget), ERROR_BUSY);
        int64_t after = budget.next - begun;
        after -= (cases[i].seconds + BUDGET_LENGTH) * clock_second;
        assert_true(after >= 0 && after < 40 * clock_second);
    }
    clock_fixture_set(0);
}

/* Who tells nothing is taken to have sent all of it, and who dies as well. */
static void test_silent(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    budget_try(account, "a", 0);
    budget_settle(account, "a", -1);
    assert_int_equal(budget_left(account), 0);
    fixture_expect_tree(fixture, "pace/42/*Z-20-a.sent\n");
    clock_fixture_set(1000);
    assert_int_equal(budget_try(account, "b", 0), 20);
    clock_fixture_set(1000 + 60 + BUDGET_LENGTH - 1);
    assert_int_equal(budget_left(account), 0);
    clock_fixture_set(1000 + 60 + BUDGET_LENGTH + 1);
    assert_int_equal(budget_left(account), 20);
    clock_fixture_set(0);
}

/* What a bridge asks for is known, so that several may be out at once; more
 * than the whole goes when all of it is left. */
static void test_known(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    assert_int_equal(budget_try(account, "a", 1), 1);
    assert_int_equal(budget_try(account, "b", 12), 12);
    assert_int_equal(budget_try(account, "c", 8), -1);
    assert_int_equal(budget_try(account, "d", 30), -1);
    assert_int_equal(budget_try(account, "e", 0), 7);
    budget_settle(account, "a", -1);
    budget_settle(account, "b", -1);
    budget_settle(account, "e", 0);
    assert_int_equal(budget_left(account), 7);
    clock_fixture_set(1000);
    assert_int_equal(budget_try(account, "d", 30), 30);
    assert_int_equal(budget_left(account), 0);
    clock_fixture_set(0);
}

/* A long task gets what has become free while it goes on. */
static void test_progress(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    budget_try(account, "a", 0);
    assert_int_equal(budget_tell(account, "a", -1), 20);
    assert_int_equal(budget_tell(account, "a", 5), 15);
    assert_int_equal(budget_tell(account, "a", 20), 0);
    assert_int_equal(budget_tell(account, "a", 20), 0);
    fixture_expect_tree(fixture, "pace/42/*Z-5-a.sent\npace/42/*Z-15-a.sent\n"
                                 "pace/42/*Z-0-20-a.open\n");
    clock_fixture_set(BUDGET_LENGTH + 1);
    assert_int_equal(budget_tell(account, "a", 20), 20);
    assert_int_equal(budget_tell(account, "a", 22), 18);
    assert_int_equal(budget_tell(account, "a", 3), 18);
    budget_settle(account, "a", 23);
    assert_int_equal(budget_left(account), 17);
    clock_fixture_set(0);
}

/* rm costs no more than what was counted there. */
static void test_removed(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    budget_try(account, "a", 0);
    remove_counts(fixture);
    assert_int_equal(budget_left(account), 20);
    assert_int_equal(budget_tell(account, "a", 4), 16);
    assert_int_equal(budget_left(account), 0);
    remove_counts(fixture);
    budget_settle(account, "a", 6);
    budget_settle(account, "", 1);
    budget_settle(account, "b", -1);
    assert_int_equal(budget_left(account), 13);
    budget_settle(account, "c", 99999999999);
    assert_int_equal(budget_left(account), 0);
}

static void test_taken_back(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    struct lease_name name = budget_lease("a");
    budget_try(account, "a", 0);
    budget_take_back(account, &name);
    budget_take_back(account, &name);
    assert_int_equal(budget_left(account), 20);
}

/* What was counted while the clock was ahead counts as long as if it were
 * counted now, and no longer. */
static void test_clock_set_back(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    clock_fixture_set(7200);
    budget_try(account, "a", 0);
    budget_settle(account, "a", 20);
    clock_fixture_set(0);
    assert_int_equal(budget_left(account), 0);
    clock_fixture_set(BUDGET_LENGTH - 9);
    assert_int_equal(budget_left(account), 0);
    clock_fixture_set(BUDGET_LENGTH + 1);
    assert_int_equal(budget_left(account), 20);
    clock_fixture_set(0);
}

/* One that grants, and ends with how many it was. */
static pid_t grant_beside(const struct account *account, int number)
{
    char lease[16];
    snprintf(lease, sizeof lease, "l%d", number);
    pid_t process = fork();
    if (process == 0) {
        int granted = budget_try(account, lease, 0);
        _exit(granted < 0 ? 0 : granted);
    }
    return process;
}

/* Polls at one moment, without a lock between them: never more than there is,
 * though perhaps less. */
static void test_many_at_once(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    const struct account *account = UNDER(fixture, &config);
    for (int round = 0; round < 50; round++) {
        pid_t processes[4];
        int granted = 0;
        for (int i = 0; i < 4; i++)
            processes[i] = grant_beside(account, i);
        for (int i = 0; i < 4; i++) {
            int status;
            assert_int_equal(waitpid(processes[i], &status, 0), processes[i]);
            assert_true(WIFEXITED(status));
            granted += WEXITSTATUS(status);
        }
        assert_true(granted <= 20);
        assert_int_equal(budget_left(account), 20 - granted);
        remove_counts(fixture);
    }
}

/* Without a budget nothing is looked at, and what was counted before may go. */
static void test_clear(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = budget_config(20);
    struct config none = fixture_config();
    const struct account *account = UNDER(fixture, &config);
    budget_try(account, "a", 1);
    budget_settle(account, "a", 1);
    budget_try(account, "b", 0);
    assert_false(budget_is_set(UNDER(fixture, &none)));
    assert_int_equal(budget_clear(account, false), 0);
    assert_int_equal(budget_clear(UNDER(fixture, &none), true), 1);
    assert_int_equal(budget_clear(UNDER(fixture, &none), false), 1);
    fixture_expect_tree(fixture, "pace/42/*b.open\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        IN_SPOOL(test_granted_and_told),
        IN_SPOOL(test_next),
        IN_SPOOL(test_silent),
        IN_SPOOL(test_known),
        IN_SPOOL(test_progress),
        IN_SPOOL(test_removed),
        IN_SPOOL(test_taken_back),
        IN_SPOOL(test_clock_set_back),
        IN_SPOOL(test_many_at_once),
        IN_SPOOL(test_clear),
    };
    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
