/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "json.h"
#include "product.h"
#include "product_item.h"
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_document parsed(const char *text)
{
    struct json_document document;
    struct json_fault fault;
    if (json_parse(&document, text, strlen(text), &fault) != ERROR_NONE)
        fail_msg("%s: %s", text, fault.reason);
    return document;
}

/* Seconds after 2024-12-07T10:00:00Z. */
static int64_t at(int seconds)
{
    return (INT64_C(1733565600) + seconds) * clock_second;
}

static struct product item(const char *text, int seconds)
{
    struct product product = PRODUCT_EMPTY;
    struct json_document document = parsed(text);
    uint64_t id = 1;
    product_id(json_member(json_root(&document), "id"), &id);
    product_start(&product, id);
    product_read_item(&product, json_root(&document), at(seconds));
    json_free(&document);
    return product;
}

static struct product fact(
    enum product_field field, const char *json, int seconds)
{
    struct product product = PRODUCT_EMPTY;
    product_start(&product, 1);
    product_set_text(&product, field, json, at(seconds));
    return product;
}

static void expect_field(const char *what, const struct product *product,
    enum product_field field, const char *want)
{
    size_t length;
    const char *have = product_json(product, field, &length);
    if (length != strlen(want) || memcmp(have, want, length) != 0)
        fail_msg("%s: have '%.*s', want '%s'", what, (int)length, have, want);
}

struct id_case {
    const char *text;
    enum error error;
    uint64_t want;
};

static const struct id_case id_cases[] = {
    {"1", ERROR_NONE, 1},
    {"7750837522", ERROR_NONE, UINT64_C(7750837522)},
    {"9007199254740993", ERROR_NONE, UINT64_C(9007199254740993)},
    {"18446744073709551615", ERROR_NONE, UINT64_MAX},
    {"\"18446744073709551615\"", ERROR_NONE, UINT64_MAX},
    {"\"123456\"", ERROR_NONE, 123456},
    {"18446744073709551616", ERROR_RANGE, 0},
    {"99999999999999999999999999", ERROR_RANGE, 0},
    {"0", ERROR_TYPE, 0},
    {"-1", ERROR_TYPE, 0},
    {"1.0", ERROR_TYPE, 0},
    {"1e3", ERROR_TYPE, 0},
    {"\"\"", ERROR_TYPE, 0},
    {"\"0123\"", ERROR_TYPE, 0},
    {"\"12 \"", ERROR_TYPE, 0},
    {"\"\\u0031\"", ERROR_TYPE, 0},
    {"null", ERROR_TYPE, 0},
    {"true", ERROR_TYPE, 0},
    {"[1]", ERROR_TYPE, 0},
    {"{\"id\":1}", ERROR_TYPE, 0},
};

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof id_cases / sizeof id_cases[0]; i++) {
        const struct id_case *row = &id_cases[i];
        struct json_document document = parsed(row->text);
        uint64_t have = 0;
        enum error error = product_id(json_root(&document), &have);
        if (error != row->error || have != row->want)
            fail_msg("%s: have error %d, %llu", row->text, (int)error,
                (unsigned long long)have);
        json_free(&document);
    }
}

struct shape {
    const char *item;
    enum product_field field;
    const char *want; /* "": not known */
};

#define PHOTO_AT(url, time)                                                    \
    "{\"url\":\"" url "\",\"high_resolution\":{\"timestamp\":" time "}}"

