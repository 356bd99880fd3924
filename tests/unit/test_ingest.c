/* SPDX-License-Identifier: MIT */
#include "ingest.h"
#include "ingest_fixture.h"

#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect(
    struct fixture *fixture, const char *id, const char *key, const char *want)
{
    const char *have = fixture_member(fixture, id, key);
    if (strcmp(have, want) != 0)
        fail_msg("%s of %s: have %s, want %s", key, id, have, want);
}

/* Whether the log holds the words. */
static bool logged(struct fixture *fixture, const char *words)
{
    char *log = fixture_get(fixture, "log/events.log");
    bool found = log != NULL && strstr(log, words) != NULL;
    free(log);
    return found;
}

#define LIST(products, total)                                                  \
    "{\"products\":[" products "],\"total\":" total "}"

/* --- Lists ---------------------------------------------------------------- */

static void test_guide_list(void **state)
{
    fixture_record(*state, "get_all_products", 0, 15, "{\"user_id\":29535217}",
        LIST("{\"id\":123456,\"title\":\"T-shirt Nike\",\"price\":\"15.00\","
             "\"brand\":{\"title\":\"Nike\"},\"size_title\":\"M\"}",
            "1595"));
    fixture_ingest(*state, 1);
    fixture_expect(*state, "products/42.ndjson",
        "{\"id\":123456,\"title\":\"T-shirt Nike\",\"price\":\"15.00\","
        "\"brand\":\"Nike\",\"size\":\"M\",\"status\":\"active\","
        "\"first_seen\":\"2024-12-07T10:00:00.000000Z\","
        "\"seen_at\":\"2024-12-07T10:00:00.000000Z\"}\n");
}

struct list_case {
    const char *result;
    const char *status_of_2; /* which only the list before knows */
    const char *status_of_1;
};

static const struct list_case list_cases[] = {
    {LIST("{\"id\":1}", "1"), "\"gone\"", "\"active\""},
    {"{\"items\":[{\"id\":1}],\"pagination\":{\"total_entries\":1}}",
        "\"gone\"", "\"active\""},
    {"{\"data\":{\"products\":[{\"id\":1}],\"total\":1}}", "\"gone\"",
        "\"active\""},
    {"{\"code\":0,\"items\":[{\"id\":1}],\"total\":1}", "\"gone\"",
        "\"active\""},
    {LIST("{\"id\":\"1\"}", "1"), "\"gone\"", "\"active\""},
    {LIST("{\"id\":1}", "2"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1}", "0"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1}", "-1"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1}", "1.0"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1}", "\"1\""), "\"active\"", "\"active\""},
    {LIST("{\"id\":1}", "null"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1}", "18446744073709551617"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1},{\"id\":1}", "2"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1},{\"id\":1}", "1"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1},{\"id\":null}", "2"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1},{\"id\":null}", "1"), "\"active\"", "\"active\""},
    {LIST("{\"id\":1},7,[],\"x\"", "4"), "\"active\"", "\"active\""},
    {LIST("", "0"), "\"active\"", "\"active\""},
    {LIST("", "1"), "\"active\"", "\"active\""},
    {"{\"products\":[{\"id\":1}]}", "\"active\"", "\"active\""},
    {"{\"items\":[{\"id\":1}],\"pagination\":{\"total_entries\":1595}}",
        "\"active\"", "\"active\""},
    {"[{\"id\":1}]", "\"active\"", "\"active\""},
    {"{\"success\":false,\"products\":[{\"id\":1}],\"total\":1}", "\"active\"",
        "\"active\""},
    {"{\"products\":{\"id\":1},\"total\":1}", "\"active\"", "\"active\""},
    {"{}", "\"active\"", "\"active\""},
    {"null", "\"active\"", "\"active\""},
    {"\"text\"", "\"active\"", "\"active\""},
    {"0", "\"active\"", "\"active\""},
    {"[]", "\"active\"", "\"active\""},
};

/* Only a list that proves to be complete says anything about what it lacks. */
static void test_complete_and_partial_lists(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof list_cases / sizeof list_cases[0]; i++) {
        const struct list_case *row = &list_cases[i];
        fixture_put(fixture, "products/42.ndjson", "");
        fixture_record(fixture, "get_all_products", 0, 1, "{}",
            LIST("{\"id\":1},{\"id\":2}", "2"));
        fixture_ingest(fixture, 1);
        fixture_record(fixture, "get_all_products", 10, 20, "{}", row->result);
        fixture_ingest(fixture, 1);
        if (strcmp(fixture_member(fixture, "2", "status"), row->status_of_2) !=
            0)
            fail_msg("%s: the other is %s", row->result,
                fixture_member(fixture, "2", "status"));
        expect(fixture, "1", "status", row->status_of_1);
    }
}

