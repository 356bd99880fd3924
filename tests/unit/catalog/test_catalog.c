/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "catalog.h"
#include "catalog_save.h"
#include "error.h"
#include "ingest_fixture.h"
#include "product.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char file[] = "products/42.ndjson";

static struct catalog loaded(const struct fixture *fixture)
{
    struct catalog catalog;
    assert_int_equal(catalog_load(&catalog, &fixture->account), ERROR_NONE);
    return catalog;
}

static void save(const struct fixture *fixture, struct catalog *catalog)
{
    assert_int_equal(catalog_save(catalog, &fixture->account), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

/* Merges a title for a product. */
static void set_title(
    struct catalog *catalog, uint64_t id, const char *title, int64_t moment)
{
    struct product product = PRODUCT_EMPTY;
    struct catalog_row *row;
    product_start(&product, id);
    product_set_text(&product, PRODUCT_TITLE, title, moment);
    product_seen(&product, moment);
    assert_int_equal(catalog_merge(catalog, &product, &row), ERROR_NONE);
    assert_true(row->id == id);
    product_free(&product);
}

static void test_no_file(void **state)
{
    struct catalog catalog = loaded(*state);
    assert_int_equal(catalog.rows.count, 0);
    assert_null(catalog_rows_find(&catalog.rows, 1));
    save(*state, &catalog);
    fixture_expect(*state, file, NULL);
    catalog_free(&catalog);
}

static void test_first_rows(void **state)
{
    struct catalog catalog = loaded(*state);
    set_title(&catalog, UINT64_MAX, "\"b\"", 1000000);
    set_title(&catalog, 7, "\"a\"", 1000000);
    save(*state, &catalog);
    fixture_expect(*state, file,
        "{\"id\":7,\"title\":\"a\",\"first_seen\":\"1970-01-01T00:00:01."
        "000000Z\",\"seen_at\":\"1970-01-01T00:00:01.000000Z\"}\n"
        "{\"id\":18446744073709551615,\"title\":\"b\",\"first_seen\":\"1970-01"
        "-01T00:00:01.000000Z\",\"seen_at\":\"1970-01-01T00:00:01.000000Z\"}"
        "\n");
    assert_non_null(catalog_rows_find(&catalog.rows, 7));
    assert_non_null(catalog_rows_find(&catalog.rows, UINT64_MAX));
    assert_null(catalog_rows_find(&catalog.rows, 8));
    catalog_free(&catalog);
}

/* Rows nothing was observed about keep every byte, whoever wrote them. */
static void test_other_rows_are_kept_as_they_are(void **state)
{
    struct catalog catalog;
    fixture_put(*state, file,
        "{ \"title\" : \"by hand\", \"id\" : 9 }\r\n"
        "\n"
        "{\"id\":3,\"note\":[1, 2]}\n"
        "{\"id\":\"5\"}"); /* no newline at the end */
    catalog = loaded(*state);
    assert_int_equal(catalog.rows.count, 3);
    set_title(&catalog, 4, "\"new\"", 0);
    save(*state, &catalog);
    fixture_expect(*state, file,
        "{\"id\":3,\"note\":[1, 2]}\n"
        "{\"id\":4,\"title\":\"new\",\"first_seen\":\"1970-01-01T00:00:00."
        "000000Z\",\"seen_at\":\"1970-01-01T00:00:00.000000Z\"}\n"
        "{\"id\":\"5\"}\n"
        "{ \"title\" : \"by hand\", \"id\" : 9 }\n");
    assert_int_equal(fixture_count(*state, "rejected"), 0);
    catalog_free(&catalog);
}

/* Members that are none of ours survive a change of their row. */
static void test_foreign_members(void **state)
{
    struct catalog catalog;
    fixture_put(*state, file, "{\"note\":[1, 2],\"id\":3}\n");
    catalog = loaded(*state);
    set_title(&catalog, 3, "\"t\"", 0);
    save(*state, &catalog);
    assert_string_equal(fixture_member(*state, "3", "note"), "[1, 2]");
    assert_string_equal(fixture_member(*state, "3", "title"), "\"t\"");
    catalog_free(&catalog);
}

static void test_no_change_no_write(void **state)
{
    const struct fixture *fixture = *state;
    struct catalog catalog = loaded(fixture);
    set_title(&catalog, 3, "\"t\"", 0);
    save(fixture, &catalog);
    catalog_free(&catalog);
    catalog = loaded(fixture);
    struct stat before = catalog.base.status;
    set_title(&catalog, 3, "\"t\"", 0);
    save(fixture, &catalog);
    catalog_free(&catalog);
    catalog = loaded(fixture);
    assert_true(catalog.base.status.st_ino == before.st_ino);
    catalog_free(&catalog);
}

/* Before the first line by an editor, before another by cat(1). */
static void test_byte_order_marks(void **state)
{
    fixture_put(
        *state, file, "\xEF\xBB\xBF{\"id\":5}\n\xEF\xBB\xBF{\"id\":3}\n");
    struct catalog catalog = loaded(*state);
    assert_int_equal(catalog.set_aside.length, 0);
    set_title(&catalog, 7, "\"a\"", 1000000);
    save(*state, &catalog);
    char *text = fixture_get(*state, file);
    assert_ptr_equal(strstr(text, "{\"id\":3}\n{\"id\":5}\n{\"id\":7,"), text);
    free(text);
    catalog_free(&catalog);
}

static void test_lines_set_aside(void **state)
{
    struct catalog catalog;
    fixture_put(*state, file,
        "{\"id\":3}\n"
        "{\"id\":4,\"title\":\n" /* torn */
        "<<<<<<< HEAD\n"
        "{\"id\":3,\"title\":\"second\"}\n"
        "{\"id\":0}\n"
        "[5]\n"
        "{\"id\":18446744073709551616}\n"
        "{\"id\":6}\n");
    catalog = loaded(*state);
    assert_int_equal(catalog.rows.count, 2);
    save(*state, &catalog);
    catalog_free(&catalog);
    fixture_expect(*state, file, "{\"id\":3}\n{\"id\":6}\n");
    assert_int_equal(fixture_count(*state, "rejected"), 2);
    char path[300];
    const char *why = fixture_find(*state, "rejected", ".why");
    assert_non_null(why);
    assert_int_equal(strncmp(why, "42.ndjson-", 10), 0);
    snprintf(path, sizeof path, "rejected/%.*s", (int)strlen(why) - 4, why);
    fixture_expect(*state, path,
        "{\"id\":4,\"title\":\n<<<<<<< HEAD\n{\"id\":3,\"title\":\"second\"}\n"
        "{\"id\":0}\n[5]\n{\"id\":18446744073709551616}\n");
}

/* A row that is JSON but of wrong types is found out when it is needed. */
static void test_spoilt_row(void **state)
{
    struct catalog catalog;
    fixture_put(
        *state, file, "{\"id\":3,\"title\":5}\n{\"id\":4,\"x\":1,\"id\":5}\n");
    catalog = loaded(*state);
    set_title(&catalog, 3, "\"t\"", 0);
    set_title(&catalog, 4, "\"u\"", 0);
    save(*state, &catalog);
    assert_string_equal(fixture_member(*state, "3", "title"), "\"t\"");
    assert_string_equal(fixture_member(*state, "4", "title"), "\"u\"");
    const char *name = fixture_find(*state, "rejected", "Z");
    assert_non_null(name);
    char path[300];
    snprintf(path, sizeof path, "rejected/%s", name);
    fixture_expect(
        *state, path, "{\"id\":3,\"title\":5}\n{\"id\":4,\"x\":1,\"id\":5}\n");
    catalog_free(&catalog);
}

/* Somebody who does not hold the lock was faster: nothing of theirs is
 * overwritten. */
static void test_conflict(void **state)
{
    const struct fixture *fixture = *state;
    struct catalog slow = loaded(fixture);
    struct catalog fast = loaded(fixture);
    set_title(&fast, 1, "\"fast\"", 0);
    save(fixture, &fast);
    set_title(&slow, 2, "\"slow\"", 0);
    assert_int_equal(catalog_save(&slow, &fixture->account), ERROR_CONFLICT);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
    assert_string_equal(fixture_member(fixture, "1", "title"), "\"fast\"");
    assert_string_equal(fixture_member(fixture, "2", "title"), "no row");
    catalog_free(&slow);
    catalog_free(&fast);
}

/* The same where there was no file yet. */
static void test_conflict_over_the_first(void **state)
{
    const struct fixture *fixture = *state;
    struct catalog catalog = loaded(fixture);
    fixture_put(fixture, file, "{\"id\":4}\n");
    set_title(&catalog, 2, "\"x\"", 0);
    assert_int_equal(catalog_save(&catalog, &fixture->account), ERROR_CONFLICT);
    fixture_expect(fixture, file, "{\"id\":4}\n");
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
    catalog_free(&catalog);
}

static void test_replaced_by_hand(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, file, "{\"id\":3}\n");
    struct catalog catalog = loaded(fixture);
    fixture_put(fixture, file, "{\"id\":4}\n");
    set_title(&catalog, 2, "\"x\"", 0);
    assert_int_equal(catalog_save(&catalog, &fixture->account), ERROR_CONFLICT);
    fixture_expect(fixture, file, "{\"id\":4}\n");
    catalog_free(&catalog);
}

static void test_products_folder_missing(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(
        unlinkat(fixture->spool.directory, "products", AT_REMOVEDIR), 0);
    struct catalog catalog = loaded(fixture);
    set_title(&catalog, 2, "\"x\"", 0);
    save(fixture, &catalog);
    assert_string_equal(fixture_member(fixture, "2", "title"), "\"x\"");
    catalog_free(&catalog);
}

static void test_not_a_file(void **state)
{
    const struct fixture *fixture = *state;
    struct catalog catalog;
    assert_int_equal(
        symlinkat("/etc/passwd", fixture->spool.directory, file), 0);
    assert_int_equal(catalog_load(&catalog, &fixture->account), ERROR_TYPE);
}

/* Ids whose hashes crowd, in descending order, through several growths. */
static void test_many_rows(void **state)
{
    struct catalog catalog = loaded(*state);
    for (uint64_t i = 2000; i > 0; i--)
        set_title(&catalog, i << 32, "\"x\"", 0);
    assert_int_equal(catalog.rows.count, 2000);
    save(*state, &catalog);
    catalog_free(&catalog);
    catalog = loaded(*state);
    assert_int_equal(catalog.rows.count, 2000);
    for (uint64_t i = 1; i <= 2000; i++) {
        assert_true(catalog.rows.at[i - 1].id == i << 32);
        assert_ptr_equal(
            catalog_rows_find(&catalog.rows, i << 32), &catalog.rows.at[i - 1]);
    }
    assert_int_equal(catalog.set_aside.length, 0);
    catalog_free(&catalog);
}

#define IN_A_SPOOL(test)                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SPOOL(test_no_file),
        IN_A_SPOOL(test_first_rows),
        IN_A_SPOOL(test_other_rows_are_kept_as_they_are),
        IN_A_SPOOL(test_foreign_members),
        IN_A_SPOOL(test_no_change_no_write),
        IN_A_SPOOL(test_byte_order_marks),
        IN_A_SPOOL(test_lines_set_aside),
        IN_A_SPOOL(test_spoilt_row),
        IN_A_SPOOL(test_conflict),
        IN_A_SPOOL(test_conflict_over_the_first),
        IN_A_SPOOL(test_replaced_by_hand),
        IN_A_SPOOL(test_products_folder_missing),
        IN_A_SPOOL(test_not_a_file),
        IN_A_SPOOL(test_many_rows),
    };
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
