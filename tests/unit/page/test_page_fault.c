/* SPDX-License-Identifier: MIT */
/* Every page, with each call of the C library failing in turn. */
#include "clock.h"
#include "pages.h"
#include "photo_fixture.h"
#include "presence.h"
#include "request_fixture.h"
#include "stuck.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#define LEASED EXECUTING(FUTURE, "abc123", "get_stats", "t")
#define RECORD(status)                                                         \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"status\":\"" status                                       \
    "\",\"result\":{\"a\":1},\"error\":null,"                                  \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"started_at\":\"2024-12-07T10:00:30.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":1}"

/* --- What is there before --------------------------------------------------
 */

static void put_pending(const struct fixture *fixture)
{
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
}

static void put_executing(const struct fixture *fixture)
{
    fixture_put(fixture, LEASED, DROP("get_stats"));
}

static void put_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "abc123", "get_stats", "t"),
        DROP("get_stats"));
}

static void put_stuck(const struct fixture *fixture)
{
    put_pending(fixture);
    assert_true(stuck_note(&fixture->spool, 42,
        path_in(SPOOL_PENDING, "42/" QUEUED("get_stats", "t")), ERROR_IO, 0));
}

static void put_completed(const struct fixture *fixture)
{
    fixture_put(fixture, COMPLETED("t"), RECORD("completed"));
}

static void put_failed(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), RECORD("failed"));
}

static void put_paused(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/PAUSED", "lunch\n");
}

static void put_plugin(const struct fixture *fixture)
{
    presence_note(&fixture->account, clock_now());
}

static void put_photo(const struct fixture *fixture)
{
    static const struct ask ask = {
        "POST /photos", "{\"content\":\"" PHOTO_PNG "\"}", NULL, NULL};
    request_expect(fixture, &ask, 201, PHOTO_PNG_NAME);
}

static void create_with_key(const struct fixture *fixture)
{
    static const struct ask ask = {"POST /tasks/create",
        "{\"action\":\"greet\"}", "HTTP_IDEMPOTENCY_KEY=k", NULL};
    request_expect(fixture, &ask, 201, "task_id");
}

static void put_products(const struct fixture *fixture)
{
    fixture_record(fixture, "get_all_products", 0, 1, "{}",
        "{\"items\":[{\"id\":1,\"title\":\"One\"},{\"id\":2}]}");
}

/* --- What must hold behind it ----------------------------------------------
 */

static void expect_counts(const struct fixture *fixture, size_t pending,
    size_t executing, size_t done)
{
    assert_int_equal(fixture_count(fixture, "pending/42"), pending);
    assert_int_equal(fixture_count(fixture, "executing/42"), executing);
    assert_int_equal(fixture_count(fixture, "done/42"), done);
}

static void expect_pending(const struct fixture *fixture)
{
    expect_counts(fixture, 1, 0, 0);
    fixture_expect_member(fixture, "pending/42/*", "task_id", "");
}

static void expect_queued(const struct fixture *fixture)
{
    expect_counts(fixture, 1, 0, 0);
}

static void expect_executing(const struct fixture *fixture)
{
    expect_counts(fixture, 0, 1, 0);
}

static void expect_completed(const struct fixture *fixture)
{
    expect_counts(fixture, 0, 0, 1);
    fixture_expect_member(fixture, COMPLETED("t"), "result", "{\"a\":1}");
}

static void expect_failed(const struct fixture *fixture)
{
    expect_counts(fixture, 0, 0, 1);
    fixture_expect_member(fixture, FAILED("t"), "status", "\"failed\"");
}

/* It counts even where there was no memory for why. */
static void expect_paused(const struct fixture *fixture)
{
    assert_non_null(fixture_find(fixture, "pending/42", "PAUSED"));
}

static void expect_resumed(const struct fixture *fixture)
{
    fixture_expect(fixture, "pending/42/PAUSED", NULL);
}

static void expect_photo(const struct fixture *fixture)
{
    static const struct ask ask = {
        "GET /photos/" PHOTO_PNG_NAME, NULL, NULL, ""};
    request_expect(fixture, &ask, 200, "\x89PNG");
}

