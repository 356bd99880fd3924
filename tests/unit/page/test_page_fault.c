/* SPDX-License-Identifier: MIT */
/* The pages beside the queue, and what is the same for all, with each call of
 * the C library failing in turn. */
#include "photo_fixture.h"
#include "request_fixture.h"
#include "stuck.h"
#include "trial_fixture.h"
#include "unit.h"

static void put_stuck(const struct fixture *fixture)
{
    trial_put_pending(fixture);
    assert_true(stuck_note(&fixture->spool, 42,
        path_in(SPOOL_PENDING, "42/" QUEUED("get_stats", "t")), ERROR_IO, 0));
}

static void put_photo(const struct fixture *fixture)
{
    static const struct ask ask = {
        "POST /photos", "{\"content\":\"" PHOTO_PNG "\"}", NULL, NULL};
    request_expect(fixture, &ask, 201, PHOTO_PNG_NAME);
}

static void put_products(const struct fixture *fixture)
{
    fixture_record(fixture, "get_all_products", 0, 1, "{}",
        "{\"items\":[{\"id\":1,\"title\":\"One\"},{\"id\":2}]}");
}

static void expect_products(const struct fixture *fixture)
{
    fixture_expect_row(fixture, "1", "title", "\"One\"");
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
}

/* What could not be withdrawn is not carried out hours later. */
static void expect_nothing_else(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
    if (fixture_count(fixture, "pending/42") > 0)
        fixture_expect_member(fixture, "pending/42/*", "expires_in", "1");
}

static const struct trial trials[] = {
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
    {.name = "ping",
        .ask = {"POST /plugin/execute", "{\"action\":\"PING\"}", NULL, NULL},
        .prepare = trial_put_plugin,
        .status = 200,
        .words = "pong"},
    {.name = "execute",
        .ask = {"POST /plugin/execute",
            "{\"action\":\"GET_USER_DATA\",\"timeout\":0}", NULL, NULL},
        .prepare = trial_put_plugin,
        .status = 504,
        .words = "plugin_timeout",
        .waits = true,
        .refused = trial_expect_nothing,
        .check = expect_nothing_else},
    {.name = "sync",
        .ask = {"POST /sync/vinted", "", NULL, NULL},
        .status = 200,
        .words = "task_id",
        .refused = trial_expect_nothing,
        .check = trial_expect_queued},
    {.name = "photo",
        .ask = {"POST /photos", "{\"photo_data\":\"" PHOTO_PNG "\"}", NULL,
            NULL},
        .status = 201,
        .repeated = 200,
        .words = PHOTO_PNG_NAME,
        .check = trial_expect_photo},
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
        .prepare = trial_put_pending,
        .status = 200,
        .words = "\"status\":",
        .check = trial_expect_pending},
    {.name = "health of all",
        .ask = {"GET /health", NULL, NULL, "everyone"},
        .prepare = trial_put_pending,
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
        .prepare = trial_put_pending,
        .status = 200,
        .words = "did",
        .check = trial_expect_pending},
};

static void test_trials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trials); i++)
        request_try(&trials[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trials),
    };
    return cmocka_run_group_tests_name("page_fault", tests, NULL, NULL);
}