/* What a complete list lacks is gone, unless it was seen since the listing
 * began; what was deleted stays deleted; what shows up again is active. */
static void test_gone_and_back(void **state)
{
    struct fixture *fixture = *state;
    fixture_record(fixture, "get_all_products", 0, 1, "{}",
        LIST("{\"id\":1},{\"id\":2},{\"id\":3}", "3"));
    fixture_record(fixture, "delete_product", 2, 3, "{\"item_id\":3}",
        "{\"success\":true}");
    fixture_record(fixture, "create_product", 11, 12, "{}",
        "{\"item\":{\"id\":4,\"title\":\"new\"}}");
    fixture_record(
        fixture, "get_all_products", 10, 20, "{}", LIST("{\"id\":1}", "1"));
    fixture_ingest(fixture, 4);
    expect(fixture, "1", "status", "\"active\"");
    expect(fixture, "2", "status", "\"gone\"");
    expect(fixture, "3", "status", "\"deleted\"");
    expect(fixture, "4", "status", "\"active\"");
    expect(fixture, "2", "seen_at", "\"2024-12-07T10:00:00.000000Z\"");
    expect(
        fixture, "2", "as_of", "{\"status\":\"2024-12-07T10:00:10.000000Z\"}");
    fixture_record(fixture, "get_all_products", 30, 40, "{}",
        LIST("{\"id\":2},{\"id\":3}", "9"));
    fixture_ingest(fixture, 1);
    expect(fixture, "2", "status", "\"active\"");
    expect(fixture, "3", "status", "\"active\"");
    expect(fixture, "4", "status", "\"active\"");
}

/* A task handed out twice: its answer may be that of the first time. */
static void test_list_of_a_second_attempt(void **state)
{
    static const char record[] =
        "{\"user_id\":42,\"action\":\"get_all_products\",\"params\":{},"
        "\"created_at\":\"2024-12-07T10:00:10.000000Z\","
        "\"started_at\":\"2024-12-07T10:00:50.000000Z\","
        "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":2,"
        "\"status\":\"completed\",%s"
        "\"result\":{\"products\":[{\"id\":1}],\"total\":1}}";
    struct fixture *fixture = *state;
    char text[600];
    fixture_record(
        fixture, "create_product", 29, 30, "{}", "{\"item\":{\"id\":2}}");
    fixture_ingest(fixture, 1);
    snprintf(text, sizeof text, record, "\"execution_time_ms\":35000,");
    fixture_put(fixture, "ingest/42/a.json", text);
    fixture_ingest(fixture, 1);
    expect(fixture, "1", "seen_at", "\"2024-12-07T10:00:25.000000Z\"");
    expect(fixture, "2", "status", "\"active\"");
    snprintf(text, sizeof text, record, "");
    fixture_put(fixture, "ingest/42/a.json", text);
    fixture_ingest(fixture, 1);
    expect(fixture, "1", "first_seen", "\"2024-12-07T10:00:10.000000Z\"");
    expect(fixture, "2", "status", "\"active\"");
}

/* --- One product ---------------------------------------------------------- */

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
    {"upload_photo", "{\"item_id\":5,\"photo_url\":\"data:image/png\"}",
        "{\"success\":true}", "photos", "absent"},
    {"upload_photo", "{\"photo_url\":\"https://b/abc.jpg\"}",
        "{\"id\":5,\"url\":\"https://v/p\"}", "photos", "absent"},
    {"upload_photo", "{\"item_id\":5}",
        "{\"item\":{\"id\":5,\"photos\":[{\"url\":\"a\"},{\"url\":\"b\"}]}}",
        "photos", "[\"a\",\"b\"]"},
    {"execute_http_request", "{\"item_id\":5,\"price\":9}",
        "{\"item\":{\"id\":5,\"price\":9}}", "price", "\"1.00\""},
    {"publish_somewhere", "{\"item_id\":5}",
        "{\"item\":{\"id\":5,\"price\":9}}", "price", "\"1.00\""},
};

static void test_results_about_one_product(void **state)
{
    struct fixture *fixture = *state;
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
        expect(fixture, "777", "id", "no row");
    }
}

