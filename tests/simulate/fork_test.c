/* SPDX-License-Identifier: MIT */
/* Processes that others begin. */
#include "kernel.h"
#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SEEDS = 50
};

static const struct plan quiet = {.strategy = STRATEGY_EVEN};

/* What a client does, and what came of it. */
struct story {
    uint32_t children; /* that it begins at once */
    bool refused;      /* one of them was not begun */
    bool lived;        /* the program came to its end */
    bool goes_on;      /* and so did the client, with another program */
};

/* What a child is given. */
struct child {
    struct tasklet *process;
    uint32_t number;
};

static void make(const char *name)
{
    close(open(name, O_WRONLY | O_CREAT, 0600));
}

static void work_as_child(void *context)
{
    const struct child *child = context;
    char name[40];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "/root/%u.%d", child->number, i);
        make(name);
    }
}

static void run_child(void *context)
{
    struct child *child = context;
    scheduler_process("child", 1, child->process, work_as_child, child);
    scheduler_process_end();
}

/* What it gives them is on its stack, and spoilt at once. */
static void work_as_parent(void *context)
{
    struct story *story = context;
    make("/root/parent");
    for (uint32_t i = 0; i < story->children; i++) {
        struct child child = {kernel_process_fork(kernel_process()), i};
        if (!scheduler_fork(child.process, run_child, &child, sizeof child)) {
            kernel_process_end(child.process);
            story->refused = true;
        }
        memset(&child, 0xff, sizeof child);
    }
}

static void work_again(void *context)
{
    (void)context;
    make("/root/next");
}

static void leave_open(void *context)
{
    (void)context;
    open("/root/next", O_RDONLY);
}

static void run_client(void *context)
{
    struct story *story = context;
    story->lived = scheduler_process(
        "parent", 0, kernel_process_begin(1000), work_as_parent, story);
    scheduler_process_end();
    scheduler_process("next", 0, kernel_process_begin(1000), work_again, NULL);
    scheduler_process_end();
    story->goes_on = true;
}

static enum run_end run(
    struct story *story, struct plan plan, uint64_t seed, uint32_t clients)
{
    kernel_reset(profile_find("ext4"), seed);
    kernel_chmod("/root", 0777);
    scheduler_start();
    scheduler_begin(&plan, draw_from(seed, 0));
    for (uint32_t i = 0; i < clients; i++)
        scheduler_add("", run_client, &story[i], 0);
    return scheduler_run();
}

static bool is_there(const char *name)
{
    struct stat status;
    return kernel_stat(name, &status) == 0;
}

/* What was made first has the smaller number. */
static uint64_t number_of(const char *name)
{
    struct stat status;
    assert_int_equal(kernel_stat(name, &status), 0);
    return status.st_ino;
}

static uint32_t all_is_lost(void *context, uint32_t below)
{
    (void)context;
    (void)below;
    return 0;
}

static void ask_twice(void *context)
{
    int *kept = context;
    struct tasklet *process = kernel_process_begin(1000);
    int number = kernel_process_id(process);
    scheduler_process("first", 0, process, work_again, NULL);
    kept[0] = (int)scheduler_process_rest();
    process = kernel_process_resume();
    assert_int_equal(kernel_process_id(process), number);
    assert_null(kernel_process_resume());
    scheduler_process("second", 0, process, leave_open, NULL);
    kept[1] = (int)scheduler_process_rest();
}

static void a_process_that_stays_tells_what_it_keeps(void **state)
{
    (void)state;
    int kept[2] = {-1, -1};
    kernel_reset(profile_find("ext4"), 1);
    kernel_chmod("/root", 0777);
    scheduler_start();
    scheduler_begin(&quiet, draw_from(1, 0));
    scheduler_add("", ask_twice, kept, 0);
    assert_int_equal(scheduler_run(), RUN_DONE);
    assert_int_equal(kept[0], 0);
    assert_int_equal(kept[1], 1);
    kernel_power_loss(all_is_lost, NULL);
    assert_null(kernel_process_resume());
}

static void a_child_outlives_its_parent(void **state)
{
    (void)state;
    unsigned before = 0;
    unsigned after = 0;
    unsigned within = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct story story = {.children = 1};
        assert_int_equal(run(&story, quiet, seed, 1), RUN_DONE);
        assert_true(story.lived && story.goes_on && !story.refused);
        uint64_t next = number_of("/root/next");
        before += next < number_of("/root/0.0");
        after += next > number_of("/root/0.2");
        within +=
            next > number_of("/root/0.0") && next < number_of("/root/0.2");
    }
    assert_true(before > 0 && after > 0 && within > 0);
}

static struct plan with_fault(enum fault_kind kind, uint64_t step)
{
    return (struct plan){.strategy = STRATEGY_EVEN,
        .faults = {{.kind = kind, .step = step, .times = 1, .folder = ""}},
        .fault_count = 1};
}

/* Six calls of the child, two of its parent, two of the next program. */
static void each_is_killed_alone(void **state)
{
    (void)state;
    unsigned child_alone = 0;
    unsigned parent_alone = 0;
    for (uint64_t step = 1; step <= 10; step++) {
        struct story story = {.children = 1};
        assert_int_equal(
            run(&story, with_fault(FAULT_KILL, step), step, 1), RUN_DONE);
        assert_int_equal(scheduler_struck(FAULT_KILL), 1);
        assert_true(story.goes_on);
        bool child_lived = is_there("/root/0.2");
        child_alone += story.lived && !child_lived && is_there("/root/next");
        parent_alone += child_lived && !is_there("/root/next");
    }
    assert_true(child_alone > 0 && parent_alone > 0);
}

static void power_takes_all(void **state)
{
    (void)state;
    struct story story = {.children = 3};
    assert_int_equal(
        run(&story, with_fault(FAULT_POWER, 8), 1, 1), RUN_POWER_LOST);
    assert_false(is_there("/root/0.2") && is_there("/root/1.2"));
    assert_false(is_there("/root/next") && story.goes_on);
    assert_int_equal(run(&story, quiet, 1, 1), RUN_DONE);
    assert_true(is_there("/root/2.2") && story.goes_on);
}

/* A place is free again when its actor is over. */
static void so_many_at_one_time(void **state)
{
    (void)state;
    struct story many = {.children = ACTORS_MAX};
    assert_int_equal(run(&many, quiet, 1, 1), RUN_DONE);
    assert_true(many.refused && many.goes_on);
    assert_true(is_there("/root/10.2"));
    assert_false(is_there("/root/11.0"));
    struct story stories[2 * ACTORS_MAX / 3] = {{0}};
    uint32_t count = sizeof stories / sizeof stories[0];
    for (uint32_t i = 0; i < count; i++)
        stories[i].children = 1;
    const struct plan one_by_one = {
        .strategy = STRATEGY_STICKY, .stickiness = 1000};
    assert_int_equal(run(stories, one_by_one, 1, count), RUN_DONE);
    for (uint32_t i = 0; i < count; i++)
        assert_true(stories[i].goes_on && !stories[i].refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_outlives_its_parent),
        cmocka_unit_test(each_is_killed_alone),
        cmocka_unit_test(power_takes_all),
        cmocka_unit_test(a_process_that_stays_tells_what_it_keeps),
        cmocka_unit_test(so_many_at_one_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
