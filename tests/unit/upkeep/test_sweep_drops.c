/* SPDX-License-Identifier: MIT */
/* A folder into which files come without end takes its share of a sweep, and
 * not all of it; and of many that can be no task not all are named. */
#include "clock.h"
#include "fault.h"
#include "file.h"
#include "sweep.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define NEXT "pending/42/next.json"
#define STATS "{\"action\":\"get_stats\",\"params\":{\"item_id\":5}}"

enum {
    ROUNDS = 100,  /* looks that a sweep takes at one folder */
    DROPPED = 1000 /* files that come at the most */
};

struct dropper {
    const struct fixture *fixture;
    unsigned count;
};

/* As soon as the one has been routed the next one comes. */
static void drop_next(void *context)
{
    struct dropper *dropper = context;
    const struct fixture *fixture = dropper->fixture;
    if (dropper->count == DROPPED ||
        file_exists(fixture->spool.directory, NEXT))
        return;
    fixture_put(fixture, NEXT, STATS);
    dropper->count++;
}

static void test_without_end(void **state)
{
    const struct fixture *fixture = *state;
    struct dropper dropper = {fixture, 0};
    struct config config = fixture_config();
    config.settle = 86400;
    /* There is always one that waits: it is half written. */
    fixture_put(fixture, "pending/42/half.json", "{");
    struct sweep sweep = {.spool = &fixture->spool,
        .config = &config,
        .until = clock_steady() + (600 * clock_second),
        .lines = BUFFER_EMPTY};
    fault_set_meanwhile(FAULT_OPEN, drop_next, &dropper);
    enum error error = sweep_run(&sweep);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    print_message("# %u: %s\n", dropper.count, buffer_text(&sweep.lines));
    buffer_free(&sweep.lines);
    assert_int_equal(error, ERROR_NONE);
    assert_true(dropper.count >= ROUNDS && dropper.count <= ROUNDS + 2);
}

static void test_many_strangers(void **state)
{
    static const char want[] =
        "left alone 2 more in pending/ that can be no task\n";
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    for (int i = 0; i < 10; i++) {
        char path[] = "pending/42/?.part";
        *strchr(path, '?') = (char)('0' + i);
        fixture_put(fixture, path, "");
        fixture_age(fixture, path, 4000);
    }
    struct sweep sweep = sweep_call(&fixture->spool, &config, true);
    assert_non_null(strstr(buffer_text(&sweep.lines), want));
    buffer_free(&sweep.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_without_end),
        IN_SPOOL(test_many_strangers),
    };
    return cmocka_run_group_tests_name("sweep_drops", tests, NULL, NULL);
}
