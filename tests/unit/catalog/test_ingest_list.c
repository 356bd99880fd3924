/* SPDX-License-Identifier: MIT */
/* What lists prove, and results in any order. */
#include "clock.h"
#include "ingest_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST(products, total)                                                  \
    "{\"products\":[" products "],\"total\":" total "}"

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

/* Only a list that proves to be complete says anything about what it lacks, and
 * the first that does says only that it is missing. */
static void expect_case(
    const struct fixture *fixture, const struct list_case *row)
{
    fixture_put(fixture, "products/42.ndjson", "");
    fixture_own_list(fixture, 0, 1, LIST("{\"id\":1},{\"id\":2}", "2"));
    fixture_ingest(fixture, 1);
    fixture_own_list(fixture, 10, 20, row->result);
    fixture_ingest(fixture, 1);
    bool proves = strcmp(row->status_of_2, "\"gone\"") == 0;
    fixture_expect_row(fixture, "2", "status", "\"active\"");
    if (strcmp(fixture_member(fixture, "2", "missing_since"),
            proves ? "\"2024-12-07T10:00:10.000000Z\"" : "absent") != 0)
        fail_msg("%s: the other is missing since %s", row->result,
            fixture_member(fixture, "2", "missing_since"));
    fixture_own_list(fixture, 30, 40, row->result);
    fixture_ingest(fixture, 1);
    if (strcmp(fixture_member(fixture, "2", "status"), row->status_of_2) != 0)
        fail_msg("%s: the other is %s", row->result,
            fixture_member(fixture, "2", "status"));
    fixture_expect_row(fixture, "1", "status", row->status_of_1);
}

static void test_complete_and_partial_lists(void **state)
{
    const struct fixture *fixture = *state;
    fixture_know_seller(fixture);
    for (size_t i = 0; i < sizeof list_cases / sizeof list_cases[0]; i++)
        expect_case(fixture, &list_cases[i]);
}

/* What two complete lists in a row lack is gone, unless it was seen since the
 * second began; what was deleted stays deleted; what shows up again is active.
 */
static void test_gone_and_back(void **state)
{
    const struct fixture *fixture = *state;
    fixture_know_seller(fixture);
    fixture_own_list(
        fixture, 0, 1, LIST("{\"id\":1},{\"id\":2},{\"id\":3}", "3"));
    fixture_record(fixture, "delete_product", 2, 3, "{\"item_id\":3}",
        "{\"success\":true}");
    fixture_record(fixture, "create_product", 11, 12, "{}",
        "{\"item\":{\"id\":4,\"title\":\"new\"}}");
    fixture_own_list(fixture, 10, 20, LIST("{\"id\":1}", "1"));
    fixture_ingest(fixture, 4);
    fixture_expect_row(fixture, "2", "status", "\"active\"");
    fixture_expect_row(
        fixture, "2", "missing_since", "\"2024-12-07T10:00:10.000000Z\"");
    fixture_expect_row(fixture, "3", "missing_since", "absent");
    fixture_expect_row(fixture, "4", "missing_since", "absent");
    fixture_own_list(fixture, 21, 25, LIST("{\"id\":1}", "1"));
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "1", "status", "\"active\"");
    fixture_expect_row(fixture, "2", "status", "\"gone\"");
    fixture_expect_row(fixture, "3", "status", "\"deleted\"");
    fixture_expect_row(fixture, "4", "status", "\"active\"");
    fixture_expect_row(
        fixture, "4", "missing_since", "\"2024-12-07T10:00:21.000000Z\"");
    fixture_expect_row(
        fixture, "2", "seen_at", "\"2024-12-07T10:00:00.000000Z\"");
    fixture_expect_row(
        fixture, "2", "missing_since", "\"2024-12-07T10:00:10.000000Z\"");
    fixture_expect_row(
        fixture, "2", "as_of", "{\"status\":\"2024-12-07T10:00:21.000000Z\"}");
    fixture_own_list(
        fixture, 30, 40, LIST("{\"id\":2},{\"id\":3},{\"id\":4}", "9"));
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "2", "status", "\"active\"");
    fixture_expect_row(fixture, "2", "missing_since", "absent");
    fixture_expect_row(fixture, "3", "status", "\"active\"");
    fixture_expect_row(fixture, "4", "status", "\"active\"");
    fixture_expect_row(fixture, "4", "missing_since", "absent");
}

