/* SPDX-License-Identifier: MIT */
/* What runs behind an answer: one program takes in what others bring. */
#include "account.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Another program brings a result, and would take it in. */
static enum error bring_another(void *context)
{
    const struct fixture *fixture = context;
    struct config config = fixture_config();
    fixture_put(fixture, "ingest/42/20241207T100009.000000Z-other.json", "{}");
    pid_t child = fork();
    if (child == 0) {
        fault_clear();
        ingest_behind(UNDER(fixture, &config));
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return ERROR_NONE;
}

/* It leaves that to one who is at it, and nothing is left by either, at
 * whatever call of the first the second comes. One entry has to stay. */
static void test_left_to_another(void **state)
{
    struct fixture *fixture = *state;
    struct config config = fixture_config();
    fixture_put(fixture, "ingest/42/a.json/x", "a folder");
    for (int call = 0; call < FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            fixture_put(
                fixture, "ingest/42/20241207T100007.000000Z-t.json", "{}");
            fault_meet((enum fault_call)call, which, bring_another, fixture);
            assert_true(ingest_behind(UNDER(fixture, &config)));
            has_come = fault_clear();
            assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
        }
    }
}

/* While another is at it, nobody waits. */
static void test_held(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    int ready[2];
    int end[2];
    fixture_put(fixture, "ingest/42/20241207T100007.000000Z-t.json", "{}");
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(end), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte = account_lock(UNDER(fixture, &config), "ingest") >= 0;
        close(end[1]);
        _exit(write(ready[1], &byte, 1) == 1 && read(end[0], &byte, 1) == 0
                  ? 0
                  : 1);
    }
    char locked = 0;
    assert_int_equal(read(ready[0], &locked, 1), 1);
    assert_true(locked);
    assert_false(ingest_behind(UNDER(fixture, &config)));
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    close(end[1]);
    waitpid(child, NULL, 0);
    assert_true(ingest_behind(UNDER(fixture, &config)));
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    close(end[0]);
    close(ready[0]);
    close(ready[1]);
}

/* One goes on for as many as there are. */
static void test_many_behind(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    for (int i = 0; i < (2 * INGEST_IN_PASSING) + 7; i++) {
        char path[80];
        snprintf(path, sizeof path, "ingest/42/20241207T100007.%06dZ-t%d.json",
            i, i);
        fixture_put(fixture, path, "{}");
    }
    assert_true(ingest_behind(UNDER(fixture, &config)));
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_left_to_another),
        IN_SPOOL(test_held),
        IN_SPOOL(test_many_behind),
    };
    return cmocka_run_group_tests_name("ingest_behind", tests, NULL, NULL);
}
