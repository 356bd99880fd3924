/* SPDX-License-Identifier: MIT */
/* A poll beside another that takes a task and gives it back. */
#include "claim.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#define WAITING PENDING("get_stats", "t")
#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")

/* Another poll takes the task, and gives it back a few looks later. */
struct detour {
    const struct fixture *fixture;
    unsigned opens; /* until it is taken */
    unsigned looks; /* until it is back */
};

static void go(void *context)
{
    struct detour *detour = context;
    int directory = detour->fixture->spool.directory;
    if (detour->opens > 0) {
        detour->opens--;
        if (detour->opens > 0)
            return;
        file_rename(directory, WAITING, RUNNING);
        fault_set_meanwhile(FAULT_STATUS, go, detour);
    } else if (detour->looks > 0) {
        detour->looks--;
        if (detour->looks == 0)
            file_rename(directory, RUNNING, WAITING);
    }
}

static bool poll_beside(void **state, unsigned opens, unsigned looks)
{
    struct claim claim;
    struct task_place place;
    struct config config = fixture_config();
    fixture_renew(*state);
    const struct fixture *fixture = *state;
    struct detour detour = {fixture, opens, looks};
    fixture_put(fixture, WAITING, DROP("get_stats"));
    fixture_put(fixture, "executing/42/x", "");
    fault_set_meanwhile(FAULT_OPEN, go, &detour);
    if (claim_next(UNDER(fixture, &config), "", &claim) == ERROR_NONE)
        task_free(&claim.task);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(fixture_count(fixture, "rejected"), 0);
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    return detour.opens == 0;
}

/* It is no copy of itself. */
static void test_given_back(void **state)
{
    for (unsigned looks = 1; looks < 8; looks++) {
        unsigned opens = 1;
        while (poll_beside(state, opens, looks))
            opens++;
        assert_true(opens > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_given_back),
    };
    return cmocka_run_group_tests_name("claim_beside", tests, NULL, NULL);
}
