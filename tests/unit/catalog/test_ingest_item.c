/* SPDX-License-Identifier: MIT */
/* Results about single products and prices. */
#include "ingest_fixture.h"
#include "unit.h"

#include <stdbool.h>
#include <string.h>

struct item_case {
    const char *action;
    const char *params;
    const char *result;
    const char *key;
    const char *want; /* of product 5, on record as "old" for 1.00 */
};

static const struct item_case item_cases[] = {
    {"create_product", "{\"title\":\"set\",\"price\":\"15.00\"}",
        "{\"item\":{\"id\":5,\"title\":\"told\"}}", "title", "\"told\""},
    {"create_product", "{\"price\":15}", "{\"item\":{\"id\":5}}", "price",
        "\"15.00\""},
    {"create_product", "{\"price\":15}", "{\"id\":5,\"title\":\"t\"}", "price",
        "\"15.00\""},
    {"create_product", "{\"price\":15}", "{\"code\":0,\"item\":{\"id\":5}}",
        "price", "\"15.00\""},
    {"create_product", "{\"price\":15}", "{\"success\":true,\"item_id\":5}",
        "price", "\"15.00\""},
    {"create_product", "{\"price\":15}", "{\"code\":99,\"item\":{\"id\":5}}",
        "price", "\"1.00\""},
    {"create_product", "{\"price\":15}",
        "{\"error\":\"no\",\"item\":{\"id\":5}}", "price", "\"1.00\""},
    {"update_product", "{\"item_id\":5,\"price\":\"12.00\"}",
        "{\"item\":{\"id\":5,\"price\":\"12.00\"}}", "price", "\"12.00\""},
    {"update_product", "{\"item_id\":5,\"price\":\"12.00\"}",
        "{\"item\":{\"id\":5,\"price\":\"13.00\"}}", "price", "\"13.00\""},
    {"update_product", "{\"item_id\":5,\"description\":\"d\"}",
        "{\"item\":{\"id\":5,\"description\":\"\"}}", "description", "\"d\""},
    {"update_product", "{\"item_id\":\"5\",\"price\":12}", "{\"success\":true}",
        "price", "\"12.00\""},
    {"update_product", "{\"item_id\":5,\"price\":12}", "null", "price",
        "\"12.00\""},
    {"update_product", "{\"item_id\":5,\"price\":12}", "{\"success\":false}",
        "price", "\"1.00\""},
    {"update_product", "{\"item_id\":6,\"price\":12}",
        "{\"item\":{\"id\":5,\"price\":12}}", "price", "\"1.00\""},
    {"update_product", "{\"item_id\":5,\"price\":12}",
        "{\"item\":{\"id\":5,\"is_reserved\":true}}", "status", "\"reserved\""},
    {"get_stats", "{\"item_id\":5}",
        "{\"view_count\":125,\"favourite_count\":8,\"message_count\":3}",
        "view_count", "125"},
    {"get_stats", "{\"item_id\":5}",
        "{\"view_count\":125,\"favourite_count\":8,\"message_count\":3}",
        "message_count", "3"},
    {"get_stats", "{\"item_id\":5}",
        "{\"item\":{\"id\":5,\"favourite_count\":9}}", "favourite_count", "9"},
    {"get_stats", "{\"item_id\":5}", "{\"view_count\":-1}", "view_count",
        "absent"},
    {"get_stats", "{}", "{\"view_count\":1}", "view_count", "absent"},
    {"get_stats", "{}", "{\"item\":{\"id\":5,\"view_count\":7}}", "view_count",
        "7"},
    {"get_stats", "{}", "{\"data\":{\"id\":5,\"view_count\":7}}", "view_count",
        "7"},
    {"get_stats", "{}",
        "{\"item_id\":5,\"data\":{\"view_count\":8},\"view_count\":7}",
        "view_count", "7"},
    {"get_stats", "{\"item_id\":5}", "{\"data\":8,\"view_count\":7}",
        "view_count", "7"},
    {"delete_product", "{\"item_id\":5}", "{\"success\":true}", "status",
        "\"deleted\""},
    {"delete_product", "{\"item_id\":5}", "null", "status", "\"deleted\""},
    {"delete_product", "{\"item_id\":5}", "{\"success\":false}", "status",
        "\"active\""},
    {"delete_product", "{\"item_id\":null}", "null", "status", "\"active\""},
    {"upload_photo", "{\"item_id\":5,\"photo_url\":\"https://b/abc.jpg\"}",
        "{\"id\":777,\"url\":\"https://v/p\"}", "photos", "[\"https://v/p\"]"},
    {"upload_photo", "{\"item_id\":5,\"photo_url\":\"https://b/abc.jpg\"}",
        "{\"photo\":{\"id\":777,\"url\":\"https://v/p\"}}", "photo",
        "\"https://v/p\""},
    {"upload_photo", "{\"item_id\":5,\"photo_url\":\"https://b/abc.jpg\"}",
        "{\"success\":true}", "photos", "[\"https://b/abc.jpg\"]"},
    {"upload_photo", "{\"item_id\":5}", "{\"success\":true}", "photos",
        "absent"},
    {"upload_photo", "{\"item_id\":5}", "{\"photo_url\":\"https://v/q\"}",
        "photos", "[\"https://v/q\"]"},
    {"upload_photo", "{\"item_id\":5,\"photo_url\":\"data:image/png\"}",
        "{\"success\":true}", "photos", "absent"},
    {"upload_photo", "{\"photo_url\":\"https://b/abc.jpg\"}",
        "{\"id\":5,\"url\":\"https://v/p\"}", "photos", "absent"},
    {"upload_photo", "{\"item_id\":5}",
        "{\"item\":{\"id\":5,\"photos\":[{\"url\":\"https://v/"
        "a\"},{\"url\":\"https://v/b\"}]}}",
        "photos", "[\"https://v/a\",\"https://v/b\"]"},
    {"execute_http_request", "{\"item_id\":5,\"price\":9}",
        "{\"item\":{\"id\":5,\"price\":9}}", "price", "\"1.00\""},
    {"publish_somewhere", "{\"item_id\":5}",
        "{\"item\":{\"id\":5,\"price\":9}}", "price", "\"1.00\""},
};