static const struct shape shapes[] = {
    {"{\"title\":\"T-shirt\"}", PRODUCT_TITLE, "\"T-shirt\""},
    {"{\"title\":\"\\u00e9t\\u00e9\"}", PRODUCT_TITLE, "\"\xc3\xa9t\xc3\xa9\""},
    {"{\"title\":\"a\\nb\\u0000\\/\"}", PRODUCT_TITLE, "\"a\\nb\\u0000/\""},
    {"{\"title\":\"\"}", PRODUCT_TITLE, ""},
    {"{\"title\":null}", PRODUCT_TITLE, ""},
    {"{\"title\":5}", PRODUCT_TITLE, ""},
    {"{\"title\":[\"x\"]}", PRODUCT_TITLE, ""},
    {"{\"price\":\"15.00\"}", PRODUCT_PRICE, "\"15.00\""},
    {"{\"price\":15.0}", PRODUCT_PRICE, "\"15.00\""},
    {"{\"price\":15}", PRODUCT_PRICE, "\"15.00\""},
    {"{\"price\":1.5e1}", PRODUCT_PRICE, "\"15.00\""},
    {"{\"price\":{\"amount\":\"28.9\",\"currency_code\":\"EUR\"}}",
        PRODUCT_PRICE, "\"28.90\""},
    {"{\"price\":{\"amount\":28.9}}", PRODUCT_PRICE, "\"28.90\""},
    {"{\"price\":1e400}", PRODUCT_PRICE, ""},
    {"{\"price\":-3}", PRODUCT_PRICE, ""},
    {"{\"price\":\"free\"}", PRODUCT_PRICE, ""},
    {"{\"price\":{\"amount\":{\"amount\":\"1\"}}}", PRODUCT_PRICE, ""},
    {"{\"price\":[\"1\"]}", PRODUCT_PRICE, ""},
    {"{\"price\":true}", PRODUCT_PRICE, ""},
    {"{\"price\":\"1\",\"currency\":\"EUR\"}", PRODUCT_CURRENCY, "\"EUR\""},
    {"{\"currency\":\"EUR\",\"price\":{\"amount\":\"1\",\"currency_code\":"
     "\"PLN\"}}",
        PRODUCT_CURRENCY, "\"PLN\""},
    {"{\"brand\":\"Lee\"}", PRODUCT_BRAND, "\"Lee\""},
    {"{\"brand\":{\"id\":53,\"title\":\"Nike\"}}", PRODUCT_BRAND, "\"Nike\""},
    {"{\"brand\":{\"id\":53,\"title\":\"Nike\"}}", PRODUCT_BRAND_ID, "53"},
    {"{\"brand_title\":\"Nike\"}", PRODUCT_BRAND, "\"Nike\""},
    {"{\"brand\":null,\"brand_title\":\"Nike\"}", PRODUCT_BRAND, "\"Nike\""},
    {"{\"brand_dto\":{\"id\":7,\"title\":\"Nike\"}}", PRODUCT_BRAND,
        "\"Nike\""},
    {"{\"brand_dto\":{\"id\":7,\"title\":\"Nike\"}}", PRODUCT_BRAND_ID, "7"},
    {"{\"brand\":\"Lee\",\"brand_id\":9}", PRODUCT_BRAND_ID, "9"},
    {"{\"brand_id\":-9}", PRODUCT_BRAND_ID, ""},
    {"{\"brand_id\":9e9}", PRODUCT_BRAND_ID, ""},
    {"{\"brand\":7}", PRODUCT_BRAND, ""},
    {"{\"size_title\":\"M\"}", PRODUCT_SIZE, "\"M\""},
    {"{\"size\":\"W34 | FR 44\"}", PRODUCT_SIZE, "\"W34 | FR 44\""},
    {"{\"size\":{\"title\":\"M\"}}", PRODUCT_SIZE, "\"M\""},
    {"{\"size\":42}", PRODUCT_SIZE, ""},
    {"{\"status\":\"Bon \xc3\xa9tat\"}", PRODUCT_CONDITION,
        "\"Bon \xc3\xa9tat\""},
    {"{\"status\":{\"id\":2,\"title\":\"Neuf\"}}", PRODUCT_CONDITION,
        "\"Neuf\""},
    {"{}", PRODUCT_STATUS, PRODUCT_ACTIVE},
    {"{\"is_reserved\":false}", PRODUCT_STATUS, PRODUCT_ACTIVE},
    {"{\"is_reserved\":true}", PRODUCT_STATUS, PRODUCT_RESERVED},
    {"{\"is_reserved\":1}", PRODUCT_STATUS, PRODUCT_RESERVED},
    {"{\"is_reserved\":\"true\"}", PRODUCT_STATUS, PRODUCT_ACTIVE},
    {"{\"is_hidden\":true,\"is_reserved\":true}", PRODUCT_STATUS,
        PRODUCT_HIDDEN},
    {"{\"is_draft\":true,\"is_hidden\":true}", PRODUCT_STATUS, PRODUCT_DRAFT},
    {"{\"is_closed\":true,\"is_reserved\":true}", PRODUCT_STATUS,
        PRODUCT_CLOSED},
    {"{\"is_closed\":true,\"item_closing_action\":\"sold\"}", PRODUCT_STATUS,
        PRODUCT_SOLD},
    {"{\"is_closed\":true,\"item_closing_action\":null}", PRODUCT_STATUS,
        PRODUCT_CLOSED},
    {"{\"url\":\"https://v/1\"}", PRODUCT_URL, "\"https://v/1\""},
    {"{\"photos\":[{\"url\":\"a\"},{\"url\":\"b\"}]}", PRODUCT_PHOTOS,
        "[\"a\",\"b\"]"},
    {"{\"photos\":[{\"high_resolution\":{\"url\":\"h\"}},\"t\"]}",
        PRODUCT_PHOTOS, "[\"h\",\"t\"]"},
    {"{\"photos\":[null,{},{\"url\":7},{\"url\":\"b\"},[]]}", PRODUCT_PHOTOS,
        "[\"b\"]"},
    {"{\"photos\":[],\"photo\":{\"url\":\"p\"}}", PRODUCT_PHOTOS, "[\"p\"]"},
    {"{\"photo\":\"p\"}", PRODUCT_PHOTOS, "[\"p\"]"},
    {"{\"photos\":[]}", PRODUCT_PHOTOS, ""},
    {"{\"photos\":{\"url\":\"a\"}}", PRODUCT_PHOTOS, ""},
    {"{\"photos\":\"a\"}", PRODUCT_PHOTOS, ""},
    {"{\"description\":\"\"}", PRODUCT_DESCRIPTION, ""},
    {"{\"view_count\":125}", PRODUCT_VIEW_COUNT, "125"},
    {"{\"view_count\":9223372036854775808}", PRODUCT_VIEW_COUNT, ""},
    {"{\"view_count\":1.5}", PRODUCT_VIEW_COUNT, ""},
    {"{\"favourite_count\":0}", PRODUCT_FAVOURITE_COUNT, "0"},
    {"{\"message_count\":\"3\"}", PRODUCT_MESSAGE_COUNT, ""},
    {"{\"photos\":[" PHOTO_AT("a", "1733565600") "," PHOTO_AT(
         "b", "1700000000") "]}",
        PRODUCT_PUBLISHED_AT, "\"2023-11-14T22:13:20.000000Z\""},
    {"{\"photos\":[" PHOTO_AT("a", "99999999999999") "]}", PRODUCT_PUBLISHED_AT,
        ""},
    {"{\"photos\":[" PHOTO_AT("a", "-5") "]}", PRODUCT_PUBLISHED_AT, ""},
    {"{\"photos\":[" PHOTO_AT("a", "\"1700000000\"") "]}", PRODUCT_PUBLISHED_AT,
        ""},
    {"[]", PRODUCT_TITLE, ""},
    {"\"text\"", PRODUCT_TITLE, ""},
};

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct product have = item(shapes[i].item, 0);
        expect_field(shapes[i].item, &have, shapes[i].field, shapes[i].want);
        product_free(&have);
    }
}

