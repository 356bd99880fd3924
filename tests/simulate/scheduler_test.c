/* SPDX-License-Identifier: MIT */
/* Actors that make system calls, and what goes wrong with them. */
#include "scheduler.h"

#include "calls.h"
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static void work(void *context)
{
    (void)context;
    unlinkat(AT_FDCWD, "/root/a", 0);
    unlinkat(AT_FDCWD, "/root/b", 0);
    unlinkat(AT_FDCWD, "/root/spool/done/42/t.failed.json", 0);
}

static void act(void *context)
{
    struct tasklet *process = kernel_process_begin(1000);
    scheduler_process("worker", 0, process, work, context);
    scheduler_process_end();
}

/* Of two actors the one meets an error in its first call, and is killed in its
 * second, or the power goes. */
static void struck_before_its_end(void **state)
{
    (void)state;
    static const enum fault_kind ends[] = {
        FAULT_KINDS, FAULT_KILL, FAULT_POWER};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char one;
        char other;
        struct plan plan = {.strategy = STRATEGY_EVEN,
            .faults = {{FAULT_ERROR, 0, 1, EIO, false, "", FAULT_AT_ANY},
                {ends[i], 2, 1, 0, false, "", FAULT_AT_ANY}},
            .fault_count = ends[i] == FAULT_KINDS ? 1 : 2};
        kernel_reset(profile_find("posix"), 1);
        scheduler_begin(&plan, draw_from(1, 1));
        scheduler_add("one", act, &one, 0);
        scheduler_add("other", act, &other, 1000000000);
        assert_int_equal(scheduler_run(),
            ends[i] == FAULT_POWER ? RUN_POWER_LOST : RUN_DONE);
        assert_int_equal(scheduler_struck(FAULT_ERROR), 1);
        assert_true(scheduler_was_struck(&one));
        assert_false(scheduler_was_struck(&other));
    }
}

/* What hides something waits for a call on what is there. */
static void struck_where_something_is(void **state)
{
    (void)state;
    char one;
    const struct plan plan = {.strategy = STRATEGY_EVEN,
        .faults = {{FAULT_ERROR, 0, 1, EIO, false, "/root/",
            FAULT_AT_SOMETHING}},
        .fault_count = 1};
    for (int is_there = 0; is_there < 2; is_there++) {
        struct stat status;
        kernel_reset(profile_find("posix"), 1);
        kernel_write("/root/c", "", 0, 0600, 1000);
        if (is_there)
            kernel_write("/root/b", "", 0, 0600, 1000);
        scheduler_begin(&plan, draw_from(1, 1));
        scheduler_add("one", act, &one, 0);
        assert_int_equal(scheduler_run(), RUN_DONE);
        assert_int_equal(scheduler_struck(FAULT_ERROR), is_there);
        assert_int_equal(kernel_stat("/root/b", &status) == 0, is_there);
    }
}

static void make(const char *path)
{
    assert_int_equal(kernel_write(path, "", 0, 0600, 1000), 0);
}

/* What is met with what is not done waits for a record beside an entry, or a
 * verdict, of the same task. */
static void struck_where_two_are(void **state)
{
    (void)state;
    static const char *const others[] = {
        "/root/spool/executing/42/20260101T000100.000000Z-l-1-x-y-t.r1.json",
        "/root/spool/tmp/42-t.verdict", "/root/spool/tmp/42-at.verdict"};
    static const char *const folders[] = {"/root/spool", "/root/spool/done",
        "/root/spool/done/42", "/root/spool/executing",
        "/root/spool/executing/42", "/root/spool/tmp"};
    char one;
    const struct plan plan = {.strategy = STRATEGY_EVEN,
        .faults = {{FAULT_ERROR, 0, 1, EIO, false, "/done/", FAULT_AT_RECORD}},
        .fault_count = 1};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        kernel_reset(profile_find("posix"), 1);
        for (size_t k = 0; k < sizeof folders / sizeof *folders; k++)
            kernel_mkdir(folders[k], 0700, 1000);
        make("/root/spool/done/42/t.failed.json");
        make(others[i]);
        scheduler_begin(&plan, draw_from(1, 1));
        scheduler_add("one", act, &one, 0);
        assert_int_equal(scheduler_run(), RUN_DONE);
        assert_int_equal(scheduler_struck(FAULT_ERROR), i < 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(struck_before_its_end),
        cmocka_unit_test(struck_where_something_is),
        cmocka_unit_test(struck_where_two_are),
    };
    return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