static void test_results_about_one_product(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof item_cases / sizeof item_cases[0]; i++) {
        const struct item_case *row = &item_cases[i];
        fixture_put(fixture, "products/42.ndjson", "");
        fixture_record(fixture, "create_product", 0, 1, "{\"price\":1}",
            "{\"item\":{\"id\":5,\"title\":\"old\"}}");
        fixture_record(fixture, row->action, 10, 20, row->params, row->result);
        fixture_ingest(fixture, 2);
        const char *have = fixture_member(fixture, "5", row->key);
        if (strcmp(have, row->want) != 0)
            fail_msg("%s %s: %s is %s, want %s", row->action, row->result,
                row->key, have, row->want);
        fixture_expect_row(fixture, "777", "id", "no row");
    }
}

/* A photo is added once, to those there are, and a later list of all photos
 * counts for more than ours of one. */
static void test_photos_add_up(void **state)
{
    const struct fixture *fixture = *state;
    for (int i = 0; i < 2; i++) {
        fixture_record(fixture, "upload_photo", 10, 11, "{\"item_id\":5}",
            "{\"url\":\"https://v/1\"}");
        fixture_record(fixture, "upload_photo", 12, 13, "{\"item_id\":5}",
            "{\"url\":\"https://v/2\"}");
        fixture_ingest(fixture, 2);
        fixture_expect_row(
            fixture, "5", "photos", "[\"https://v/1\",\"https://v/2\"]");
        fixture_expect_row(fixture, "5", "photo", "\"https://v/1\"");
    }
    fixture_expect_row(fixture, "5", "status", "absent");
    fixture_record(fixture, "get_all_products", 20, 21, "{}",
        "[{\"id\":5,\"photos\":[{\"url\":\"https://v/3\"}]}]");
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "5", "photos", "[\"https://v/3\"]");
}

struct price_case {
    const char *result;
    const char *first; /* prices of the products 123 and 456, both 1.00 */
    const char *second;
};

static const struct price_case price_cases[] = {
    {"{\"updated\":4,\"failed\":0,\"total\":4}", "\"10.00\"", "\"15.00\""},
    {"{\"failed\":0}", "\"10.00\"", "\"15.00\""},
    {"{\"updated\":4}", "\"10.00\"", "\"15.00\""},
    {"{\"success\":true}", "\"10.00\"", "\"15.00\""},
    {"{\"updated\":1,\"failed\":1,\"total\":2}", "\"1.00\"", "\"1.00\""},
    {"{\"updated\":1,\"failed\":0}", "\"1.00\"", "\"1.00\""},
    {"{\"updated\":1}", "\"1.00\"", "\"1.00\""},
    {"{\"updated\":\"2\"}", "\"1.00\"", "\"1.00\""},
    {"{\"success\":false}", "\"1.00\"", "\"1.00\""},
    {"null", "\"1.00\"", "\"1.00\""},
    {"{\"success\":true,\"results\":[]}", "\"1.00\"", "\"1.00\""},
    {"{\"success\":true,\"results\":[{\"id\":123,\"success\":true},{\"id\":"
     "null,\"success\":true}]}",
        "\"10.00\"", "\"1.00\""},
    {"{\"updated\":1,\"failed\":1,\"results\":[{\"item_id\":123,\"success\":"
     "false},{\"item_id\":456,\"success\":true}]}",
        "\"1.00\"", "\"15.00\""},
    {"{\"success\":false,\"results\":[{\"item_id\":\"123\",\"success\":true},"
     "{\"item_id\":456,\"success\":\"true\"},{\"item_id\":9,\"success\":true}]"
     "}",
        "\"10.00\"", "\"1.00\""},
};

static void test_prices(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof price_cases / sizeof price_cases[0]; i++) {
        const struct price_case *row = &price_cases[i];
        fixture_put(fixture, "products/42.ndjson", "");
        fixture_record(fixture, "get_all_products", 0, 1, "{}",
            "[{\"id\":123,\"price\":1},{\"id\":456,\"price\":1}]");
        fixture_record(fixture, "update_prices", 10, 20,
            "{\"updates\":[{\"item_id\":456,\"price\":\"15.00\"},"
            "{\"item_id\":123,\"price\":10},{\"price\":11},{\"item_id\":9}]}",
            row->result);
        fixture_ingest(fixture, 2);
        if (strcmp(fixture_member(fixture, "123", "price"), row->first) != 0)
            fail_msg("%s: first is %s", row->result,
                fixture_member(fixture, "123", "price"));
        fixture_expect_row(fixture, "456", "price", row->second);
        fixture_expect_row(fixture, "9", "id", "no row");
    }
    assert_true(fixture_logged(fixture, "does not tell which prices"));
}

#define IN_A_SPOOL(test)                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SPOOL(test_results_about_one_product),
        IN_A_SPOOL(test_photos_add_up),
        IN_A_SPOOL(test_prices),
    };
    return cmocka_run_group_tests_name("ingest item", tests, NULL, NULL);
}