/* A photo is added once, to those there are, and a later list of all photos
 * counts for more than ours of one. */
static void test_photos_add_up(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 2; i++) {
        fixture_record(fixture, "upload_photo", 10, 11, "{\"item_id\":5}",
            "{\"url\":\"https://v/1\"}");
        fixture_record(fixture, "upload_photo", 12, 13, "{\"item_id\":5}",
            "{\"url\":\"https://v/2\"}");
        fixture_ingest(fixture, 2);
        expect(fixture, "5", "photos", "[\"https://v/1\",\"https://v/2\"]");
        expect(fixture, "5", "photo", "\"https://v/1\"");
    }
    expect(fixture, "5", "status", "absent");
    fixture_record(fixture, "get_all_products", 20, 21, "{}",
        "[{\"id\":5,\"photos\":[{\"url\":\"https://v/3\"}]}]");
    fixture_ingest(fixture, 1);
    expect(fixture, "5", "photos", "[\"https://v/3\"]");
}

/* --- Prices --------------------------------------------------------------- */

struct price_case {
    const char *result;
    const char *first; /* prices of the products 123 and 456, both 1.00 */
    const char *second;
};

static const struct price_case price_cases[] = {
    {"{\"updated\":2,\"failed\":0,\"total\":2}", "\"10.00\"", "\"15.00\""},
    {"{\"failed\":0}", "\"10.00\"", "\"15.00\""},
    {"{\"updated\":2}", "\"10.00\"", "\"15.00\""},
    {"{\"success\":true}", "\"10.00\"", "\"15.00\""},
    {"{\"updated\":1,\"failed\":1,\"total\":2}", "\"1.00\"", "\"1.00\""},
    {"{\"updated\":1,\"failed\":0}", "\"1.00\"", "\"1.00\""},
    {"{\"updated\":1}", "\"1.00\"", "\"1.00\""},
    {"{\"updated\":\"2\"}", "\"1.00\"", "\"1.00\""},
    {"{\"success\":false}", "\"1.00\"", "\"1.00\""},
    {"null", "\"1.00\"", "\"1.00\""},
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
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof price_cases / sizeof price_cases[0]; i++) {
        const struct price_case *row = &price_cases[i];
        fixture_put(fixture, "products/42.ndjson", "");
        fixture_record(fixture, "get_all_products", 0, 1, "{}",
            "[{\"id\":123,\"price\":1},{\"id\":456,\"price\":1}]");
        fixture_record(fixture, "update_prices", 10, 20,
            "{\"updates\":[{\"item_id\":456,\"price\":\"15.00\"},"
            "{\"item_id\":123,\"price\":10}]}",
            row->result);
        fixture_ingest(fixture, 2);
        if (strcmp(fixture_member(fixture, "123", "price"), row->first) != 0)
            fail_msg("%s: first is %s", row->result,
                fixture_member(fixture, "123", "price"));
        expect(fixture, "456", "price", row->second);
        expect(fixture, "9", "id", "no row");
    }
    assert_true(logged(fixture, "does not tell which prices"));
}

/* --- Order ---------------------------------------------------------------- */

/* The same results in the order of their names and, one by one, in the
 * opposite order lead to the same file. */
static void add_history(struct fixture *fixture, int which)
{
    if (which == 0)
        fixture_record(fixture, "get_all_products", 0, 5, "{}",
            LIST("{\"id\":1,\"title\":\"a\",\"price\":1,\"is_hidden\":false},"
                 "{\"id\":2,\"is_reserved\":true}",
                "2"));
    if (which == 1)
        fixture_record(fixture, "update_product", 1, 6,
            "{\"item_id\":1,\"price\":2}",
            "{\"item\":{\"id\":1,\"is_reserved\":true}}");
    if (which == 2)
        fixture_record(fixture, "get_all_products", 2, 8, "{}",
            LIST("{\"id\":1,\"title\":\"b\",\"price\":9,\"is_hidden\":true}",
                "1"));
    if (which == 3)
        fixture_record(fixture, "get_stats", 8, 9, "{\"item_id\":1}",
            "{\"view_count\":3}");
    if (which == 4)
        fixture_record(fixture, "delete_product", 9, 10, "{\"item_id\":2}",
            "{\"success\":true}");
    if (which == 5)
        fixture_record(fixture, "create_product", 9, 11, "{\"price\":3}",
            "{\"item\":{\"id\":3,\"is_draft\":true}}");
    if (which == 6)
        fixture_record(fixture, "get_all_products", 10, 12, "{}",
            LIST("{\"id\":3,\"price\":4,\"is_draft\":false}", "1"));
}

