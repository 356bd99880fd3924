/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "catalog_table.h"
#include "json_spans.h"
#include "unit.h"

#include <string.h>

/* The first cells of the head and of a row, up to the one given. */
static void check(const struct catalog_table *table, const char *line,
    const char *head, const char *row)
{
    struct buffer have = BUFFER_EMPTY;
    struct buffer scratch = BUFFER_EMPTY;
    struct json_spans spans = JSON_SPANS_EMPTY;
    struct json_fault fault;
    catalog_table_head(&have, table);
    assert_memory_equal(have.data, head, strlen(head));
    buffer_clear(&have);
    assert_int_equal(
        json_spans_read(&spans, line, strlen(line), &fault), ERROR_NONE);
    catalog_table_row(&have, table, &spans, &scratch);
    assert_string_equal(buffer_text(&have), row);
    json_spans_free(&spans);
    buffer_free(&scratch);
    buffer_free(&have);
}

static const char shirt[] =
    "{\"id\":7750837522,\"title\":\"Jean;=1+1\",\"price\":\"1280.50\","
    "\"size\":\"36.5\",\"status\":\"reserved\",\"view_count\":12,"
    "\"published_at\":\"2024-11-01T08:00:59.999999Z\","
    "\"first_seen\":\"in May\",\"description\":\"d\",\"twin_of\":77}";

static void test_forms(void **state)
{
    (void)state;
    check(catalog_table_plain, shirt, "id,title,price,brand,size,",
        "7750837522,\"Jean;'=1+1\",1280.50,,36.5,,,reserved,,,12,,,"
        "2024-11-01T08:00:59.999999Z,in May,,d,77\r\n");
    check(catalog_table_find("en"), shirt,
        "\xef\xbb\xbfid,title,price,brand,size,",
        "7750837522,\"Jean;'=1+1\",1280.50,,36.5,,,reserved,,,12,,,"
        "2024-11-01 08:00:59,in May,,d,77\r\n");
    check(catalog_table_find("de"), shirt,
        "\xef\xbb\xbfid;title;price;brand;size;",
        "7750837522;\"Jean;'=1+1\";1280,50;;36.5;;;reserved;;;12;;;"
        "2024-11-01 08:00:59;in May;;d;77\r\n");
    check(catalog_table_find("fr"), shirt,
        "\xef\xbb\xbfid;titre;prix;marque;taille;",
        "7750837522;\"Jean;'=1+1\";1280,50;;36.5;;;r\xc3\xa9serv\xc3\xa9;;;12;"
        ";;2024-11-01 08:00:59;in May;;d;77\r\n");
}

/* What a person wrote by hand stays what it is, as far as a cell can be it. */
static void test_odd(void **state)
{
    (void)state;
    check(catalog_table_find("fr"),
        "{\"id\":1,\"price\":\"15 \xe2\x82\xac\",\"status\":\"lost\","
        "\"view_count\":-1,\"photo\":[],\"first_seen\":5}",
        "", "1;;15 \xe2\x82\xac;;;;;lost;;;'-1;;;;5;;;\r\n");
    check(catalog_table_find("fr"), "{}", "", ";;;;;;;;;;;;;;;;;\r\n");
    check(catalog_table_find("fr"),
        "{\"id\":1,\"titl\\u0065\":\"\\u00e9,\",\"price\":\"1\","
        "\"price\":\"2.5\",\"photos\":[{\"title\":\"x\"}]}",
        "", "1;\"\xc3\xa9,\";2,5;;;;;;;;;;;;;;;\r\n");
    check(catalog_table_find("fr"), "{\"status\":\"\"}", "",
        ";;;;;;;;;;;;;;;;;\r\n");
}

static void test_locales(void **state)
{
    (void)state;
    const struct catalog_table *french = catalog_table_find("fr");
    assert_ptr_equal(catalog_table_find("FR"), french);
    assert_ptr_equal(catalog_table_find("fr-FR"), french);
    assert_ptr_equal(catalog_table_find("fr_BE.UTF-8"), french);
    assert_ptr_equal(catalog_table_find("sv"), catalog_table_find("de"));
    assert_ptr_not_equal(catalog_table_find("en-GB"), catalog_table_plain);
    static const char *const unknown[] = {
        "", "f", "fra", "french", "-fr", "xx", "fr;q=1", "auto"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_null(catalog_table_find(unknown[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_odd),
        cmocka_unit_test(test_locales),
    };
    return cmocka_run_group_tests_name("catalog_table", tests, NULL, NULL);
}
