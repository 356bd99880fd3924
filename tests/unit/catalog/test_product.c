/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "json.h"
#include "json_expect.h"
#include "product.h"
#include "product_fixture.h"
#include "product_merge.h"
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
    "{\"id\":4,\"status\":\"gone\",\"first_seen\":\"2024-12-07T10:00:00."
    "000000Z\",\"seen_at\":\"2024-12-07T10:00:00.000000Z\","
    "\"missing_since\":\"2024-12-07T10:00:01.000000Z\","
    "\"as_of\":{\"status\":\"2024-12-07T10:00:02.000000Z\"}}",
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

static struct product missing(int seconds)
{
    struct product product = PRODUCT_EMPTY;
    product_start(&product, 1);
    product_missing(&product, product_moment(seconds));
    return product;
}

static struct product missing_4(void)
{
    return missing(4);
}

static struct product missing_0(void)
{
    return missing(0);
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
    {"deleted says more than missing", deleted_3, missing_4, PRODUCT_STATUS,
        PRODUCT_DELETED, true},
    {"missing once after seen", title_a0, missing_4, PRODUCT_STATUS,
        PRODUCT_RESERVED, true},
    {"seen after missing", missing_4, title_b5, PRODUCT_STATUS, PRODUCT_ACTIVE,
        true},
    {"seen when the list began", title_a0, missing_0, PRODUCT_STATUS,
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

/* What became known of a product that was seen reserved at second 0. */
struct history {
    const char *what;
    int missing[2]; /* 0: no such list */
    int seen;       /* once more; 0: not */
    int deleted;    /* 0: not */
    const char *status;
    int missing_since; /* 0: not missing */
};

static const struct history histories[] = {
    {"once", {4, 0}, 0, 0, PRODUCT_RESERVED, 4},
    {"the same list twice", {4, 4}, 0, 0, PRODUCT_RESERVED, 4},
    {"twice", {4, 6}, 0, 0, PRODUCT_GONE, 4},
    {"seen before both", {4, 6}, 3, 0, PRODUCT_GONE, 4},
    {"seen between", {4, 6}, 5, 0, NULL, 6},
    {"seen when the second began", {4, 6}, 6, 0, NULL, 0},
    {"seen after both", {4, 6}, 7, 0, NULL, 0},
    {"deleted between", {4, 6}, 0, 5, PRODUCT_DELETED, 0},
    {"deleted after both", {4, 6}, 0, 9, PRODUCT_DELETED, 0},
};

enum {
    FACTS = 5,
    ORDERS = 120 /* 5! */
};

/* The which-th fact of a history. */
static struct product fact_of(const struct history *row, int which)
{
    if (which < 2 && row->missing[which] != 0)
        return missing(row->missing[which]);
    if (which == 2 && row->seen != 0)
        return product_of_item("{\"title\":\"again\"}", row->seen);
    if (which == 3 && row->deleted != 0)
        return fact(PRODUCT_STATUS, PRODUCT_DELETED, row->deleted);
    return product_of_item("{\"title\":\"a\",\"is_reserved\":true}", 0);
}

/* The order-th of all orders takes the which-th of those left each time. */
static void merge_all(
    struct product *known, const struct history *row, int order)
{
    int left[FACTS] = {0, 1, 2, 3, 4};
    for (int count = FACTS; count > 0; count--) {
        int which = order % count;
        struct product observed = fact_of(row, left[which]);
        order /= count;
        left[which] = left[count - 1];
        product_merge(known, &observed);
        product_free(&observed);
    }
}

/* Two lists in a row make it gone, whatever comes when. Where it had to be told
 * that it is gone before it was seen again, it is active. */
static void test_missing_in_any_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < (sizeof histories / sizeof histories[0]) * ORDERS;
        i++) {
        const struct history *row = &histories[i / ORDERS];
        struct product known = PRODUCT_EMPTY;
        size_t length;
        int64_t want = row->missing_since == 0
                           ? product_never
                           : product_moment(row->missing_since);
        product_start(&known, 1);
        merge_all(&known, row, (int)(i % ORDERS));
        if (row->status != NULL)
            product_expect(row->what, &known, PRODUCT_STATUS, row->status);
        else if (product_json(&known, PRODUCT_STATUS, &length)[1] == 'g')
            fail_msg("%s, order %zu: gone", row->what, i % ORDERS);
        if (known.missing_since != want)
            fail_msg("%s, order %zu: missing since %lld", row->what, i % ORDERS,
                (long long)known.missing_since);
        product_free(&known);
    }
}

