/* SPDX-License-Identifier: MIT */
/* What the requests of a client of the bridge did. */
#include "ingest_fixture.h"
#include "unit.h"

#define REQUEST(method, path, body)                                            \
    "{\"url\":\"https://www.vinted.fr/api/v2/" path "\",\"method\":\"" method  \
    "\",\"body\":" body "}"
#define ONE(method, path, body) "{\"request\":" REQUEST(method, path, body) "}"
#define ANSWER(status, data)                                                   \
    "{\"success\":true,\"status\":" status                                     \
    ",\"statusText\":\"\",\"headers\":{},\"data\":" data "}"

struct call_case {
    const char *params;
    const char *result;
    const char *key;
    const char *want; /* of product 5, on record as "old" for 1.00 */
};

#define PUT                                                                    \
    ONE("PUT", "item_upload/items/5", "{\"item\":{\"price\":\"12.50\"}}")
#define POST                                                                   \
    ONE("POST", "item_upload/items",                                           \
        "{\"item\":{\"title\":\"set\",\"price\":7}}")
#define DELETE ONE("DELETE", "items/5", "null")

static const struct call_case cases[] = {
    /* Proven. */
    {PUT, ANSWER("200", "{\"item\":{\"id\":5}}"), "price", "\"12.50\""},
    {PUT, ANSWER("200", "{\"code\":0,\"item\":{\"id\":5,\"price\":\"12.5\"}}"),
        "price", "\"12.50\""},
    {PUT, ANSWER("200", "{\"id\":\"5\",\"price\":13}"), "price", "\"13.00\""},
    {PUT, "{\"status\":200,\"data\":{\"item\":{\"id\":5}}}", "price",
        "\"12.50\""},
    {ONE("PUT", "items/5", "{\"price\":3}"),
        ANSWER("201", "{\"item\":{\"id\":5}}"), "price", "\"3.00\""},
    {REQUEST("PUT", "items/5", "{\"price\":3}"),
        ANSWER("200", "{\"item\":{\"id\":5}}"), "price", "\"3.00\""},
    {POST, ANSWER("200", "{\"item\":{\"id\":5,\"title\":\"told\"}}"), "title",
        "\"told\""},
    {POST, ANSWER("200", "{\"item\":{\"id\":5}}"), "price", "\"7.00\""},
    {DELETE, ANSWER("204", "null"), "status", "\"deleted\""},
    {DELETE, ANSWER("200", "{\"code\":0}"), "status", "\"deleted\""},
    {ONE("POST", "items/5/delete", "{}"), ANSWER("200", "{}"), "status",
        "\"deleted\""},
    /* Not proven. */
    {PUT, ANSWER("403", "{\"item\":{\"id\":5}}"), "price", "\"1.00\""},
    {PUT, ANSWER("302", "{\"item\":{\"id\":5}}"), "price", "\"1.00\""},
    {PUT, ANSWER("200", "\"<html>\""), "price", "\"1.00\""},
    {PUT, ANSWER("200", "null"), "price", "\"1.00\""},
    {PUT, ANSWER("200", "{}"), "price", "\"1.00\""},
    {PUT, ANSWER("200", "{\"code\":99,\"item\":{\"id\":5}}"), "price",
        "\"1.00\""},
    {PUT, ANSWER("200", "{\"code\":\"0\",\"item\":{\"id\":5}}"), "price",
        "\"1.00\""},
    {PUT, ANSWER("200", "{\"item\":{\"id\":6}}"), "price", "\"1.00\""},
    {PUT, "{\"success\":false,\"status\":200,\"data\":{\"item\":{\"id\":5}}}",
        "price", "\"1.00\""},
    {PUT, "{\"status\":200,\"error\":\"no\",\"data\":{\"item\":{\"id\":5}}}",
        "price", "\"1.00\""},
    {PUT, "{\"item\":{\"id\":5}}", "price", "\"1.00\""},
    {PUT, "null", "price", "\"1.00\""},
    {PUT, "[]", "price", "\"1.00\""},
    {POST, ANSWER("200", "{\"code\":0}"), "price", "\"1.00\""},
    {DELETE, ANSWER("404", "{\"code\":104}"), "status", "\"active\""},
    {DELETE, ANSWER("204", "{\"code\":104}"), "status", "\"active\""},
    {DELETE, ANSWER("200", "null"), "status", "\"active\""},
    {DELETE, ANSWER("200", "\"<html>\""), "status", "\"active\""},
    {DELETE, ANSWER("200", "{\"code\":100}"), "status", "\"active\""},
    {DELETE, ANSWER("200", "{\"id\":6}"), "status", "\"active\""},
    {ONE("GET", "items/5", "null"),
        ANSWER("200", "{\"item\":{\"id\":5,\"price\":9}}"), "price",
        "\"1.00\""},
};

