/* SPDX-License-Identifier: MIT */
#include "execute.h"

#include "cancel.h"
#include "claim.h"
#include "delivery.h"
#include "enqueue.h"
#include "fault.h"
#include "file.h"
#include "step_fixture.h"

#include <errno.h>
#include <string.h>

static enum error execute_within(const struct fixture *fixture, int slots,
    struct execution *execution, struct task_place *place)
{
    struct config config = fixture_config();
    struct account account = {&fixture->spool, &config, 42};
    config.max_waiters = slots;
    *execution = (struct execution){.account = &account, .root = fixture->root};
    draft_init(&execution->draft);
    memcpy(execution->draft.action, "get_stats", sizeof "get_stats");
    memcpy(execution->draft.id, "t", sizeof "t");
    return execute_task(execution, place);
}

/* ERROR_NONE: it was withdrawn, or is finished. */
static enum error execute(const struct fixture *fixture)
{
    struct execution execution;
    struct task_place place;
    enum error error = execute_within(fixture, 1, &execution, &place);
    if (error == ERROR_INCOMPLETE)
        return execution.withdrawn ? ERROR_NONE : ERROR_BUSY;
    if (error == ERROR_NONE)
        fixture_expect(fixture, FAILED("t"), NULL);
    return error;
}

static void lay_nothing(const struct fixture *fixture)
{
    (void)fixture;
}

static void test_withdrawn(void **state)
{
    struct execution execution;
    struct task_place place;
    assert_int_equal(
        execute_within(*state, 1, &execution, &place), ERROR_INCOMPLETE);
    assert_true(execution.withdrawn);
    fixture_expect_member(*state, FAILED("t"), "declared", "\"cancelled\"");
    fixture_expect_tree(*state, FAILED("t") "\n");
}

static void test_no_slot(void **state)
{
    struct execution execution;
    struct task_place place;
    assert_int_equal(execute_within(*state, 0, &execution, &place), ERROR_BUSY);
    fixture_expect_tree(*state, "");
}

/* Where it cannot be withdrawn it expires. */
static void test_fault(void **state)
{
    static const struct step step = {.name = "an execute",
        .prepare = lay_nothing,
        .work = execute,
        .end = FAILED("t") "\n",
        .or_end = "pending/42/000-*-t.json\n",
        .again = 1U << ERROR_EXISTS,
        .makes = true};
    step_each_fault(*state, &step);
}

/* --- A plugin that is quick ----------------------------------------------- */

static void fetch(const struct fixture *fixture)
{
    struct claim claim;
    struct config config = fixture_config();
    if (claim_next(UNDER(fixture, &config), "receive1", &claim) == ERROR_NONE)
        task_free(&claim.task);
}

static void succeed(const struct fixture *fixture)
{
    struct result_body body = {.verdict = {.completed = true,
                                   .result = "{}",
                                   .result_length = 2,
                                   .execution_time_ms = -1},
        .lease = BUFFER_EMPTY};
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    fetch(fixture);
    delivery_carry_out(&delivery);
}

static void test_turns(void **state)
{
    static const char *const fetched[] = {
        FAILED("t") "\n",
        "executing/42/*-receive1-*-t.json\nprogress/42/t.cancel\n",
        NULL,
    };
    static const char *const finished[] = {
        COMPLETED("t") "\n*",
        FAILED("t") "\n",
        NULL,
    };
    static const struct step step = {.name = "an execute, met by a plugin",
        .prepare = lay_nothing,
        .work = execute,
        .makes = true};
    step_each_turn(*state, &step, fetch, fetched);
    step_each_turn(*state, &step, succeed, finished);
}

static bool was_withdrawn; /* before that */

/* The plugin has answered, and that cannot be looked at for a moment. */
static enum error answer(void *context)
{
    const struct fixture *fixture = context;
    was_withdrawn = file_exists(fixture->spool.directory, FAILED("t"));
    succeed(context);
    fault_set(FAULT_STATUS, 1, EIO);
    return ERROR_NONE;
}

/* Whoever is about to withdraw it then finds the answer. */
static void test_answer_out_of_sight(void **state)
{
    bool has_come = true;
    for (unsigned which = 1; has_come; which++) {
        struct execution execution;
        struct task_place place;
        fixture_renew(*state);
        fault_meet(FAULT_STATUS, which, answer, *state);
        enum error error = execute_within(*state, 1, &execution, &place);
        has_come = fault_clear();
        if (fixture_count(*state, "done/42") == 0)
            continue;
        bool is_done = file_exists(
            ((struct fixture *)*state)->spool.directory, COMPLETED("t"));
        print_message("# look %u: %d, %d\n", which, (int)error, (int)is_done);
        if (error == ERROR_NONE)
            assert_int_equal(place.state, TASK_COMPLETED);
        else if (error == ERROR_INCOMPLETE && execution.withdrawn &&
                 !was_withdrawn)
            assert_false(is_done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_withdrawn),
        IN_SPOOL(test_no_slot),
        IN_SPOOL(test_fault),
        IN_SPOOL(test_turns),
        IN_SPOOL(test_answer_out_of_sight),
    };
    return cmocka_run_group_tests_name("execute", tests, NULL, NULL);
}
