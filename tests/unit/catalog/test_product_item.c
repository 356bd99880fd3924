/* SPDX-License-Identifier: MIT */
#include "fault.h"
#include "json.h"
#include "json_expect.h"
#include "product.h"
#include "product_fixture.h"
#include "product_item.h"
#include "product_url.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>

struct shape {
    const char *item;
    enum product_field field;
    const char *want; /* "": not known */
};

#define PHOTO_AT(url, time)                                                    \
    "{\"url\":\"" url "\",\"high_resolution\":{\"timestamp\":" time "}}"

/* The page of its seller tells on which of Vinted's sites an item is. */
#define SELLER                                                                 \
    "\"user\":{\"id\":5,\"profile_url\":\"https://www.vinted.fr/member/5\"}"

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
    {"{\"url\":\"HTTP:\\/\\/v/1\"}", PRODUCT_URL, "\"HTTP://v/1\""},
    {"{\"url\":\"//v/1\"}", PRODUCT_URL, "\"https://v/1\""},
    {"{\"path\":\"/items/1-t\"," SELLER "}", PRODUCT_URL,
        "\"https://www.vinted.fr/items/1-t\""},
    {"{\"url\":\"/items/1\",\"path\":\"/items/2\"," SELLER "}", PRODUCT_URL,
        "\"https://www.vinted.fr/items/1\""},
    {"{\"url\":null,\"path\":\"/items/\\u00e9\"," SELLER "}", PRODUCT_URL,
        "\"https://www.vinted.fr/items/\xc3\xa9\""},
    {"{\"url\":\"/items/1\"}", PRODUCT_URL, ""},
    {"{\"path\":\"items/1\"," SELLER "}", PRODUCT_URL, ""},
    {"{\"path\":\"/items/1\",\"user\":{\"profile_url\":\"/member/5\"}}",
        PRODUCT_URL, ""},
    {"{\"path\":\"/items/1\",\"user\":{\"profile_url\":\"https:///m\"}}",
        PRODUCT_URL, ""},
    {"{\"url\":\"javascript:alert(1)\"," SELLER "}", PRODUCT_URL, ""},
    {"{\"url\":\"https:v/1\"}", PRODUCT_URL, ""},
    {"{\"url\":\"\"," SELLER "}", PRODUCT_URL, ""},
    {"{\"url\":7,\"path\":[]," SELLER "}", PRODUCT_URL, ""},
    {"{\"photos\":[{\"url\":\"https://v/a\"},{\"url\":\"https://v/b\"}]}",
        PRODUCT_PHOTOS, "[\"https://v/a\",\"https://v/b\"]"},
    {"{\"photos\":[{\"high_resolution\":{\"url\":\"https://v/h\"}},"
     "\"https://v/t\"]}",
        PRODUCT_PHOTOS, "[\"https://v/h\",\"https://v/t\"]"},
    {"{\"photos\":[{\"full_size_url\":\"https://v/f\",\"url\":null,"
     "\"high_resolution\":{\"url\":\"https://v/h\"}}]}",
        PRODUCT_PHOTOS, "[\"https://v/f\"]"},
    {"{\"photos\":[{\"full_size_url\":\"https://v/f\",\"url\":\"//v/u\"}]}",
        PRODUCT_PHOTOS, "[\"https://v/u\"]"},
    {"{\"photos\":[{\"url\":\"/a.jpg\",\"full_size_url\":\"https://v/f\"},"
     "{\"url\":\"b.jpg\"}]}",
        PRODUCT_PHOTOS, "[\"https://v/f\"]"},
    {"{\"photos\":[null,{},{\"url\":7},{\"url\":\"https://v/b\"},[]]}",
        PRODUCT_PHOTOS, "[\"https://v/b\"]"},
    {"{\"photos\":[],\"photo\":{\"url\":\"https://v/p\"}}", PRODUCT_PHOTOS,
        "[\"https://v/p\"]"},
    {"{\"photo\":\"https://v/p\"}", PRODUCT_PHOTOS, "[\"https://v/p\"]"},
    {"{\"photos\":[]}", PRODUCT_PHOTOS, ""},
    {"{\"photos\":{\"url\":\"https://v/a\"}}", PRODUCT_PHOTOS, ""},
    {"{\"photos\":\"https://v/a\"}", PRODUCT_PHOTOS, ""},
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
        struct product have = product_of_item(shapes[i].item, 0);
        product_expect(shapes[i].item, &have, shapes[i].field, shapes[i].want);
        product_free(&have);
    }
}