/* A line of an older program, which called gone what one list lacked, or has
 * kept a member of ours while it saw the product. */
static void test_lines_of_older_programs(void **state)
{
    (void)state;
    static const char *const older[] = {
        "{\"id\":1,\"title\":\"x\",\"status\":\"gone\","
        "\"seen_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"as_of\":{\"status\":\"2024-12-07T10:00:03.000000Z\"}}",
        "{\"id\":1,\"title\":\"x\",\"status\":\"active\","
        "\"seen_at\":\"2024-12-07T10:00:03.000000Z\","
        "\"missing_since\":\"2024-12-07T10:00:02.000000Z\"}"};
    static const char *const want[] = {PRODUCT_GONE, PRODUCT_ACTIVE};
    for (size_t i = 0; i < sizeof older / sizeof older[0]; i++) {
        struct product product = PRODUCT_EMPTY;
        struct product later = missing(4);
        struct product again = product_of_item("{\"title\":\"y\"}", 5);
        struct json_document document = json_parsed(older[i]);
        assert_int_equal(
            product_read(&product, json_root(&document)), ERROR_NONE);
        product_merge(&product, &later);
        product_expect(older[i], &product, PRODUCT_STATUS, want[i]);
        assert_true(product.missing_since == product_moment(4));
        product_merge(&product, &again);
        product_expect(older[i], &product, PRODUCT_STATUS, PRODUCT_ACTIVE);
        assert_true(product.missing_since == product_never);
        json_free(&document);
        product_free(&product);
        product_free(&later);
        product_free(&again);
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

/* Gone by one list, as lines of older programs say: who sees it later sees that
 * it is there. */
static void test_gone_and_seen(void **state)
{
    static const char line[] =
        "{\"id\":1,\"status\":\"gone\","
        "\"first_seen\":\"2024-12-07T10:00:00.000000Z\","
        "\"seen_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"as_of\":{\"status\":\"2024-12-07T10:00:05.000000Z\"}}";
    (void)state;
    for (int seconds = 5; seconds <= 6; seconds++) {
        struct product row = PRODUCT_EMPTY;
        struct json_document document = json_parsed(line);
        struct product seen = product_of_item("{\"id\":1}", seconds);
        assert_int_equal(product_read(&row, json_root(&document)), ERROR_NONE);
        product_merge(&row, &seen);
        product_expect("status", &row, PRODUCT_STATUS,
            seconds == 5 ? "\"gone\"" : "\"active\"");
        product_free(&seen);
        product_free(&row);
        json_free(&document);
    }
}

/* That a list to come lacked it says nothing. */
static void test_doubt(void **state)
{
    (void)state;
    struct product row = product_row_of("{\"title\":\"t\"}", 0);
    struct product unseen = PRODUCT_EMPTY;
    product_start(&unseen, 1);
    product_missing(&unseen, product_moment(9));
    product_merge(&row, &unseen);
    assert_false(product_doubt(&row, product_moment(9)));
    assert_true(product_doubt(&row, product_moment(8)));
    assert_false(product_doubt(&row, product_moment(8)));
    product_expect_line(&row, "{\"id\":1,\"title\":\"t\",\"status\":\"active\","
                              "\"first_seen\":\"2024-12-07T10:00:00.000000Z\","
                              "\"seen_at\":\"2024-12-07T10:00:00.000000Z\"}");
    product_free(&unseen);
    product_free(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_survive),
        cmocka_unit_test(test_lines_that_are_no_products),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_missing_in_any_order),
        cmocka_unit_test(test_lines_of_older_programs),
        cmocka_unit_test(test_moments_of_fields),
        cmocka_unit_test(test_gone_and_seen),
        cmocka_unit_test(test_doubt),
    };
    return cmocka_run_group_tests_name("product", tests, NULL, NULL);
}