static void expect_line(const struct product *product, const char *want)
{
    struct buffer line = BUFFER_EMPTY;
    product_write(product, &line);
    assert_string_equal(buffer_text(&line), want);
    buffer_free(&line);
}

/* Merged into an unknown product, as the catalogue does. */
static struct product row_of(const char *text, int seconds)
{
    struct product row = PRODUCT_EMPTY;
    struct product observed = item(text, seconds);
    product_start(&row, observed.id);
    product_merge(&row, &observed);
    product_free(&observed);
    return row;
}

static void test_line_of_a_whole_item(void **state)
{
    (void)state;
    struct product row = row_of(
        "{\"user\":{\"id\":5},\"id\":7750837522,\"title\":\"Jean \\\"501\\\"\","
        "\"price\":{\"amount\":\"28.9\",\"currency_code\":\"EUR\"},"
        "\"brand\":{\"id\":10,\"title\":\"Levi's\"},\"size\":\"W34 | FR 44\","
        "\"status\":\"Bon \\u00e9tat\",\"url\":\"https://v/7\","
        "\"photos\":[" PHOTO_AT("https://p/1",
            "1700000000") ",{\"url\":"
                          "\"https://p/"
                          "2\"}],\"description\":\"Neuf\",\"view_count\":12,"
                          "\"favourite_count\":3,\"message_count\":1,\"is_"
                          "draft\":false,"
                          "\"is_closed\":false,\"is_reserved\":true,\"is_"
                          "hidden\":false}",
        0);
    expect_line(&row,
        "{\"id\":7750837522,\"title\":\"Jean \\\"501\\\"\",\"price\":\"28.90\","
        "\"currency\":\"EUR\",\"brand\":\"Levi's\",\"brand_id\":10,"
        "\"size\":\"W34 | FR 44\",\"condition\":\"Bon \xc3\xa9tat\","
        "\"status\":\"reserved\",\"url\":\"https://v/7\","
        "\"photo\":\"https://p/1\",\"photos\":[\"https://p/1\","
        "\"https://p/2\"],\"description\":\"Neuf\",\"view_count\":12,"
        "\"favourite_count\":3,\"message_count\":1,"
        "\"published_at\":\"2023-11-14T22:13:20.000000Z\","
        "\"first_seen\":\"2024-12-07T10:00:00.000000Z\","
        "\"seen_at\":\"2024-12-07T10:00:00.000000Z\"}");
    product_free(&row);
}