/* A partial list between two complete ones proves nothing missing, but shows
 * what it has; one that lacks the product too leaves what was known. */
static void test_twice_in_a_row(void **state)
{
    const struct fixture *fixture = *state;
    fixture_know_seller(fixture);
    fixture_own_list(fixture, 0, 1,
        LIST("{\"id\":1},{\"id\":2,\"is_hidden\":true},"
             "{\"id\":3,\"is_draft\":true}",
            "3"));
    fixture_own_list(fixture, 10, 11, LIST("{\"id\":1}", "1"));
    fixture_own_list(fixture, 20, 21, LIST("{\"id\":2}", "3"));
    fixture_own_list(fixture, 30, 31, LIST("{\"id\":1}", "1"));
    fixture_ingest(fixture, 4);
    fixture_expect_row(fixture, "2", "status", "\"hidden\"");
    fixture_expect_row(
        fixture, "2", "missing_since", "\"2024-12-07T10:00:30.000000Z\"");
    fixture_expect_row(fixture, "3", "status", "\"gone\"");
    fixture_own_list(fixture, 30, 31, LIST("{\"id\":1}", "1"));
    fixture_ingest(fixture, 1); /* once more, as after a crash */
    fixture_expect_row(fixture, "2", "status", "\"hidden\"");
}

struct view_case {
    int account; /* 0: an older plugin, which does not tell */
    const char *wardrobe;
    const char *more; /* members of the result */
    const char *told; /* in the log; NULL: it proves 2 missing */
};

static const struct view_case view_cases[] = {
    {7, "{\"user_id\":7}", "", NULL},
    {7, "{\"user_id\":\"7\"}", ",\"complete\":true,\"owner\":true", NULL},
    {7, "{\"user_id\":7}", ",\"complete\":null,\"reason\":null", NULL},
    {0, "{\"user_id\":7}", "", "who was signed in"},
    {0, "{\"user_id\":7}", ",\"complete\":true,\"owner\":true",
        "who was signed in"},
    {7, "{\"user_id\":7}", ",\"complete\":false", "not the whole list"},
    {7, "{\"user_id\":7}", ",\"complete\":\"yes\"", "not the whole list"},
    {7, "{\"user_id\":7}", ",\"owner\":false", "not the owner's view"},
    {7, "{\"user_id\":7}", ",\"owner\":0", "not the owner's view"},
    {7, "{}", "", "not the owner's view"},
};

static void put_view(const struct fixture *fixture, const struct view_case *row)
{
    char list[200];
    snprintf(list, sizeof list,
        "{\"products\":[{\"id\":1,\"title\":\"t\"}],\"total\":1%s}", row->more);
    if (row->account == 0)
        fixture_record(
            fixture, "get_all_products", 10, 20, row->wardrobe, list);
    else
        fixture_record_by(fixture, row->account, "get_all_products", 10, 20,
            row->wardrobe, list);
}

/* Hidden items and drafts are shown to their owner alone: what somebody else
 * does not see proves nothing. */