enum {
    HISTORY = 7
};

static void test_any_order_leads_to_the_same(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < HISTORY; i++)
        add_history(fixture, i);
    fixture_ingest(fixture, HISTORY);
    expect(fixture, "1", "title", "\"b\"");
    expect(fixture, "1", "price", "\"2.00\"");
    expect(fixture, "1", "status", "\"gone\"");
    expect(fixture, "2", "status", "\"deleted\"");
    expect(fixture, "3", "price", "\"3.00\"");
    expect(fixture, "3", "status", "\"draft\"");
    char *want = fixture_get(fixture, "products/42.ndjson");
    for (int i = 0; i < HISTORY; i++) /* all once more, as after crashes */
        add_history(fixture, i);
    fixture_ingest(fixture, HISTORY);
    fixture_expect(fixture, "products/42.ndjson", want);
    for (int i = HISTORY; i-- > 0;) {
        add_history(fixture, i);
        fixture_ingest(fixture, 1);
        fixture_expect(fixture, "products/42.ndjson", want);
    }
    free(want);
}

static void test_list_older_than_create(void **state)
{
    struct fixture *fixture = *state;
    fixture_record(fixture, "create_product", 4, 5, "{\"price\":3}",
        "{\"item\":{\"id\":3,\"title\":\"new\"}}");
    fixture_ingest(fixture, 1);
    fixture_record(fixture, "get_all_products", 2, 8, "{}",
        LIST("{\"id\":3,\"title\":\"early\",\"size\":\"M\"},{\"id\":4}", "2"));
    fixture_ingest(fixture, 1);
    expect(fixture, "3", "title", "\"new\"");
    expect(fixture, "3", "price", "\"3.00\"");
    expect(fixture, "3", "size", "\"M\"");
    expect(fixture, "3", "status", "\"active\"");
    fixture_record(
        fixture, "get_all_products", 4, 9, "{}", LIST("{\"id\":4}", "1"));
    fixture_ingest(fixture, 1);
    expect(fixture, "3", "status", "\"active\"");
}

/* A list that was under way while the product was deleted. */
static void test_list_older_than_delete(void **state)
{
    struct fixture *fixture = *state;
    fixture_record(fixture, "delete_product", 4, 5, "{\"item_id\":3}", "null");
    fixture_ingest(fixture, 1);
    fixture_record(fixture, "get_all_products", 2, 8, "{}",
        LIST("{\"id\":3,\"title\":\"t\",\"is_hidden\":false}", "1"));
    fixture_ingest(fixture, 1);
    expect(fixture, "3", "status", "\"deleted\"");
    expect(fixture, "3", "title", "\"t\"");
}

/* --- Users ---------------------------------------------------------------- */

static void test_user(void **state)
{
    struct fixture *fixture = *state;
    fixture_record(fixture, "get_user_data", 0, 1, "{}",
        "{\"user_id\":29535217,\"login\":\"shop.ton.outfit\",\"email\":"
        "\"user@example.com\",\"anon_id\":\"6f646e72\",\"csrf_token\":"
        "\"75f6c9fa\",\"real_name\":\"John Doe\",\"business_account\":23111}");
    fixture_ingest(fixture, 1);
    static const char known[] =
        "{\"user_id\":42,\"vinted_user_id\":29535217,\"login\":"
        "\"shop.ton.outfit\",\"real_name\":\"John Doe\","
        "\"business_account\":23111,"
        "\"updated_at\":\"2024-12-07T10:00:01.000000Z\"}\n";
    fixture_expect(fixture, "users/42.json", known);
    fixture_expect(fixture, "products/42.ndjson", NULL);
    fixture_record(fixture, "get_user_data", -9, -8, "{}",
        "{\"user_id\":1,\"login\":\"older\"}");
    fixture_record(fixture, "get_user_data", 2, 3, "{}", "{\"login\":\"x\"}");
    fixture_record(fixture, "get_user_data", 4, 5, "{}", "null");
    fixture_ingest(fixture, 3);
    fixture_expect(fixture, "users/42.json", known);
    assert_true(logged(fixture, "the user's number"));
}