static const char *const lines[] = {
    "{\"id\":1}",
    "{\"id\":18446744073709551615,\"title\":\"x\",\"status\":\"deleted\","
    "\"as_of\":{\"status\":\"2024-12-07T10:00:00.000000Z\"}}",
    "{\"id\":2,\"photo\":\"a\\\"b\",\"photos\":[\"a\\\"b\",\"c\"],"
    "\"view_count\":3,\"first_seen\":\"2024-12-07T10:00:00.000000Z\","
    "\"seen_at\":\"2024-12-07T10:00:01.000000Z\","
    "\"as_of\":{\"photos\":\"2024-12-07T10:00:02.000000Z\","
    "\"view_count\":null}}",
    "{\"id\":3,\"price\":\"1.00\",\"first_seen\":\"2024-12-07T10:00:00.000000Z"
    "\",\"seen_at\":\"2024-12-07T10:00:00.000000Z\",\"note\":{\"mine\":[1e9]},"
    "\"k\\\"\":null}",
};

/* What is read from a line is written as the same line. */
static void test_lines_survive(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct product product = PRODUCT_EMPTY;
        struct json_document document = parsed(lines[i]);
        assert_int_equal(
            product_read(&product, json_root(&document)), ERROR_NONE);
        expect_line(&product, lines[i]);
        json_free(&document);
        product_free(&product);
    }
}

static void test_lines_that_are_no_products(void **state)
{
    (void)state;
    static const char *const wrong[] = {"{}", "[]", "1", "null", "{\"id\":0}",
        "{\"title\":\"x\"}", "{\"id\":1,\"title\":5}",
        "{\"id\":1,\"photos\":\"x\"}", "{\"id\":1,\"view_count\":\"1\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct product product = PRODUCT_EMPTY;
        struct json_document document = parsed(wrong[i]);
        if (product_read(&product, json_root(&document)) != ERROR_TYPE)
            fail_msg("%s was taken for a product", wrong[i]);
        json_free(&document);
        product_free(&product);
    }
}

struct merge_case {
    const char *what;
    struct product (*first)(void);
    struct product (*second)(void);
    enum product_field field;
    const char *want;
    bool any_order;
};

static struct product title_a0(void)
{
    return item("{\"title\":\"a\",\"is_reserved\":true}", 0);
}

static struct product title_b5(void)
{
    return item("{\"title\":\"b\"}", 5);
}

static struct product nothing_5(void)
{
    return item("{\"description\":\"\",\"title\":null}", 5);
}

static struct product active_5(void)
{
    return item("{\"is_reserved\":false}", 5);
}

static struct product deleted_3(void)
{
    return fact(PRODUCT_STATUS, PRODUCT_DELETED, 3);
}

static struct product gone_4(void)
{
    return fact(PRODUCT_STATUS, PRODUCT_GONE, 4);
}

static struct product gone_0(void)
{
    return fact(PRODUCT_STATUS, PRODUCT_GONE, 0);
}

static struct product nike_53(void)
{
    return item("{\"brand\":{\"id\":53,\"title\":\"Nike\"}}", 0);
}

static struct product lee_5(void)
{
    return item("{\"brand\":\"Lee\"}", 5);
}

static struct product nike_5(void)
{
    return item("{\"brand\":\"Nike\"}", 5);
}

