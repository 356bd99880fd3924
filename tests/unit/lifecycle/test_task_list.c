/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "task_fixture.h"
#include "task_list.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A name that readings do not meet: it is away while the folder is opened. */
struct missed {
    const struct fixture *fixture;
    unsigned readings; /* that do not, left */
};

static const char place[] = EXECUTING(FUTURE, "l", "a", "t");
static const char aside[] = "tmp/aside";

static void miss(void *context)
{
    struct missed *missed = context;
    int directory = missed->fixture->spool.directory;
    if (missed->readings > 0)
        renameat(directory, place, directory, aside);
    else
        renameat(directory, aside, directory, place);
    missed->readings -= missed->readings > 0;
}

static bool is_listed(const struct fixture *fixture, unsigned readings)
{
    struct missed missed = {fixture, readings};
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {
        &fixture->account, 1U << TASK_EXECUTING, 10, "", ""};
    fixture_put(fixture, place, DROP("a"));
    fault_set_meanwhile(FAULT_OPEN, miss, &missed);
    enum error error = task_list_write(&list, &out);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(error, ERROR_NONE);
    bool is_there = strstr(buffer_text(&out), "\"t\"") != NULL;
    buffer_free(&out);
    return is_there;
}

/* As one may that is renewed, and stays where it is. */
static void test_missed_by_a_reading(void **state)
{
    assert_true(is_listed(*state, 0));
    assert_true(is_listed(*state, 1));
    assert_true(is_listed(*state, 2));
    assert_false(is_listed(*state, 100)); /* it ends */
}

/* A lease that is renewed as often as that, each time just before its name is
 * to be found. */
struct renewed {
    const struct fixture *fixture;
    unsigned times; /* left */
    struct path name;
};

static struct path renewed_name(unsigned times)
{
    struct path path;
    snprintf(path.text, sizeof path.text,
        "executing/42/20990101T0000%02u.000000Z-l-998-20260101T000000.000000Z-"
        "a-t.json",
        59 - times);
    return path;
}

static void renew(void *context)
{
    struct renewed *renewed = context;
    int directory = renewed->fixture->spool.directory;
    if (renewed->times == 0)
        return;
    struct path next = renewed_name(--renewed->times);
    renameat(directory, renewed->name.text, directory, next.text);
    renewed->name = next;
}

static bool is_listed_while_renewed(
    const struct fixture *fixture, unsigned times)
{
    struct renewed renewed = {fixture, times, renewed_name(times)};
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {
        &fixture->account, 1U << TASK_EXECUTING, 10, "", ""};
    fixture_put(fixture, renewed.name.text, DROP("a"));
    fault_set_meanwhile(FAULT_OPEN, renew, &renewed);
    enum error error = task_list_write(&list, &out);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(error, ERROR_NONE);
    unlinkat(fixture->spool.directory, renewed.name.text, 0);
    bool is_there = strstr(buffer_text(&out), "\"t\"") != NULL;
    buffer_free(&out);
    return is_there;
}

/* The folder is opened up to three times at first. */
static void test_renewed_while_it_is_written(void **state)
{
    for (unsigned times = 0; times <= 8; times++)
        assert_true(is_listed_while_renewed(*state, times));
    assert_false(is_listed_while_renewed(*state, 50)); /* it ends */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_missed_by_a_reading),
        IN_SPOOL(test_renewed_while_it_is_written),
    };
    return cmocka_run_group_tests_name("task_list", tests, NULL, NULL);
}
