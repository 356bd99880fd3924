/* SPDX-License-Identifier: MIT */
/* A large catalogue, and what stands beside it. */
#include "buffer.h"
#include "catalog.h"
#include "catalog_owner.h"
#include "catalog_page.h"
#include "catalog_save.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "sink.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BASE "products/42.ndjson"
#define BESIDE "products/42.since.ndjson"

enum {
    COUNT = 1000,  /* products */
    STEP = 10,     /* between two ids */
    LINES = 240000 /* bytes of them, about */
};

static void append_line(struct buffer *text, unsigned id, const char *title)
{
    buffer_append_format(text,
        "{\"id\":%u,\"title\":\"%s\",\"note\":\"%0200u\"}\n", id, title, id);
}

static void lay_large(const struct fixture *fixture)
{
    struct buffer text = BUFFER_EMPTY;
    for (unsigned i = 1; i <= COUNT; i++)
        append_line(&text, i * STEP, "old");
    assert_true(text.length > LINES - 20000);
    fixture_put(fixture, BASE, buffer_text(&text));
    fixture_age(fixture, BASE, 100);
    buffer_free(&text);
}

static void read_file(
    const struct fixture *fixture, const char *path, struct buffer *out)
{
    buffer_clear(out);
    enum error error =
        file_read(fixture->spool.directory, path, 1 << 24, out, NULL);
    if (error != ERROR_NONE)
        assert_int_equal(error, ERROR_NOT_FOUND);
}

static size_t count_lines(const struct buffer *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->length; i++)
        count += text->data[i] == '\n';
    return count;
}

static void merge(struct catalog *catalog, uint64_t id, const char *title)
{
    struct product observed = PRODUCT_EMPTY;
    struct catalog_row *row;
    product_start(&observed, id);
    product_seen(&observed, 5000000);
    product_set_string(&observed, PRODUCT_TITLE, title, 5000000);
    assert_int_equal(catalog_merge(catalog, &observed, &row), ERROR_NONE);
    product_free(&observed);
}