static const struct merge_case merges[] = {
    {"newer wins", title_a0, title_b5, PRODUCT_TITLE, "\"b\"", true},
    {"a state stays where none is told", title_a0, title_b5, PRODUCT_STATUS,
        PRODUCT_RESERVED, false},
    {"null erases nothing", title_a0, nothing_5, PRODUCT_TITLE, "\"a\"", true},
    {"a told state wins", title_a0, active_5, PRODUCT_STATUS, PRODUCT_ACTIVE,
        true},
    {"deleted after seen", title_a0, deleted_3, PRODUCT_STATUS, PRODUCT_DELETED,
        true},
    {"seen after deleted", deleted_3, title_b5, PRODUCT_STATUS, PRODUCT_ACTIVE,
        true},
    {"deleted says more than gone", deleted_3, gone_4, PRODUCT_STATUS,
        PRODUCT_DELETED, true},
    {"gone after seen", title_a0, gone_4, PRODUCT_STATUS, PRODUCT_GONE, true},
    {"seen after gone", gone_4, title_b5, PRODUCT_STATUS, PRODUCT_ACTIVE, true},
    {"seen when the list began", title_a0, gone_0, PRODUCT_STATUS,
        PRODUCT_RESERVED, true},
    {"another brand loses the number", nike_53, lee_5, PRODUCT_BRAND_ID, "",
        false},
    {"another brand", nike_53, lee_5, PRODUCT_BRAND, "\"Lee\"", true},
    {"the same brand keeps its number", nike_53, nike_5, PRODUCT_BRAND_ID, "53",
        true},
};

static void expect_merge(const struct merge_case *row, bool swapped)
{
    struct product known = PRODUCT_EMPTY;
    struct product a = row->first();
    struct product b = row->second();
    product_start(&known, 1);
    product_merge(&known, swapped ? &b : &a);
    product_merge(&known, swapped ? &a : &b);
    expect_field(row->what, &known, row->field, row->want);
    product_merge(&known, swapped ? &a : &b); /* once more, after a crash */
    expect_field(row->what, &known, row->field, row->want);
    product_free(&known);
    product_free(&a);
    product_free(&b);
}

static void test_merges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++) {
        expect_merge(&merges[i], false);
        if (merges[i].any_order)
            expect_merge(&merges[i], true);
    }
}

/* Fields come from different moments; the line tells which, and an older
 * observation fills only what nothing newer is known about. */
static void test_moments_of_fields(void **state)
{
    (void)state;
    struct product row = row_of("{\"title\":\"new\",\"is_draft\":true}", 9);
    struct product old = item("{\"title\":\"old\",\"description\":\"d\"}", 2);
    product_merge(&row, &old);
    expect_line(&row,
        "{\"id\":1,\"title\":\"new\",\"status\":\"draft\",\"description\":"
        "\"d\",\"first_seen\":\"2024-12-07T10:00:02.000000Z\","
        "\"seen_at\":\"2024-12-07T10:00:09.000000Z\","
        "\"as_of\":{\"description\":\"2024-12-07T10:00:02.000000Z\"}}");
    product_free(&old);
    product_free(&row);
}

static void test_fill_adds_only_what_lacks(void **state)
{
    (void)state;
    struct product product = item("{\"title\":\"told\"}", 0);
    struct json_document document = parsed(
        "{\"title\":\"set\",\"price\":12,\"description\":\"d\",\"size_id\":3,"
        "\"status\":\"s\",\"view_count\":9,\"is_draft\":true}");
    product_fill_item(&product, json_root(&document), at(0));
    expect_field("title", &product, PRODUCT_TITLE, "\"told\"");
    expect_field("price", &product, PRODUCT_PRICE, "\"12.00\"");
    expect_field("description", &product, PRODUCT_DESCRIPTION, "\"d\"");
    expect_field("condition", &product, PRODUCT_CONDITION, "");
    expect_field("views", &product, PRODUCT_VIEW_COUNT, "");
    json_free(&document);
    product_free(&product);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_line_of_a_whole_item),
        cmocka_unit_test(test_lines_survive),
        cmocka_unit_test(test_lines_that_are_no_products),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_moments_of_fields),
        cmocka_unit_test(test_fill_adds_only_what_lacks),
    };
    return cmocka_run_group_tests_name("product", tests, NULL, NULL);
}