static void test_user_again(void **state)
{
    struct fixture *fixture = *state;
    fixture_put(fixture, "users/42.json", "broken");
    fixture_record(fixture, "get_user_data", 0, 1, "{}",
        "{\"currentUser\":{\"id\":18446744073709551615,\"login\":\"a\"}}");
    fixture_record(fixture, "get_user_data", 2, 3, "{}",
        "{\"user\":{\"id\":\"18446744073709551615\",\"login\":null,"
        "\"real_name\":{\"csrf_token\":1}}}");
    fixture_ingest(fixture, 2);
    fixture_expect(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":18446744073709551615,"
        "\"login\":\"a\",\"real_name\":null,\"business_account\":null,"
        "\"updated_at\":\"2024-12-07T10:00:03.000000Z\"}\n");
    fixture_record(fixture, "get_user_data", 4, 5, "{}", "{\"user_id\":7}");
    fixture_ingest(fixture, 1); /* somebody else */
    fixture_expect(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":7,\"login\":null,"
        "\"real_name\":null,\"business_account\":null,"
        "\"updated_at\":\"2024-12-07T10:00:05.000000Z\"}\n");
}

/* --- Entries -------------------------------------------------------------- */

static const char *const useless[] = {
    "",
    "{\"user_id\":42",
    "[]",
    "null",
    "{\"user_id\":42,\"action\":\"create_product\",\"status\":\"failed\","
    "\"result\":{\"item\":{\"id\":5}}}",
    "{\"user_id\":43,\"action\":\"create_product\",\"status\":\"completed\","
    "\"completed_at\":\"2024-12-07T10:00:01.000000Z\","
    "\"result\":{\"item\":{\"id\":5}}}",
    "{\"user_id\":42,\"action\":\"create_product\",\"status\":\"completed\","
    "\"completed_at\":\"yesterday\",\"result\":{\"item\":{\"id\":5}}}",
    "{\"user_id\":42,\"action\":\"get_all_products\",\"status\":\"completed\","
    "\"completed_at\":\"2024-12-07T10:00:01.000000Z\",\"result\":[{\"id\":5}]}",
};

/* What is of no use is told, goes, and blocks nothing behind it. */
static void test_useless_entries(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        fixture_put(fixture, "ingest/42/20230000-no-moment-a.json", useless[i]);
        fixture_record(
            fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
        fixture_ingest(fixture, 2);
        expect(fixture, "5", "id", "no row");
        expect(fixture, "6", "id", "6");
        if (!logged(fixture, "20230000-no-moment-a.json"))
            fail_msg("not logged: %s", useless[i]);
        fixture_put(fixture, "log/events.log", "");
    }
}

static void test_deep_and_wide(void **state)
{
    struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    for (int i = 0; i < 100; i++)
        buffer_append_byte(&text, '[');
    fixture_put(fixture, "ingest/42/a.json", buffer_text(&text));
    fixture_ingest(fixture, 1);
    buffer_clear(&text);
    buffer_append_text(&text, "{\"total\":100000,\"products\":[");
    for (int i = 100000; i > 0; i--)
        buffer_append_format(&text, "{\"id\":%d},", i);
    text.length--;
    buffer_append_text(&text, "]}");
    fixture_record(fixture, "get_all_products", 0, 1, "{}", text.data);
    fixture_ingest(fixture, 1);
    expect(fixture, "1", "status", "\"active\"");
    buffer_free(&text);
}

/* The moment in the name stands in where the record bears none. */
static void test_moment_of_the_name(void **state)
{
    fixture_put(*state, "ingest/42/20241207T100007.000000Z-a.json",
        "{\"user_id\":42,\"action\":\"create_product\",\"params\":{},"
        "\"status\":\"completed\",\"result\":{\"item\":{\"id\":5}}}");
    fixture_ingest(*state, 1);
    expect(*state, "5", "seen_at", "\"2024-12-07T10:00:07.000000Z\"");
}

static void test_names_that_are_no_entries(void **state)
{
    struct fixture *fixture = *state;
    unsigned taken = 7;
    assert_int_equal(ingest_user(&fixture->spool, 42, 10, &taken), ERROR_NONE);
    assert_int_equal(taken, 0);
    fixture_put(fixture, "ingest/42/x.part", "{");
    fixture_put(fixture, "ingest/42/.x.json", "{");
    assert_int_equal(ingest_user(&fixture->spool, 42, 10, &taken), ERROR_NONE);
    assert_int_equal(taken, 0);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    assert_int_equal(fixture_count(fixture, "index"), 0);
}