static void change(const struct fixture *fixture, unsigned from, unsigned to,
    const char *title)
{
    struct catalog catalog;
    assert_int_equal(
        catalog_open(&catalog, &fixture->account, true), ERROR_NONE);
    for (unsigned i = from; i <= to; i++)
        merge(&catalog, (uint64_t)i * STEP, title);
    assert_int_equal(catalog_save(&catalog, &fixture->account), ERROR_NONE);
    catalog_free(&catalog);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

static ssize_t put_into(struct sink *sink, const char *bytes, size_t length)
{
    buffer_append(sink->context, bytes, length);
    return (ssize_t)length;
}

/* All of it as a reader sees it. */
static void read_all(const struct fixture *fixture, struct buffer *out)
{
    struct catalog_page page = {.filter = PRODUCT_FILTER_EMPTY};
    struct sink sink;
    buffer_clear(out);
    sink_open_by(&sink, put_into, out, INT64_MAX);
    assert_int_equal(
        catalog_view_open(&page.view, &fixture->account), ERROR_NONE);
    assert_int_equal(catalog_page_ndjson(&page, &sink), ERROR_NONE);
    assert_int_equal(sink_close(&sink), ERROR_NONE);
    catalog_page_close(&page);
}

static bool holds_line(
    const struct buffer *text, unsigned id, const char *title)
{
    char line[64];
    snprintf(line, sizeof line, "{\"id\":%u,\"title\":\"%s\"", id, title);
    return strstr(buffer_text(text), line) != NULL;
}

/* What changes costs a line beside the catalogue, which stays as it is. */
static void test_beside(void **state)
{
    struct buffer before = BUFFER_EMPTY;
    struct buffer text = BUFFER_EMPTY;
    lay_large(*state);
    read_file(*state, BASE, &before);
    change(*state, 7, 7, "new");
    change(*state, 5, 5, "new");
    change(*state, 5, 5, "newer");
    change(*state, COUNT + 1, COUNT + 1, "made");
    read_file(*state, BASE, &text);
    assert_string_equal(text.data, before.data);
    read_file(*state, BESIDE, &text);
    assert_int_equal(count_lines(&text), 3);
    assert_true(strncmp(text.data, "{\"id\":50,", 9) == 0);
    read_all(*state, &text);
    assert_int_equal(count_lines(&text), COUNT + 1);
    assert_true(holds_line(&text, 70, "new"));
    assert_true(holds_line(&text, 50, "newer"));
    assert_true(holds_line(&text, 60, "old"));
    assert_true(holds_line(&text, 10 * (COUNT + 1), "made"));
    assert_non_null(strstr(text.data, "\"note\":\"0"));
    buffer_free(&before);
    buffer_free(&text);
}

/* Too much of it is joined with the catalogue, whatever stood beside it. */
static void test_joined(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer all = BUFFER_EMPTY;
    lay_large(*state);
    change(*state, 3, 3, "first");
    change(*state, 300, 500, "new");
    assert_int_equal(fixture_count(*state, "products"), 1);
    read_file(*state, BASE, &text);
    read_all(*state, &all);
    assert_string_equal(text.data, all.data);
    assert_int_equal(count_lines(&text), COUNT);
    assert_true(holds_line(&text, 30, "first"));
    assert_true(holds_line(&text, 5000, "new"));
    assert_true(holds_line(&text, 5010, "old"));
    buffer_free(&text);
    buffer_free(&all);
}

/* On demand, too; and where the catalogue itself is gone. */
static void test_join(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    assert_int_equal(catalog_join(&fixture->account), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "products"), 0);
    lay_large(fixture);
    change(fixture, 3, 3, "new");
    assert_int_equal(fixture_count(fixture, "products"), 2);
    assert_int_equal(catalog_join(&fixture->account), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "products"), 1);
    read_file(fixture, BASE, &text);
    assert_true(holds_line(&text, 30, "new"));
    assert_int_equal(count_lines(&text), COUNT);
    change(fixture, 4, 4, "last");
    assert_int_equal(file_remove(fixture->spool.directory, BASE), ERROR_NONE);
    assert_int_equal(catalog_join(&fixture->account), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "products"), 1);
    read_file(fixture, BASE, &text);
    assert_int_equal(count_lines(&text), 1);
    assert_true(holds_line(&text, 40, "last"));
    buffer_free(&text);
}

/* Of two programs that have read the same the second begins again, also where
 * nothing stood beside it. */