static void test_who_looked(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof view_cases / sizeof view_cases[0]; i++) {
        const struct view_case *row = &view_cases[i];
        fixture_renew(*state);
        fixture_know_seller(fixture);
        fixture_own_list(fixture, 0, 1,
            LIST("{\"id\":1},{\"id\":2,\"is_hidden\":true}", "2"));
        fixture_ingest(fixture, 1);
        put_view(fixture, row);
        fixture_ingest(fixture, 1);
        fixture_expect_row(fixture, "1", "title", "\"t\"");
        fixture_expect_row(fixture, "2", "status", "\"hidden\"");
        const char *since = fixture_member(fixture, "2", "missing_since");
        if ((row->told != NULL) != (strcmp(since, "absent") == 0))
            fail_msg("case %zu: missing since %s", i, since);
        if (!fixture_logged(fixture, "proves nothing missing") ==
            (row->told != NULL))
            fail_msg("case %zu: the log says otherwise", i);
        if (row->told != NULL && !fixture_logged(fixture, row->told))
            fail_msg("case %zu: %s is not told", i, row->told);
    }
}

/* A task handed out twice: its answer may be that of the first time. */
static void test_list_of_a_second_attempt(void **state)
{
    static const char record[] =
        "{\"user_id\":42,\"action\":\"get_all_products\","
        "\"params\":{\"user_id\":7},\"account\":{\"id\":7},"
        "\"created_at\":\"2024-12-07T10:00:10.000000Z\","
        "\"started_at\":\"2024-12-07T10:00:50.000000Z\","
        "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":2,"
        "\"status\":\"completed\",%s"
        "\"result\":{\"products\":[{\"id\":1}],\"total\":1}}";
    const struct fixture *fixture = *state;
    char text[600];
    fixture_know_seller(fixture);
    fixture_record(
        fixture, "create_product", 29, 30, "{}", "{\"item\":{\"id\":2}}");
    fixture_ingest(fixture, 1);
    snprintf(text, sizeof text, record, "\"execution_time_ms\":35000,");
    fixture_put(fixture, "ingest/42/a.json", text);
    fixture_ingest(fixture, 1);
    fixture_expect_row(
        fixture, "1", "seen_at", "\"2024-12-07T10:00:25.000000Z\"");
    fixture_expect_row(fixture, "2", "status", "\"active\"");
    fixture_expect_row(fixture, "2", "missing_since", "absent");
    snprintf(text, sizeof text, record, "");
    fixture_put(fixture, "ingest/42/a.json", text);
    fixture_ingest(fixture, 1);
    fixture_expect_row(
        fixture, "1", "first_seen", "\"2024-12-07T10:00:10.000000Z\"");
    fixture_expect_row(fixture, "2", "status", "\"active\"");
    fixture_expect_row(fixture, "2", "missing_since", "absent");
}

#define TO_COME "2036-01-02T03:04:05.000000Z"

/* Lines that were written while the clock was ahead give way to what comes with
 * a right one, and that is told, once. What nothing new is known of stays. */
static void test_lines_to_come(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "products/42.ndjson",
        "{\"id\":1,\"title\":\"a\",\"price\":\"9.00\",\"brand\":\"b\","
        "\"status\":\"active\",\"first_seen\":\"" TO_COME
        "\",\"seen_at\":\"" TO_COME "\"}\n"
        "{\"id\":2,\"title\":\"b\",\"status\":\"active\",\"first_seen\":"
        "\"2024-12-07T09:00:00.000000Z\",\"seen_at\":\"" TO_COME "\"}\n"
        "{\"id\":3,\"title\":\"c\",\"seen_at\":"
        "\"2024-12-07T09:00:00.000000Z\",\"as_of\":{\"title\":\"" TO_COME
        "\"}}\n");
    fixture_know_seller(fixture);
    for (int start = 9; start <= 10; start++)
        fixture_own_list(fixture, start, start + 10,
            LIST("{\"id\":1,\"title\":\"new\",\"price\":2},"
                 "{\"id\":3,\"title\":\"new\"}",
                "2"));
    fixture_ingest(fixture, 2);
    fixture_expect_row(fixture, "1", "title", "\"new\"");
    fixture_expect_row(fixture, "1", "price", "\"2.00\"");
    fixture_expect_row(fixture, "1", "brand", "\"b\"");
    fixture_expect_row(
        fixture, "1", "seen_at", "\"2024-12-07T10:00:10.000000Z\"");
    fixture_expect_row(
        fixture, "1", "first_seen", "\"2024-12-07T10:00:09.000000Z\"");
    fixture_expect_row(fixture, "2", "status", "\"gone\"");
    fixture_expect_row(fixture, "2", "title", "\"b\"");
    fixture_expect_row(fixture, "2", "seen_at", "absent");
    fixture_expect_row(fixture, "3", "title", "\"new\"");
    assert_true(fixture_logged(fixture, "3 products bore moments to come"));
    fixture_put(fixture, "log/events.log", "");
    fixture_record(fixture, "get_all_products", 30, 40, "{}",
        LIST("{\"id\":2,\"title\":\"again\"}", "9"));
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "2", "status", "\"active\"");
    fixture_expect_row(fixture, "2", "title", "\"again\"");
    assert_false(fixture_logged(fixture, "to come"));
}

