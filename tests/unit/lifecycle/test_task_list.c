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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_missed_by_a_reading),
    };
    return cmocka_run_group_tests_name("task_list", tests, NULL, NULL);
}
