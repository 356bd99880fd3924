/* SPDX-License-Identifier: MIT */
/* What a page tells of a task that moves while it is told of. */
#include "fault.h"
#include "request_fixture.h"
#include "step_fixture.h"
#include "unit.h"

#include <string.h>
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

/* As a late result that has found the task waiting while a poll took it: the
 * poll is about to give it up again. */
static void finish_beside(void *context)
{
    struct finisher *finisher = context;
    if (finisher->looks-- == 0)
        fixture_put(finisher->fixture, COMPLETED("t"),
            STEP_RECORD("completed", "\"leases\":[],"));
}

/* It is not told to be executing by who looks for its record behind that: the
 * last look but one finds it. */
static void test_done_and_taken(void **state)
{
    static const struct ask ask = {"GET /tasks/t", NULL, NULL, NULL};
    unsigned untrue = 0;
    for (unsigned looks = 0; looks < 40; looks++) {
        fixture_renew(*state);
        struct finisher finisher = {*state, looks};
        request_tokens(*state);
        fixture_put(*state, LEASED, DROP("get_stats"));
        fault_set_meanwhile(FAULT_STATUS, finish_beside, &finisher);
        const struct answer *answer = request_ask(*state, &ask);
        fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
        assert_int_equal(answer->status, 200);
        untrue += finisher.looks > looks &&
                  strstr(answer->body, "\"executing\"") != NULL;
    }
    assert_true(untrue < 2);
}

#define FINAL                                                                  \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"create_product\","         \
    "\"params\":{},\"created_at\":\"2024-12-07T10:00:00.000000Z\","            \
    "\"status\":\"completed\",\"completed_at\":\"2024-12-07T10:00:00."         \
    "000000Z\"}"

/* Somebody removes its record while it is told why it is not queued again. */
static void remove_record(void *context)
{
    struct finisher *finisher = context;
    if (finisher->looks-- == 0)
        unlinkat(finisher->fixture->spool.directory, COMPLETED("t"), 0);
}

/* Nobody is told that it has been carried out who can see no record of that. */
static void test_removed_meanwhile(void **state)
{
    static const struct ask ask = {"POST /tasks/t/retry", "{}", NULL, NULL};
    static const char *const words[] = {
        "may have been carried out", "t has been carried out"};
    unsigned told[2] = {0, 0};
    for (unsigned looks = 0; looks < 40; looks++) {
        fixture_renew(*state);
        struct finisher finisher = {*state, looks};
        request_tokens(*state);
        fixture_put(*state, COMPLETED("t"), FINAL);
        fault_set_meanwhile(FAULT_STATUS, remove_record, &finisher);
        const struct answer *answer = request_ask(*state, &ask);
        fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
        assert_true(answer->status == 404 || answer->status == 409);
        for (int i = 0; i < 2; i++)
            told[i] += strstr(answer->body, words[i]) != NULL;
    }
    assert_true(told[0] > 0);
    assert_true(told[1] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_done_meanwhile),
        IN_SPOOL(test_done_and_taken),
        IN_SPOOL(test_removed_meanwhile),
    };
    return cmocka_run_group_tests_name("page_between", tests, NULL, NULL);
}