static void test_at_most(void **state)
{
    struct fixture *fixture = *state;
    unsigned taken;
    for (int i = 0; i < 5; i++) {
        char result[40];
        snprintf(result, sizeof result, "{\"item\":{\"id\":%d}}", i + 1);
        fixture_record(fixture, "create_product", 0, 9 - i, "{}", result);
    }
    assert_int_equal(ingest_user(&fixture->spool, 42, 2, &taken), ERROR_NONE);
    assert_int_equal(taken, 2);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 3);
    expect(fixture, "5", "id", "5"); /* completed first */
    expect(fixture, "4", "id", "4");
    expect(fixture, "3", "id", "no row");
    fixture_ingest(fixture, 3);
}

/* An entry that cannot be removed is told, and the others go. */
static void test_entry_that_stays(void **state)
{
    struct fixture *fixture = *state;
    unsigned taken;
    fixture_put(fixture, "ingest/42/a.json/x", "a folder");
    fixture_record(
        fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
    assert_int_not_equal(
        ingest_user(&fixture->spool, 42, 10, &taken), ERROR_NONE);
    assert_int_equal(taken, 1);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    expect(fixture, "6", "id", "6");
}

/* Nothing goes while the catalogue cannot be written or read. */
static void test_catalogue_in_the_way(void **state)
{
    struct fixture *fixture = *state;
    unsigned taken;
    fixture_put(fixture, "products/42.ndjson/x", "a folder");
    fixture_record(
        fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
    assert_int_equal(ingest_user(&fixture->spool, 42, 10, &taken), ERROR_TYPE);
    assert_int_equal(taken, 0);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

/* Without a place for locks, work goes on. */
static void test_no_locks(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR), 0);
    fixture_put(fixture, "index", "a file");
    fixture_record(
        fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
    fixture_ingest(fixture, 1);
    expect(fixture, "6", "id", "6");
}

/* Each process delivers results and takes in whatever there is, as programs
 * do that run at the same time; `locks` false: with the locks swept away under
 * their feet. Nothing may get lost. */
enum {
    WORKERS = 4,
    RESULTS = 40
};

static void work(struct fixture *fixture, int worker, bool locks)
{
    for (int i = 0; i < RESULTS; i++) {
        int number = worker * RESULTS + i + 1;
        char result[40];
        unsigned taken;
        snprintf(result, sizeof result, "{\"item\":{\"id\":%d}}", number);
        fixture_record(fixture, "create_product", number, number, "{}", result);
        if (!locks)
            unlinkat(fixture->spool.directory, "index/42.ingest", 0);
        ingest_user(&fixture->spool, 42, 10, &taken);
    }
}

static void race(struct fixture *fixture, bool locks)
{
    pid_t children[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            work(fixture, i, locks);
            _exit(0);
        }
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    unsigned taken;
    ingest_user(&fixture->spool, 42, 1000, &taken);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    for (int i = 1; i <= WORKERS * RESULTS; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        expect(fixture, id, "status", "\"active\"");
    }
}

static void test_concurrent(void **state)
{
    race(*state, true);
}

static void test_concurrent_without_locks(void **state)
{
    race(*state, false);
}

#define IN_A_SPOOL(test)                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SPOOL(test_guide_list),
        IN_A_SPOOL(test_complete_and_partial_lists),
        IN_A_SPOOL(test_gone_and_back),
        IN_A_SPOOL(test_list_of_a_second_attempt),
        IN_A_SPOOL(test_results_about_one_product),
        IN_A_SPOOL(test_photos_add_up),
        IN_A_SPOOL(test_prices),
        IN_A_SPOOL(test_any_order_leads_to_the_same),
        IN_A_SPOOL(test_list_older_than_create),
        IN_A_SPOOL(test_list_older_than_delete),
        IN_A_SPOOL(test_user),
        IN_A_SPOOL(test_user_again),
        IN_A_SPOOL(test_useless_entries),
        IN_A_SPOOL(test_deep_and_wide),
        IN_A_SPOOL(test_moment_of_the_name),
        IN_A_SPOOL(test_names_that_are_no_entries),
        IN_A_SPOOL(test_at_most),
        IN_A_SPOOL(test_entry_that_stays),
        IN_A_SPOOL(test_catalogue_in_the_way),
        IN_A_SPOOL(test_no_locks),
        IN_A_SPOOL(test_concurrent),
        IN_A_SPOOL(test_concurrent_without_locks),
    };
    return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
