/* SPDX-License-Identifier: MIT */
/* What looks as if one task had listed it twice. */
#include "ingest_fixture.h"
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEN 1733565600 /* 2024-12-07T10:00:00Z, from which the others count */

/* An item as lists tell it, published so many seconds after ten; -1: it does
 * not tell when. In static memory, of which there are four. */
static const char *item(
    int id, const char *title, const char *price, int published)
{
    static char texts[4][200];
    static int turn;
    char *text = texts[turn++ % 4];
    int length = snprintf(text, sizeof texts[0],
        "{\"id\":%d,\"title\":\"%s\",\"price\":\"%s\"", id, title, price);
    if (published >= 0)
        length += snprintf(text + length, sizeof texts[0] - (size_t)length,
            ",\"photos\":[{\"id\":%d,\"url\":\"https://x.test/%d\","
            "\"high_resolution\":{\"timestamp\":%d}}]",
            id, id, TEN + published);
    snprintf(text + length, sizeof texts[0] - (size_t)length, "}");
    return text;
}

/* Takes in a list, by the owner, of these. */
static void take_list(const struct fixture *fixture, int started,
    const char *first, const char *second)
{
    char list[600];
    snprintf(list, sizeof list, "{\"products\":[%s%s%s],\"total\":%d}", first,
        *second == '\0' ? "" : ",", second, *second == '\0' ? 1 : 2);
    fixture_own_list(fixture, started, started + 1, list);
    fixture_ingest(fixture, 1);
}

/* A task that has listed it, published so many seconds after ten. */
static void create_one(const struct fixture *fixture, int id, int published)
{
    char result[300];
    snprintf(result, sizeof result, "{\"item\":%s}",
        item(id, "Robe \xc3\x89t\xc3\xa9", "15.00", published));
    fixture_record(
        fixture, "create_product", published - 1, published + 1, "{}", result);
    fixture_ingest(fixture, 1);
}

/* A task that has listed 2, published a second after ten. */
static void create(const struct fixture *fixture)
{
    fixture_know_seller(fixture);
    create_one(fixture, 2, 1);
}

/* The list that shows 1 beside it. */
static void twin(const struct fixture *fixture)
{
    create(fixture);
    take_list(fixture, 100, item(1, "Robe \xc3\x89t\xc3\xa9", "15.00", 0),
        item(2, "Robe \xc3\x89t\xc3\xa9", "15.00", 1));
}

static void expect(
    const struct fixture *fixture, const char *of_1, const char *of_2)
{
    fixture_expect_row(fixture, "1", "twin_of", of_1);
    fixture_expect_row(fixture, "2", "twin_of", of_2);
}

static void test_told(void **state)
{
    const struct fixture *fixture = *state;
    twin(fixture);
    expect(fixture, "2", "1");
    fixture_expect_row(fixture, "1", "as_of", "absent");
    assert_true(
        fixture_logged(fixture, "products/42.ndjson: 1 may be 2 listed twice"));
    fixture_put(fixture, "log/events.log", "");
    take_list(fixture, 200, item(1, "Robe \xc3\x89t\xc3\xa9", "12.00", 0),
        item(2, "Robe \xc3\x89t\xc3\xa9", "15.00", 1));
    expect(fixture, "2", "1"); /* a price is changed every day */
    assert_false(fixture_logged(fixture, "listed twice"));
}

struct other_case {
    const char *title;
    const char *price;
    int published;
    bool told;
};

/* Vinted may trim a title or change its capitals. */
static const struct other_case other_cases[] = {
    {"Robe \xc3\x89t\xc3\xa9", "15.00", 121, true},
    {" robe  \xc3\xa9t\xc3\xa9", "15.0", 1, true},
    {"Robe \xc3\x89t\xc3\xa9", "15.00", 122, false},
    {"Robe \xc3\x89t\xc3\xa9", "15.00", 7200, false},
    {"Robe \xc3\x89t\xc3\xa9", "15.00", -1, false},
    {"Robe \xc3\x89t\xc3\xa9", "15.01", 1, false},
    {"Robe", "15.00", 1, false},
    {"", "15.00", 1, false},
};

static void test_who_is_one(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof other_cases / sizeof other_cases[0]; i++) {
        const struct other_case *row = &other_cases[i];
        fixture_renew(*state);
        create(fixture);
        take_list(fixture, 8000,
            item(1, row->title, row->price, row->published),
            item(2, "Robe \xc3\x89t\xc3\xa9", "15.00", 1));
        if ((strcmp(fixture_member(fixture, "1", "twin_of"), "2") == 0) !=
            row->told)
            fail_msg("case %zu: %s", i, fixture_member(fixture, "1", "status"));
        assert_int_equal(fixture_logged(fixture, "listed twice"), row->told);
    }
}

