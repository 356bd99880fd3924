/* SPDX-License-Identifier: MIT */
/* What a page tells of a task that moves while it is told of. */
#include "fault.h"
#include "request_fixture.h"
#include "step_fixture.h"
#include "unit.h"

#include <unistd.h>

#define LEASED EXECUTING(FUTURE, "abc123", "get_stats", "t")

struct finisher {
    const struct fixture *fixture;
    unsigned looks; /* until then */
};

/* Its result comes while it is told of. */
static void finish(void *context)
{
    struct finisher *finisher = context;
    const struct fixture *fixture = finisher->fixture;
    if (finisher->looks-- != 0)
        return;
    fixture_put(fixture, COMPLETED("t"),
        STEP_RECORD("completed", "\"leases\":[\"abc123\"],"));
    unlinkat(fixture->spool.directory, LEASED, 0);
}

static void test_done_meanwhile(void **state)
{
    static const struct ask ask = {"GET /tasks/t", NULL, NULL, NULL};
    for (unsigned looks = 0; looks < 40; looks++) {
        fixture_renew(*state);
        struct finisher finisher = {*state, looks};
        request_tokens(*state);
        fixture_put(*state, LEASED, DROP("get_stats"));
        fault_set_meanwhile(FAULT_STATUS, finish, &finisher);
        request_expect(*state, &ask, 200, "\"t\"");
        fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_done_meanwhile),
    };
    return cmocka_run_group_tests_name("page_between", tests, NULL, NULL);
}