static void test_line_of_a_whole_item(void **state)
{
    (void)state;
    struct product row = product_row_of(
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
    product_expect_line(&row,
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

static void test_fill_adds_only_what_lacks(void **state)
{
    (void)state;
    struct product product = product_of_item("{\"title\":\"told\"}", 0);
    struct json_document document = json_parsed(
        "{\"title\":\"set\",\"price\":12,\"description\":\"d\",\"size_id\":3,"
        "\"status\":\"s\",\"view_count\":9,\"is_draft\":true}");
    product_fill_item(&product, json_root(&document), product_moment(0));
    product_expect("title", &product, PRODUCT_TITLE, "\"told\"");
    product_expect("price", &product, PRODUCT_PRICE, "\"12.00\"");
    product_expect("description", &product, PRODUCT_DESCRIPTION, "\"d\"");
    product_expect("condition", &product, PRODUCT_CONDITION, "");
    product_expect("views", &product, PRODUCT_VIEW_COUNT, "");
    json_free(&document);
    product_free(&product);
}

struct url_case {
    size_t letters; /* of a text that begins so, as many as make it as long */
    const char *start;
    bool told;
};

static const struct url_case url_cases[] = {
    {PRODUCT_TEXT_MOST - 2, "https://x/", true},
    {PRODUCT_TEXT_MOST - 1, "https://x/", false},
    {PRODUCT_TEXT_MOST - 2 - 6, "//x/", true},
    {PRODUCT_TEXT_MOST - 2 - 5, "//x/", false},
};

/* An address is as long as a text may be, with what makes it absolute. */
static void test_url_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof url_cases / sizeof url_cases[0]; i++) {
        const struct url_case *row = &url_cases[i];
        struct buffer text = BUFFER_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        buffer_append_format(&text, "\"%s", row->start);
        while (text.length < 1 + row->letters)
            buffer_append_byte(&text, 'a');
        buffer_append_byte(&text, '"');
        struct json_document document = json_parsed(buffer_text(&text));
        struct json_value root = json_root(&document);
        assert_int_equal(product_url_append(&out, root, root), row->told);
        assert_int_equal(out.length > 0, row->told);
        assert_true(out.length <= PRODUCT_TEXT_MOST);
        json_free(&document);
        buffer_free(&text);
        buffer_free(&out);
    }
}

/* For want of memory it is not taken for one that tells none. */
static void test_url_memory(void **state)
{
    bool has_met = true;
    struct json_document document =
        json_parsed("[\"/a\",\"https://x.test/b\"]");
    struct json_value path = json_first(json_root(&document));
    struct buffer pool = fault_take_pool();
    (void)state;
    for (unsigned which = 1; has_met; which++) {
        struct buffer out = BUFFER_EMPTY;
        fault_set(FAULT_MEMORY, which, ENOMEM);
        bool told = product_url_append(&out, path, json_next(path));
        has_met = fault_clear();
        assert_true(told);
        assert_int_equal(out.failed, has_met);
        if (!has_met)
            assert_string_equal(buffer_text(&out), "\"https://x.test/a\"");
        buffer_free(&out);
    }
    buffer_free(&pool);
    json_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_line_of_a_whole_item),
        cmocka_unit_test(test_fill_adds_only_what_lacks),
        cmocka_unit_test(test_url_lengths),
        cmocka_unit_test(test_url_memory),
    };
    return cmocka_run_group_tests_name("product item", tests, NULL, NULL);
}