/* Who sees a wardrobe as its buyers do, or lists by hand alone, tells nothing;
 * nor what was known before the task. */
static void test_others_tell_nothing(void **state)
{
    const struct fixture *fixture = *state;
    const char *list = "{\"products\":["
                       "{\"id\":1,\"title\":\"t\",\"price\":\"1.00\","
                       "\"photos\":[{\"high_resolution\":{\"timestamp\":"
                       "1733565600}}]},"
                       "{\"id\":2,\"title\":\"t\",\"price\":\"1.00\","
                       "\"photos\":[{\"high_resolution\":{\"timestamp\":"
                       "1733565600}}]}],\"total\":2}";
    fixture_know_seller(fixture);
    fixture_own_list(fixture, 10, 11, list); /* by hand, both */
    fixture_ingest(fixture, 1);
    expect(fixture, "absent", "absent");
    fixture_record(fixture, "create_product", 12, 13, "{}",
        "{\"item\":{\"id\":2,\"title\":\"t\"}}");
    fixture_own_list(fixture, 20, 21, list); /* 1 is not new */
    fixture_ingest(fixture, 2);
    expect(fixture, "absent", "absent");
    fixture_put(fixture, "products/42.ndjson", "");
    fixture_record(fixture, "create_product", 12, 13, "{}",
        "{\"item\":{\"id\":2,\"title\":\"t\"}}");
    fixture_record_by(
        fixture, 8, "get_all_products", 20, 21, "{\"user_id\":7}", list);
    fixture_ingest(fixture, 2);
    fixture_expect_row(fixture, "1", "twin_of", "no row");
}

/* A task has made the other as well: its result comes after the list. */
static void test_two_tasks(void **state)
{
    const struct fixture *fixture = *state;
    twin(fixture);
    fixture_record(
        fixture, "create_product", 50, 150, "{}", "{\"item\":{\"id\":1}}");
    fixture_ingest(fixture, 1);
    expect(fixture, "absent", "absent");
}

static void test_deleted(void **state)
{
    for (int which = 1; which <= 2; which++) {
        const struct fixture *fixture = *state;
        char params[40];
        fixture_renew(*state);
        twin(fixture);
        snprintf(params, sizeof params, "{\"item_id\":%d}", which);
        fixture_record(
            fixture, "delete_product", 150, 151, params, "{\"success\":true}");
        fixture_ingest(fixture, 1);
        expect(fixture, "absent", "absent");
    }
}

/* As where the seller deletes one by hand: it is gone by the second list. */
static void test_gone(void **state)
{
    const struct fixture *fixture = *state;
    twin(fixture);
    take_list(fixture, 200, item(2, "Robe \xc3\x89t\xc3\xa9", "15.00", 1), "");
    expect(fixture, "2", "1");
    take_list(fixture, 300, item(2, "Robe \xc3\x89t\xc3\xa9", "15.00", 1), "");
    fixture_expect_row(fixture, "1", "status", "\"gone\"");
    expect(fixture, "absent", "absent");
}

/* That one was sold is the reason to look at the other. */
static void test_sold(void **state)
{
    const struct fixture *fixture = *state;
    const char *sold = "{\"id\":2,\"title\":\"robe \xc3\xa9t\xc3\xa9\","
                       "\"item_closing_action\":\"sold\"}";
    twin(fixture);
    take_list(
        fixture, 200, item(1, "Robe \xc3\x89t\xc3\xa9", "15.00", 0), sold);
    fixture_expect_row(fixture, "2", "status", "\"sold\"");
    expect(fixture, "2", "1");
    take_list(fixture, 300,
        "{\"id\":1,\"title\":\"Robe \xc3\x89t\xc3\xa9\",\"is_closed\":true}",
        sold);
    expect(fixture, "absent", "absent");
}

/* The seller says by another title that they are two. */
static void test_edited(void **state)
{
    const struct fixture *fixture = *state;
    twin(fixture);
    take_list(
        fixture, 200, item(1, "Robe", "15.00", 0), item(2, "Robe", "15.00", 1));
    expect(fixture, "2", "1");
    take_list(fixture, 300, item(1, "Robe bleue", "15.00", 0),
        item(2, "Robe", "15.00", 1));
    expect(fixture, "absent", "absent");
    take_list(
        fixture, 400, item(1, "Robe", "15.00", 0), item(2, "Robe", "15.00", 1));
    expect(fixture, "absent", "absent");
}