/* A result that says it will be completed is one of now; when its listing began
 * nobody knows. */
static void test_results_to_come(void **state)
{
    static const char record[] =
        "{\"user_id\":42,\"action\":\"%s\",\"params\":{\"user_id\":7},"
        "\"account\":{\"id\":7},\"created_at\":\"" TO_COME
        "\",\"started_at\":\"" TO_COME "\",\"completed_at\":\"" TO_COME
        "\",\"attempts\":%d,"
        "\"status\":\"completed\",\"result\":%s}";
    const struct fixture *fixture = *state;
    char text[600];
    char latest[CLOCK_ISO_LENGTH + 2] = "\"";
    fixture_know_seller(fixture);
    fixture_record(
        fixture, "create_product", 29, 30, "{}", "{\"item\":{\"id\":2}}");
    fixture_ingest(fixture, 1);
    for (int attempts = 1; attempts <= 2; attempts++) {
        snprintf(text, sizeof text, record, "get_all_products", attempts,
            "{\"products\":[{\"id\":1,\"title\":\"a\"}],\"total\":1}");
        fixture_put(fixture, "ingest/42/a.json", text);
        snprintf(text, sizeof text, record, "create_product", attempts,
            "{\"item\":{\"id\":3}}");
        fixture_put(fixture, "ingest/42/b.json", text);
        fixture_ingest(fixture, 2);
        clock_format_iso(latest + 1, clock_now());
        assert_true(
            strcmp(fixture_member(fixture, "1", "seen_at"), latest) < 0);
        assert_true(
            strcmp(fixture_member(fixture, "3", "seen_at"), latest) < 0);
        fixture_expect_row(fixture, "2", "status", "\"active\"");
        fixture_expect_row(fixture, "2", "missing_since", "absent");
        assert_true(fixture_logged(fixture, "it proves nothing missing"));
    }
}

/* The same results in the order of their names and, one by one, in the
 * opposite order lead to the same file. */
