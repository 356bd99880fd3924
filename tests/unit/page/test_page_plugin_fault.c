/* SPDX-License-Identifier: MIT */
/* The pages of the plugin, with each call of the C library failing in turn. */
#include "request_fixture.h"
#include "trial_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

static void put_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "abc123", "get_stats", "t"),
        DROP("get_stats"));
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

static void expect_blocked(const struct fixture *fixture)
{
    expect_paused(fixture);
    assert_int_equal(fixture_count(fixture, "done/42"), 1);
}

static const char product[] = "{\"id\":1}\n";

static void put_seller(const struct fixture *fixture)
{
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":7,\"login\":\"me\","
        "\"updated_at\":\"2024-12-07T09:00:00.000000Z\"}\n");
    fixture_put(fixture, "products/42.ndjson", product);
    fixture_put(fixture, "products/42.account", "7\n");
}

static void put_other(const struct fixture *fixture)
{
    put_seller(fixture);
    trial_put_executing(fixture);
}

static void expect_other(const struct fixture *fixture)
{
    expect_blocked(fixture);
    fixture_expect(fixture, "products/42.ndjson", product);
    fixture_expect_member(fixture, "users/42.json", "vinted_user_id", "7");
}

static void put_change(const struct fixture *fixture)
{
    put_seller(fixture);
    fixture_put(fixture, "pending/42/PAUSED",
        "another Vinted account (8) is signed in, not 7\n");
}

static void expect_changed(const struct fixture *fixture)
{
    expect_resumed(fixture);
    fixture_expect(fixture, "users/42.json", NULL);
    fixture_expect_member(fixture, "users/42.7.json", "login", "\"me\"");
    fixture_expect(fixture, "products/42.ndjson", NULL);
    char *owner = fixture_get(fixture, "products/42.account");
    assert_non_null(owner);
    assert_memory_equal(owner, "7 until 2", 9);
    free(owner);
    fixture_expect(fixture, "products/42.7.ndjson", product);
}

static const struct trial trials[] = {
    {.name = "poll",
        .ask = {"GET /plugin/tasks?receive_id=abcdefgh", NULL, NULL, "plugin"},
        .prepare = trial_put_pending,
        .status = 200,
        .words = "\"task_id\":\"t\"",
        .otherwise = "No pending tasks",
        .check = trial_expect_executing},
    {.name = "bare poll",
        .ask = {"GET /plugin/tasks", NULL, NULL, "plugin"},
        .prepare = trial_put_pending,
        .status = 200,
        .words = "\"task_id\":",
        .check = trial_expect_executing},
    {.name = "empty poll",
        .ask = {"GET /plugin/tasks?user_id=42", NULL, NULL, "everyone"},
        .status = 200,
        .words = "No pending tasks",
        .check = trial_expect_nothing},
    {.name = "paused poll",
        .ask = {"GET /plugin/tasks", NULL, NULL, "plugin"},
        .prepare = trial_put_paused,
        .status = 200,
        .words = "lunch",
        .otherwise = "paused by hand"},
    {.name = "result",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":true,\"data\":{\"a\":1},\"lease\":\"abc123\"}", NULL,
            "plugin"},
        .prepare = trial_put_executing,
        .status = 200,
        .words = "received",
        .check = trial_expect_completed},
    {.name = "result again",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":true,\"data\":{\"a\":1}}", NULL, "plugin"},
        .prepare = trial_put_completed,
        .status = 200,
        .words = "received",
        .check = trial_expect_completed},
    {.name = "failure",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":false,\"error\":\"no\"}", NULL, "everyone"},
        .settings = "[all]\nretries = 0\n",
        .prepare = trial_put_executing,
        .status = 200,
        .words = "received",
        .check = trial_expect_failed},
    {.name = "captcha",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":false,\"error\":\"403 captcha\"}", NULL, "plugin"},
        .settings = "[all]\nretries = 0\n",
        .prepare = trial_put_executing,
        .status = 200,
        .words = "received",
        .check = expect_blocked},
    {.name = "result of another account",
        .ask = {"POST /plugin/tasks/t/result",
            "{\"success\":true,\"data\":{\"a\":1},\"account\":{\"id\":8}}",
            NULL, "plugin"},
        .prepare = put_other,
        .status = 200,
        .words = "received",
        .check = expect_other},
    {.name = "change of the account",
        .ask = {"POST /account/change", "{}", NULL, "plugin"},
        .prepare = put_change,
        .status = 200,
        .words = "\"account\":null",
        .check = expect_changed},
    {.name = "progress",
        .ask = {"POST /plugin/tasks/t/progress",
            "{\"done\":1,\"total\":3,\"message\":\"on\",\"lease\":\"abc123\"}",
            NULL, "plugin"},
        .prepare = trial_put_executing,
        .status = 200,
        .words = "renewed",
        .check = trial_expect_executing},
    {.name = "bare progress",
        .ask = {"POST /plugin/tasks/t/progress", "", NULL, "everyone"},
        .prepare = trial_put_executing,
        .status = 200,
        .words = "renewed",
        .check = trial_expect_executing},
    {.name = "pause",
        .ask = {"POST /plugin/pause",
            "{\"paused\":true,\"reason\":\"captcha\"}", NULL, "plugin"},
        .status = 200,
        .words = "captcha",
        .otherwise = "paused by hand",
        .check = expect_paused},
    {.name = "resume",
        .ask = {"POST /plugin/pause", "{\"paused\":false}", NULL, "plugin"},
        .prepare = trial_put_paused,
        .status = 200,
        .words = "\"paused\":null",
        .check = expect_resumed},
    {.name = "status",
        .ask = {"GET /plugin/status", NULL, NULL, "plugin"},
        .prepare = trial_put_plugin,
        .status = 200,
        .words = "\"connected\":true"},
    {.name = "status of a paused queue",
        .ask = {"GET /plugin/status", NULL, NULL, "plugin"},
        .prepare = trial_put_paused,
        .status = 200,
        .words = "lunch",
        .otherwise = "paused by hand"},
};

static void test_trials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trials); i++)
        request_try(&trials[i]);
}

/* A task that others give back, and claim, at each look. */
static void test_always_gone(void **state)
{
    const struct trial renewed = {.name = "moving lease",
        .ask = {"POST /plugin/tasks/t/progress", "", NULL, NULL},
        .prepare = put_overdue,
        .status = 200,
        .words = "renewed",
        .check = trial_expect_executing};
    (void)state;
    request_try_with(
        &renewed, fault_set_lasting, FAULT_NAMES, ENOENT, "unavailable");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trials),
        cmocka_unit_test(test_always_gone),
    };
    return cmocka_run_group_tests_name("page_plugin_fault", tests, NULL, NULL);
}