static void prepare(struct fixture *fixture)
{
    fixture_renew(fixture);
    fixture_record(fixture, "create_product", 1, 2,
        "{\"title\":\"old\",\"price\":1}",
        "{\"item\":{\"id\":5,\"is_draft\":false}}");
    fixture_ingest(fixture, 1);
}

static void test_one(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("# %s\n", cases[i].result);
        prepare(fixture);
        fixture_record(fixture, "execute_http_request", 3, 4, cases[i].params,
            cases[i].result);
        fixture_ingest(fixture, 1);
        fixture_expect_row(fixture, "5", cases[i].key, cases[i].want);
    }
}

/* Each by its own answer; what was not done changes nothing, and of two for one
 * product the later one stands. */
static void test_several(void **state)
{
    struct fixture *fixture = *state;
    prepare(fixture);
    fixture_record(fixture, "execute_sequential_requests", 3, 4,
        "{\"requests\":[" REQUEST(
            "PUT", "items/5", "{\"price\":2}") "," REQUEST("GET", "items/5",
            "null") "," REQUEST("PUT", "items/5",
            "{\"price\":3}") "," REQUEST("PUT", "items/6",
            "{\"price\":4}") "," REQUEST("PUT", "items/7",
            "{\"price\":5}") "," REQUEST("DELETE", "items/5", "null") "]}",
        "{\"success\":true,\"results\":[" ANSWER(
            "200", "{\"item\":{\"id\":5}}") "," ANSWER("200",
            "{\"item\":{\"id\":5,\"price\":9}}") "," ANSWER("200",
            "{\"item\":{\"id\":5}}") "," ANSWER("200",
            "{\"item\":{\"id\":6}}") "," ANSWER("400", "{\"code\":99}") "]}");
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "5", "price", "\"3.00\"");
    fixture_expect_row(fixture, "5", "status", "\"active\"");
    fixture_expect_row(fixture, "6", "price", "\"4.00\"");
    fixture_expect_row(fixture, "7", "price", "no row");
    fixture_record(fixture, "execute_batch_requests", 5, 6,
        "{\"requests\":[" REQUEST("DELETE", "items/6", "null") "]}",
        "[" ANSWER("204", "null") "]");
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "6", "status", "\"deleted\"");
}

/* Who has listed it is known, by whichever way. */
static void test_made(void **state)
{
    struct fixture *fixture = *state;
    fixture_record(fixture, "execute_batch_requests", 3, 4,
        "{\"requests\":[" REQUEST("POST", "item_upload/items",
            "{\"item\":{\"id\":null}}") "," REQUEST("PUT", "items/9",
            "{\"price\":3}") "]}",
        "[" ANSWER("200", "{\"item\":{\"id\":8}}") "," ANSWER(
            "200", "{\"item\":{\"id\":9}}") "]");
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "8", "listed_by", "\"t\"");
    fixture_expect_row(fixture, "9", "price", "\"3.00\"");
    fixture_expect_row(fixture, "9", "listed_by", "absent");
}

/* What was believed and is not is told; that Vinted refused is no news. */
static void test_told(void **state)
{
    struct fixture *fixture = *state;
    static const char words[] = "does not prove what was changed";
    prepare(fixture);
    fixture_record(
        fixture, "execute_http_request", 3, 4, PUT, ANSWER("403", "{}"));
    fixture_ingest(fixture, 1);
    assert_false(fixture_logged(fixture, words));
    fixture_record(fixture, "execute_http_request", 5, 6, PUT,
        ANSWER("200", "\"<html>\""));
    fixture_ingest(fixture, 1);
    assert_true(fixture_logged(fixture, words));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_one, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            test_several, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            test_made, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            test_told, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests_name("ingest_calls", tests, NULL, NULL);
}
