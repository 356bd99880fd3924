/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "json.h"
#include "json_expect.h"
#include "product.h"
#include "product_fixture.h"
#include "unit.h"

#include <stdbool.h>

static struct product fact(
    enum product_field field, const char *json, int seconds)
{
    struct product product = PRODUCT_EMPTY;
    product_start(&product, 1);
    product_set_text(&product, field, json, product_moment(seconds));
    return product;
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
        struct json_document document = json_parsed(lines[i]);
        assert_int_equal(
            product_read(&product, json_root(&document)), ERROR_NONE);
        product_expect_line(&product, lines[i]);
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
        struct json_document document = json_parsed(wrong[i]);
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
    return product_of_item("{\"title\":\"a\",\"is_reserved\":true}", 0);
}

static struct product title_b5(void)
{
    return product_of_item("{\"title\":\"b\"}", 5);
}

static struct product nothing_5(void)
{
    return product_of_item("{\"description\":\"\",\"title\":null}", 5);
}

static struct product active_5(void)
{
    return product_of_item("{\"is_reserved\":false}", 5);
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
    return product_of_item("{\"brand\":{\"id\":53,\"title\":\"Nike\"}}", 0);
}

static struct product lee_5(void)
{
    return product_of_item("{\"brand\":\"Lee\"}", 5);
}

static struct product nike_5(void)
{
    return product_of_item("{\"brand\":\"Nike\"}", 5);
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
    product_expect(row->what, &known, row->field, row->want);
    product_merge(&known, swapped ? &a : &b); /* once more, after a crash */
    product_expect(row->what, &known, row->field, row->want);
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
    struct product row =
        product_row_of("{\"title\":\"new\",\"is_draft\":true}", 9);
    struct product old =
        product_of_item("{\"title\":\"old\",\"description\":\"d\"}", 2);
    product_merge(&row, &old);
    product_expect_line(&row,
        "{\"id\":1,\"title\":\"new\",\"status\":\"draft\",\"description\":"
        "\"d\",\"first_seen\":\"2024-12-07T10:00:02.000000Z\","
        "\"seen_at\":\"2024-12-07T10:00:09.000000Z\","
        "\"as_of\":{\"description\":\"2024-12-07T10:00:02.000000Z\"}}");
    product_free(&old);
    product_free(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_survive),
        cmocka_unit_test(test_lines_that_are_no_products),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_moments_of_fields),
    };
    return cmocka_run_group_tests_name("product", tests, NULL, NULL);
}