static void expect_photo_task(const struct fixture *fixture)
{
    expect_queued(fixture);
    expect_photo(fixture);
}

static void expect_blocked(const struct fixture *fixture)
{
    expect_paused(fixture);
    assert_int_equal(fixture_count(fixture, "done/42"), 1);
}

static void expect_products(const struct fixture *fixture)
{
    fixture_expect_row(fixture, "1", "title", "\"One\"");
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
}

static void expect_nothing(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
}

/* What could not be withdrawn is not carried out hours later. */
static void expect_nothing_else(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
    if (fixture_count(fixture, "pending/42") > 0)
        fixture_expect_member(fixture, "pending/42/*", "expires_in", "1");
}

/* ---------------------------------------------------------------------------
 */

static const struct trial trials[] = {
    {.name = "create",
        .ask = {"POST /tasks/create",
            "{\"action\":\"greet\",\"user_id\":42,\"task_id\":\"t\","
            "\"not_before\":\"2099-01-01T00:00:00Z\"}",
            NULL, NULL},
        .status = 201,
        .repeated = 409,
        .words = "\"t\"",
        .refused = expect_nothing,
        .check = expect_queued},
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
        .refused = expect_nothing,
        .check = expect_queued},
    {.name = "create with a key again",
        .ask = {"POST /tasks/create", "{\"action\":\"greet\"}",
            "HTTP_IDEMPOTENCY_KEY=k", NULL},
        .prepare = create_with_key,
        .status = 201,
        .words = "task_id",
        .check = expect_queued},
    {.name = "create with a photo",
        .ask = {"POST /tasks/create",
            "{\"action\":\"upload_photo\",\"task_id\":\"t\","
            "\"params\":{\"photo_data\":\"" PHOTO_PNG "\",\"item_id\":1}}",
            NULL, NULL},
        .status = 201,
        .repeated = 409,
        .words = "\"t\"",
        .refused = expect_nothing,
        .check = expect_photo_task},
    {.name = "poll",
        .ask = {"GET /plugin/tasks?receive_id=abcdefgh", NULL, NULL, "plugin"},
        .prepare = put_pending,
        .status = 200,
        .words = "\"task_id\":\"t\"",
        .otherwise = "No pending tasks",
        .check = expect_executing},
    {.name = "bare poll",
        .ask = {"GET /plugin/tasks", NULL, NULL, "plugin"},
        .prepare = put_pending,
        .status = 200,
        .words = "\"task_id\":",
        .check = expect_executing},
    {.name = "empty poll",
        .ask = {"GET /plugin/tasks?user_id=42", NULL, NULL, "everyone"},
        .status = 200,
        .words = "No pending tasks",
        .check = expect_nothing},
    {.name = "paused poll",
        .ask = {"GET /plugin/tasks", NULL, NULL, "plugin"},
        .prepare = put_paused,
        .status = 200,
        .words = "lunch",
        .otherwise = "paused by hand"},
    {.name = "result",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":true,\"data\":{\"a\":1},\"lease\":\"abc123\"}", NULL,
            "plugin"},
        .prepare = put_executing,
        .status = 200,
        .words = "received",
        .check = expect_completed},
    {.name = "result again",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":true,\"data\":{\"a\":1}}", NULL, "plugin"},
        .prepare = put_completed,
        .status = 200,
        .words = "received",
        .check = expect_completed},
    {.name = "failure",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":false,\"error\":\"no\"}", NULL, "everyone"},
        .settings = "[all]\nretries = 0\n",
        .prepare = put_executing,
        .status = 200,
        .words = "received",
        .check = expect_failed},
    {.name = "captcha",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":false,\"error\":\"403 captcha\"}", NULL, "plugin"},
        .settings = "[all]\nretries = 0\n",
        .prepare = put_executing,
        .status = 200,
        .words = "received",
        .check = expect_blocked},
    {.name = "progress",
        .ask = {"POST /plugin/tasks/t/progress",
            "{\"done\":1,\"total\":3,\"message\":\"on\",\"lease\":\"abc123\"}",
            NULL, "plugin"},
        .prepare = put_executing,
        .status = 200,
        .words = "renewed",
        .check = expect_executing},
    {.name = "bare progress",
        .ask = {"POST /plugin/tasks/t/progress", "", NULL, "everyone"},
        .prepare = put_executing,
        .status = 200,
        .words = "renewed",
        .check = expect_executing},
    {.name = "pause",
        .ask = {"POST /plugin/pause",
            "{\"paused\":true,\"reason\":\"captcha\"}", NULL, "plugin"},
        .status = 200,
        .words = "captcha",
        .otherwise = "paused by hand",
        .check = expect_paused},
    {.name = "resume",
        .ask = {"POST /plugin/pause", "{\"paused\":false}", NULL, "plugin"},
        .prepare = put_paused,
        .status = 200,
        .words = "\"paused\":null",
        .check = expect_resumed},
    {.name = "pending task",
        .ask = {"GET /tasks/t", NULL, NULL, NULL},
        .prepare = put_pending,
        .status = 200,
        .words = "\"pending\"",
        .check = expect_pending},
    {.name = "executing task",
        .ask = {"GET /tasks/t", NULL, NULL, "everyone"},
        .prepare = put_executing,
        .status = 200,
        .words = "\"executing\""},
    {.name = "completed task",
        .ask = {"GET /tasks/t", NULL, NULL, "plugin"},
        .prepare = put_completed,
        .status = 200,
        .words = "\"completed\"",
        .check = expect_completed},
    {.name = "unknown task",
        .ask = {"GET /tasks/t", NULL, NULL, "everyone"},
        .status = 404,
        .words = "unknown_task"},
    {.name = "cancel",
        .ask = {"DELETE /tasks/t", NULL, NULL, NULL},
        .prepare = put_pending,
        .status = 200,
        .repeated = 409,
        .words = "cancelled",
        .check = expect_failed},
    {.name = "cancel of what runs",
        .ask = {"POST /tasks/t/cancel", "", NULL, "everyone"},
        .prepare = put_executing,
        .status = 202,
        .words = "cancel_requested",
        .check = expect_executing},
    {.name = "retry",
        .ask = {"POST /tasks/t/retry", "{\"force\":true}", NULL, NULL},
        .prepare = put_failed,
        .status = 200,
        .repeated = 409,
        .words = "pending",
        .check = expect_queued},
    {.name = "list",
        .ask = {"GET /tasks", NULL, NULL, NULL},
        .prepare = put_pending,
        .status = 200,
        .otherwise = "\"tasks\":[]",
        .words = "\"t\""},
    {.name = "list of what is done",
        .ask = {"GET /tasks?status=completed", NULL, NULL, NULL},
        .prepare = put_completed,
        .status = 200,
        .otherwise = "\"tasks\":[]",
        .words = "\"t\""},
    {.name = "products",
        .ask = {"GET /products?q=one&status=active", NULL, NULL, NULL},
        .prepare = put_products,
        .status = 200,
        .words = "\"products\":[",
        .check = expect_products},
    {.name = "products as a table",
        .ask = {"GET /products?format=csv&limit=1", NULL, NULL, NULL},
        .prepare = put_products,
        .status = 200,
        .words = "title",
        .check = expect_products},
    {.name = "products line by line",
        .ask = {"GET /products?format=ndjson", NULL, NULL, NULL},
        .prepare = put_products,
        .status = 200,
        .words = "",
        .check = expect_products},
    {.name = "status",
        .ask = {"GET /plugin/status", NULL, NULL, "plugin"},
        .prepare = put_plugin,
        .status = 200,
        .words = "\"connected\":true"},
    {.name = "status of a paused queue",
        .ask = {"GET /plugin/status", NULL, NULL, "plugin"},
        .prepare = put_paused,
        .status = 200,
        .words = "lunch",
        .otherwise = "paused by hand"},
    {.name = "ping",
        .ask = {"POST /plugin/execute", "{\"action\":\"PING\"}", NULL, NULL},
        .prepare = put_plugin,
        .status = 200,
        .words = "pong"},
    {.name = "execute",
        .ask = {"POST /plugin/execute",
            "{\"action\":\"GET_USER_DATA\",\"timeout\":0}", NULL, NULL},
        .prepare = put_plugin,
        .status = 504,
        .words = "plugin_timeout",
        .waits = true,
        .refused = expect_nothing,
        .check = expect_nothing_else},
    {.name = "sync",
        .ask = {"POST /sync/vinted", "", NULL, NULL},
        .status = 200,
        .words = "task_id",
        .refused = expect_nothing,
        .check = expect_queued},
    {.name = "photo",
        .ask = {"POST /photos", "{\"photo_data\":\"" PHOTO_PNG "\"}", NULL,
            NULL},
        .status = 201,
        .repeated = 200,
        .words = PHOTO_PNG_NAME,
        .check = expect_photo},
    {.name = "fetched photo",
        .ask = {"GET /photos/" PHOTO_PNG_NAME, NULL, NULL, ""},
        .prepare = put_photo,
        .status = 200,
        .words = "\x89PNG"},
    {.name = "kept photo",
        .ask = {"GET /photos/" PHOTO_PNG_NAME, NULL, "HTTP_IF_NONE_MATCH=*",
            ""},
        .prepare = put_photo,
        .status = 304,
        .words = "ETag: \"6b7f"},
    {.name = "health",
        .ask = {"GET /health", NULL, NULL, NULL},
        .prepare = put_pending,
        .status = 200,
        .words = "\"status\":",
        .check = expect_pending},
    {.name = "health of all",
        .ask = {"GET /health", NULL, NULL, "everyone"},
        .prepare = put_pending,
        .status = 200,
        .words = "\"status\":"},
    {.name = "health of what is stuck",
        .ask = {"GET /health", NULL, NULL, "plugin"},
        .prepare = put_stuck,
        .status = 200,
        .words = "\"path\":\"pending/42/",
        .otherwise = "\"stuck\":[]"},
    {.name = "health without a token",
        .ask = {"GET /health", NULL, NULL, ""},
        .status = 200,
        .words = "\"status\":"},
    {.name = "wrong method",
        .ask = {"PUT /tasks/t", NULL, NULL, NULL},
        .status = 405,
        .words = "Allow: GET, DELETE\r\n"},
    {.name = "preflight",
        .ask = {"OPTIONS /tasks/t", NULL, "HTTP_ORIGIN=https://a.example",
            NULL},
        .settings = "[site]\norigins = https://a.example\n",
        .status = 204,
        .words = "Access-Control-Allow-Methods: GET, DELETE\r\n"},
    {.name = "sweeper",
        .ask = {"POST /sweeper", "", NULL, "cron"},
        .prepare = put_pending,
        .status = 200,
        .words = "did",
        .check = expect_pending},
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
        .prepare = put_pending,
        .status = 200,
        .words = "\"pending\"",
        .check = expect_pending};
    const struct trial renewed = {.name = "moving lease",
        .ask = {"POST /plugin/tasks/t/progress", "", NULL, NULL},
        .prepare = put_overdue,
        .status = 200,
        .words = "renewed",
        .check = expect_executing};
    const struct trial repeated = {.name = "moving task of a key",
        .ask = {"POST /tasks/create", "{\"action\":\"greet\"}",
            "HTTP_IDEMPOTENCY_KEY=k", NULL},
        .prepare = create_with_key,
        .status = 201,
        .words = "task_id",
        .check = expect_queued};
    (void)state;
    request_try_with(&shown, fault_set_lasting, FAULT_READ, ENOENT,
        "unavailable token_invalid");
    request_try_with(
        &renewed, fault_set_lasting, FAULT_NAMES, ENOENT, "unavailable");
    request_try_with(
        &repeated, fault_set, FAULT_READ, ENOENT, "unavailable token_invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trials),
        cmocka_unit_test(test_always_gone),
    };
    return cmocka_run_group_tests_name("page_fault", tests, NULL, NULL);
}