static void add_history(const struct fixture *fixture, int which)
{
    if (which == 0)
        fixture_own_list(fixture, 0, 5,
            LIST("{\"id\":1,\"title\":\"a\",\"price\":1,\"is_hidden\":false},"
                 "{\"id\":2,\"is_reserved\":true}",
                "2"));
    if (which == 1)
        fixture_record(fixture, "update_product", 1, 6,
            "{\"item_id\":1,\"price\":2}",
            "{\"item\":{\"id\":1,\"is_reserved\":true}}");
    if (which == 2)
        fixture_own_list(fixture, 2, 8,
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
        fixture_own_list(fixture, 10, 12,
            LIST("{\"id\":3,\"price\":4,\"is_draft\":false}", "1"));
    if (which == 7)
        fixture_own_list(
            fixture, 13, 14, LIST("{\"id\":3,\"is_draft\":true}", "1"));
}

enum {
    HISTORY = 8
};

static void test_any_order_leads_to_the_same(void **state)
{
    const struct fixture *fixture = *state;
    fixture_know_seller(fixture);
    for (int i = 0; i < HISTORY; i++)
        add_history(fixture, i);
    fixture_ingest(fixture, HISTORY);
    fixture_expect_row(fixture, "1", "title", "\"b\"");
    fixture_expect_row(fixture, "1", "price", "\"2.00\"");
    fixture_expect_row(fixture, "1", "status", "\"gone\"");
    fixture_expect_row(fixture, "2", "status", "\"deleted\"");
    fixture_expect_row(fixture, "3", "price", "\"3.00\"");
    fixture_expect_row(fixture, "3", "status", "\"draft\"");
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
    const struct fixture *fixture = *state;
    fixture_record(fixture, "create_product", 4, 5, "{\"price\":3}",
        "{\"item\":{\"id\":3,\"title\":\"new\"}}");
    fixture_ingest(fixture, 1);
    fixture_record(fixture, "get_all_products", 2, 8, "{}",
        LIST("{\"id\":3,\"title\":\"early\",\"size\":\"M\"},{\"id\":4}", "2"));
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "3", "title", "\"new\"");
    fixture_expect_row(fixture, "3", "price", "\"3.00\"");
    fixture_expect_row(fixture, "3", "size", "\"M\"");
    fixture_expect_row(fixture, "3", "status", "\"active\"");
    fixture_know_seller(fixture);
    fixture_own_list(fixture, 3, 9, LIST("{\"id\":4}", "1"));
    fixture_own_list(fixture, 4, 10, LIST("{\"id\":4}", "1"));
    fixture_ingest(fixture, 2);
    fixture_expect_row(fixture, "3", "status", "\"active\"");
    fixture_expect_row(fixture, "3", "missing_since", "absent");
}

/* A list that was under way while the product was deleted. */
static void test_list_older_than_delete(void **state)
{
    const struct fixture *fixture = *state;
    fixture_record(fixture, "delete_product", 4, 5, "{\"item_id\":3}", "null");
    fixture_ingest(fixture, 1);
    fixture_record(fixture, "get_all_products", 2, 8, "{}",
        LIST("{\"id\":3,\"title\":\"t\",\"is_hidden\":false}", "1"));
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "3", "status", "\"deleted\"");
    fixture_expect_row(fixture, "3", "title", "\"t\"");
}

/* A complete list, but of another Vinted user's wardrobe than the seller's. */
static void test_list_of_another_wardrobe(void **state)
{
    const struct fixture *fixture = *state;
    fixture_record(fixture, "get_user_data", 0, 1, "{}",
        "{\"user_id\":7,\"login\":\"me\"}");
    fixture_own_list(fixture, 2, 3, LIST("{\"id\":1}", "1"));
    fixture_record_by(fixture, 7, "get_all_products", 4, 5, "{\"user_id\":8}",
        LIST("{\"id\":2}", "1"));
    fixture_ingest(fixture, 3);
    fixture_expect_row(fixture, "1", "status", "\"active\"");
    fixture_expect_row(fixture, "1", "missing_since", "absent");
    char *catalogue = fixture_get(fixture, "products/42.ndjson");
    assert_null(strstr(catalogue, "{\"id\":2"));
    free(catalogue);
    assert_true(fixture_logged(fixture, "another wardrobe"));
}

#define IN_A_SPOOL(test)                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SPOOL(test_guide_list),
        IN_A_SPOOL(test_complete_and_partial_lists),
        IN_A_SPOOL(test_gone_and_back),
        IN_A_SPOOL(test_twice_in_a_row),
        IN_A_SPOOL(test_who_looked),
        IN_A_SPOOL(test_list_of_a_second_attempt),
        IN_A_SPOOL(test_lines_to_come),
        IN_A_SPOOL(test_results_to_come),
        IN_A_SPOOL(test_any_order_leads_to_the_same),
        IN_A_SPOOL(test_list_older_than_create),
        IN_A_SPOOL(test_list_older_than_delete),
        IN_A_SPOOL(test_list_of_another_wardrobe),
    };
    return cmocka_run_group_tests_name("ingest list", tests, NULL, NULL);
}