static void test_conflict(void **state)
{
    const struct fixture *fixture = *state;
    lay_large(fixture);
    for (unsigned i = 0; i < 2; i++) {
        struct catalog slow;
        assert_int_equal(
            catalog_open(&slow, &fixture->account, true), ERROR_NONE);
        merge(&slow, 10, "slow");
        change(fixture, 2 + i, 2 + i, "fast");
        assert_int_equal(
            catalog_save(&slow, &fixture->account), ERROR_CONFLICT);
        catalog_free(&slow);
    }
    struct catalog slow;
    assert_int_equal(catalog_open(&slow, &fixture->account, true), ERROR_NONE);
    merge(&slow, 10, "slow");
    assert_int_equal(catalog_join(&fixture->account), ERROR_NONE);
    assert_int_equal(catalog_save(&slow, &fixture->account), ERROR_CONFLICT);
    catalog_free(&slow);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

/* By hand: the last line of an id stands, and what is none is put aside. */
static void test_by_hand(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    lay_large(*state);
    fixture_put(*state, BESIDE,
        "{\"id\":90,\"title\":\"a\"}\n no product\n"
        " {\"id\":20,\"title\":\"b\"}\r\n{\"id\":90,\"title\":\"c\"}");
    read_all(*state, &text);
    assert_int_equal(count_lines(&text), COUNT);
    assert_true(holds_line(&text, 20, "b"));
    assert_true(holds_line(&text, 90, "c"));
    change(*state, 5, 5, "new");
    read_file(*state, BESIDE, &text);
    assert_int_equal(count_lines(&text), 3);
    assert_true(holds_line(&text, 90, "c"));
    assert_int_equal(fixture_count(*state, "rejected"), 2);
    fixture_put(*state, BASE, "{\"id\":90,\"title\":\"z\"}\n{\"id\":7}\n");
    fixture_age(*state, BASE, 50);
    read_all(*state, &text);
    assert_int_equal(count_lines(&text), 4);
    assert_true(holds_line(&text, 90, "c"));
    change(*state, 6, 6, "newest");
    assert_int_equal(fixture_count(*state, "products"), 1);
    read_file(*state, BASE, &text);
    assert_int_equal(count_lines(&text), 5);
    assert_true(holds_line(&text, 90, "c"));
    buffer_free(&text);
}

/* What is no JSON in the midst of the catalogue goes when that is written. */
static void test_broken_line(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    lay_large(*state);
    read_file(*state, BASE, &text);
    memcpy(strstr(text.data, "{\"id\":3000,") + 11, "spoilt", 6);
    fixture_put(*state, BASE, text.data);
    fixture_age(*state, BASE, 50);
    change(*state, 1, 1, "new");
    assert_int_equal(fixture_count(*state, "rejected"), 0);
    change(*state, 600, 800, "new");
    assert_int_equal(fixture_count(*state, "products"), 1);
    assert_int_equal(fixture_count(*state, "rejected"), 2);
    read_file(*state, BASE, &text);
    assert_int_equal(count_lines(&text), COUNT - 1);
    assert_false(holds_line(&text, 3000, "old"));
    buffer_free(&text);
}

/* Joining fails at the `which`-th change of a name. False: there are not so
 * many. */
static bool join_without(const struct fixture *fixture, unsigned which)
{
    struct catalog catalog;
    struct buffer text = BUFFER_EMPTY;
    lay_large(fixture);
    change(fixture, 3, 3, "first");
    change(fixture, 4, 4, "other");
    assert_int_equal(
        catalog_open(&catalog, &fixture->account, true), ERROR_NONE);
    merge(&catalog, 30, "second");
    for (uint64_t id = 3000; id <= 5000; id += STEP)
        merge(&catalog, id, "new");
    fault_set(FAULT_NAMES, which, EIO);
    enum error error = catalog_save(&catalog, &fixture->account);
    bool has_come = fault_clear();
    catalog_free(&catalog);
    read_all(fixture, &text);
    bool is_new = holds_line(&text, 3000, "new");
    assert_true(is_new || error != ERROR_NONE);
    assert_true(holds_line(&text, 30, is_new ? "second" : "first"));
    assert_true(holds_line(&text, 5000, is_new ? "new" : "old"));
    assert_true(holds_line(&text, 40, "other"));
    assert_int_equal(count_lines(&text), COUNT);
    buffer_free(&text);
    file_remove(fixture->spool.directory, BESIDE);
    return has_come;
}

/* Whatever step fails, a reader sees all of it or nothing. */
static void test_steps(void **state)
{
    unsigned which = 1;
    while (join_without(*state, which))
        which++;
    assert_true(which > 3);
}

/* Another account's catalogue is set aside with what stands beside it. */
static void test_set_aside(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    struct catalog_owner owner = {.number = 7, .since = product_never};
    lay_large(fixture);
    change(fixture, 3, 3, "new");
    assert_int_equal(
        catalog_owner_write(&fixture->account, &owner), ERROR_NONE);
    assert_int_equal(
        catalog_owner_settle(&fixture->account, 8, &owner), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "products"), 2);
    read_file(fixture, "products/42.7.ndjson", &text);
    assert_int_equal(count_lines(&text), COUNT);
    assert_true(holds_line(&text, 30, "new"));
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_beside),
        IN_SPOOL(test_joined),
        IN_SPOOL(test_join),
        IN_SPOOL(test_conflict),
        IN_SPOOL(test_by_hand),
        IN_SPOOL(test_broken_line),
        IN_SPOOL(test_steps),
        IN_SPOOL(test_set_aside),
    };
    return cmocka_run_group_tests_name("catalog_save", tests, NULL, NULL);
}
