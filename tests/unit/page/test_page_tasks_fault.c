/* SPDX-License-Identifier: MIT */
/* The pages of whoever has tasks carried out, with each call of the C library
 * failing in turn. */
#include "photo_fixture.h"
#include "request_fixture.h"
#include "trial_fixture.h"
#include "unit.h"

#include <errno.h>

static void create_with_key(const struct fixture *fixture)
{
    static const struct ask ask = {"POST /tasks/create",
        "{\"action\":\"greet\"}", "HTTP_IDEMPOTENCY_KEY=k", NULL};
    request_expect(fixture, &ask, 201, "task_id");
}

static void expect_photo_task(const struct fixture *fixture)
{
    trial_expect_queued(fixture);
    trial_expect_photo(fixture);
}

static const struct trial trials[] = {
    {.name = "create",
        .ask = {"POST /tasks/create",
            "{\"action\":\"greet\",\"user_id\":42,\"task_id\":\"t\","
            "\"not_before\":\"2099-01-01T00:00:00Z\"}",
            NULL, NULL},
        .status = 201,
        .repeated = 409,
        .words = "\"t\"",
        .refused = trial_expect_nothing,
        .check = trial_expect_queued},
    {.name = "create by the query",
        .ask = {"POST /plugin/tasks/create?action=greet&priority=3", "",
            "HTTP_ORIGIN=https://a.example", NULL},
        .settings = "[site]\norigins = https://a.example\n",
        .status = 201,
        .words = "task_id"},
    {.name = "create with a key",
        .ask = {"POST /tasks/create", "{\"action\":\"greet\"}",
            "HTTP_IDEMPOTENCY_KEY=k", NULL},
        .status = 201,
        .words = "task_id",
        .refused = trial_expect_nothing,
        .check = trial_expect_queued},
    {.name = "create with a key again",
        .ask = {"POST /tasks/create", "{\"action\":\"greet\"}",
            "HTTP_IDEMPOTENCY_KEY=k", NULL},
        .prepare = create_with_key,
        .status = 201,
        .words = "task_id",
        .check = trial_expect_queued},
    {.name = "create with a photo",
        .ask = {"POST /tasks/create",
            "{\"action\":\"upload_photo\",\"task_id\":\"t\","
            "\"params\":{\"photo_data\":\"" PHOTO_PNG "\",\"item_id\":1}}",
            NULL, NULL},
        .status = 201,
        .repeated = 409,
        .words = "\"t\"",
        .refused = trial_expect_nothing,
        .check = expect_photo_task},
    {.name = "pending task",
        .ask = {"GET /tasks/t", NULL, NULL, NULL},
        .prepare = trial_put_pending,
        .status = 200,
        .words = "\"pending\"",
        .check = trial_expect_pending},
    {.name = "executing task",
        .ask = {"GET /tasks/t", NULL, NULL, "everyone"},
        .prepare = trial_put_executing,
        .status = 200,
        .words = "\"executing\""},
    {.name = "completed task",
        .ask = {"GET /tasks/t", NULL, NULL, "plugin"},
        .prepare = trial_put_completed,
        .status = 200,
        .words = "\"completed\"",
        .check = trial_expect_completed},
    {.name = "unknown task",
        .ask = {"GET /tasks/t", NULL, NULL, "everyone"},
        .status = 404,
        .words = "unknown_task"},
    {.name = "cancel",
        .ask = {"DELETE /tasks/t", NULL, NULL, NULL},
        .prepare = trial_put_pending,
        .status = 200,
        .repeated = 409,
        .words = "cancelled",
        .check = trial_expect_failed},
    {.name = "cancel of what runs",
        .ask = {"POST /tasks/t/cancel", "", NULL, "everyone"},
        .prepare = trial_put_executing,
        .status = 202,
        .words = "cancel_requested",
        .check = trial_expect_executing},
    {.name = "retry",
        .ask = {"POST /tasks/t/retry", "{\"force\":true}", NULL, NULL},
        .prepare = trial_put_failed,
        .status = 200,
        .repeated = 409,
        .words = "pending",
        .check = trial_expect_queued},
    {.name = "list",
        .ask = {"GET /tasks", NULL, NULL, NULL},
        .prepare = trial_put_pending,
        .status = 200,
        .otherwise = "\"tasks\":[]",
        .words = "\"t\""},
    {.name = "list of what is done",
        .ask = {"GET /tasks?status=completed", NULL, NULL, NULL},
        .prepare = trial_put_completed,
        .status = 200,
        .otherwise = "\"tasks\":[]",
        .words = "\"t\""},
};

static void test_trials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trials); i++)
        request_try(&trials[i]);
}

/* A task that is somewhere else at each look, as one that others claim and
 * give back. */
static void test_always_gone(void **state)
{
    const struct trial shown = {.name = "moving task",
        .ask = {"GET /tasks/t", NULL, NULL, NULL},
        .prepare = trial_put_pending,
        .status = 200,
        .words = "\"pending\"",
        .check = trial_expect_pending};
    const struct trial repeated = {.name = "moving task of a key",
        .ask = {"POST /tasks/create", "{\"action\":\"greet\"}",
            "HTTP_IDEMPOTENCY_KEY=k", NULL},
        .prepare = create_with_key,
        .status = 201,
        .words = "task_id",
        .check = trial_expect_queued};
    (void)state;
    request_try_with(&shown, fault_set_lasting, FAULT_READ, ENOENT,
        "unavailable token_invalid");
    request_try_with(
        &repeated, fault_set, FAULT_READ, ENOENT, "unavailable token_invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trials),
        cmocka_unit_test(test_always_gone),
    };
    return cmocka_run_group_tests_name("page_tasks_fault", tests, NULL, NULL);
}