/* Two more than there should be: each names one that is there. */
static void test_triplets(void **state)
{
    const struct fixture *fixture = *state;
    create(fixture);
    take_list(fixture, 100, item(1, "Robe \xc3\x89t\xc3\xa9", "15.00", 0),
        item(3, "Robe \xc3\x89t\xc3\xa9", "15.00", 2));
    expect(fixture, "2", "3");
    fixture_expect_row(fixture, "3", "twin_of", "2");
    fixture_record(fixture, "delete_product", 150, 151, "{\"item_id\":3}",
        "{\"success\":true}");
    fixture_ingest(fixture, 1);
    expect(fixture, "2", "absent");
    fixture_expect_row(fixture, "3", "twin_of", "absent");
}

/* What one was given is stepped over, but not what comes behind it. */
static void test_two_pairs(void **state)
{
    const struct fixture *fixture = *state;
    create(fixture);
    create_one(fixture, 4, 200);
    take_list(fixture, 300, item(1, "Robe \xc3\x89t\xc3\xa9", "15.00", 100),
        item(3, "Robe \xc3\x89t\xc3\xa9", "15.00", 250));
    expect(fixture, "2", "1");
    fixture_expect_row(fixture, "3", "twin_of", "4");
    fixture_expect_row(fixture, "4", "twin_of", "3");
}

/* By hand, the other line was taken out, or one of them is no number. */
static void test_by_hand(void **state)
{
    const struct fixture *fixture = *state;
    fixture_know_seller(fixture);
    fixture_put(fixture, "products/42.ndjson",
        "{\"id\":1,\"title\":\"t\",\"twin_of\":5}\n"
        "{\"id\":2,\"title\":\"t\",\"twin_of\":-7}\n"
        "{\"id\":3,\"title\":\"t\",\"twin_of\":\"7\"}\n");
    take_list(fixture, 100, "{\"id\":1,\"title\":\"t\"}",
        "{\"id\":2,\"title\":\"t\"}");
    expect(fixture, "absent", "-7");
}

struct line_case {
    const char *line; /* of what a task has listed */
    const char *more; /* members of the item that a list shows beside it */
    const char *twin; /* that the item gets */
    bool told;
};

#define LISTED(before, behind)                                                 \
    "{\"id\":2,\"title\":\"Robe\"" before                                      \
    ",\"published_at\":\"2024-12-07T10:00:00.000000Z\"" behind "}\n"
#define PRICE ",\"price\":\"15.00\""
#define BY_T ",\"listed_by\":\"t\""

static const struct line_case line_cases[] = {
    {LISTED("", BY_T), "", "absent", false},
    {LISTED(PRICE ",\"status\":\"gone\"", BY_T), "", "absent", false},
    {LISTED(PRICE ",\"brand\":\"listed_by\"", ""), "", "absent", false},
    /* Both are sold: that ends it. */
    {LISTED(PRICE ",\"status\":\"sold\"", BY_T),
        ",\"item_closing_action\":\"sold\"", "absent", false},
    /* What somebody broke. */
    {LISTED(PRICE ",\"brand\":5", BY_T), "", "2", true},
    {LISTED(PRICE, BY_T ",\"id\":7"), "", "2", true},
};

/* None of these lines is changed by what a list shows beside it. */
static void test_lines(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof line_cases / sizeof line_cases[0]; i++) {
        const struct line_case *row = &line_cases[i];
        char list[300];
        fixture_renew(*state);
        fixture_know_seller(fixture);
        fixture_put(fixture, "products/42.ndjson", row->line);
        snprintf(list, sizeof list,
            "{\"products\":[{\"id\":1,\"title\":\"Robe\",\"price\":\"15.00\","
            "\"photos\":[{\"high_resolution\":{\"timestamp\":%d}}]%s}],"
            "\"total\":9}",
            TEN, row->more);
        fixture_own_list(fixture, 100, 101, list);
        fixture_ingest(fixture, 1);
        const char *other = fixture_member(fixture, "1", "twin_of");
        if (strcmp(other, row->twin) != 0)
            fail_msg("%s: %s", row->line, other);
        assert_int_equal(fixture_logged(fixture, "listed twice"), row->told);
        char *text = fixture_get(fixture, "products/42.ndjson");
        if (strstr(text, row->line) == NULL)
            fail_msg("%s: changed to %s", row->line, text);
        free(text);
    }
}

#define IN_A_SPOOL(test)                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SPOOL(test_told),
        IN_A_SPOOL(test_who_is_one),
        IN_A_SPOOL(test_others_tell_nothing),
        IN_A_SPOOL(test_two_tasks),
        IN_A_SPOOL(test_deleted),
        IN_A_SPOOL(test_gone),
        IN_A_SPOOL(test_sold),
        IN_A_SPOOL(test_edited),
        IN_A_SPOOL(test_triplets),
        IN_A_SPOOL(test_two_pairs),
        IN_A_SPOOL(test_by_hand),
        IN_A_SPOOL(test_lines),
    };
    return cmocka_run_group_tests_name("twin", tests, NULL, NULL);
}
