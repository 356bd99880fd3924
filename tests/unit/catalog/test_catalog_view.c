/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "catalog_page.h"
#include "catalog_view.h"
#include "error.h"
#include "ingest_fixture.h"
#include "line_reader.h"
#include "sink.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define PATH "products/42.ndjson"

/* Lays down a catalogue that is old enough to be stamped. */
static void put(const struct fixture *fixture, const char *text)
{
    fixture_put(fixture, PATH, text);
    fixture_age(fixture, PATH, 100);
}

/* Fails the test unless the products above `after` are these, one id and a
 * blank after the other. */
static void expect(struct catalog_view *view, uint64_t after, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    struct catalog_line line;
    assert_int_equal(catalog_view_seek(view, after), ERROR_NONE);
    enum error error;
    while ((error = catalog_view_next(view, &line)) == ERROR_NONE) {
        buffer_append_format(&have, "%llu ", (unsigned long long)line.id);
        assert_int_equal(line.text[0], '{');
        assert_int_equal(line.text[line.length - 1], '}');
    }
    assert_int_equal(error, ERROR_NOT_FOUND);
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
}

static struct catalog_view opened(const struct fixture *fixture)
{
    struct catalog_view view;
    assert_int_equal(catalog_view_open(&view, &fixture->account), ERROR_NONE);
    return view;
}

static void test_none(void **state)
{
    struct catalog_view view = opened(*state);
    expect(&view, 0, "");
    expect(&view, 7, "");
    catalog_view_close(&view);
}

static void test_sorted(void **state)
{
    put(*state, "{\"id\":2}\n{\"id\":5,\"a\":1}\r\n\n{\"id\":9}");
    for (int again = 0; again < 2; again++) {
        struct catalog_view view = opened(*state);
        assert_false(view.catalog.whole);
        expect(&view, 0, "2 5 9 ");
        expect(&view, 1, "2 5 9 ");
        expect(&view, 2, "5 9 ");
        expect(&view, 4, "5 9 ");
        expect(&view, 9, "");
        expect(&view, UINT64_MAX, "");
        expect(&view, 0, "2 5 9 ");
        catalog_view_close(&view);
        assert_int_equal(fixture_count(*state, "index"), 1);
    }
}

static void test_unsorted(void **state)
{
    put(*state,
        "{\"id\":5}\n{\"id\":2}\nnone\n{\"id\":5}\n{\"a\":0,\"id\":9}\n");
    struct catalog_view view = opened(*state);
    assert_true(view.catalog.whole);
    expect(&view, 0, "2 5 9 ");
    expect(&view, 2, "5 9 ");
    expect(&view, 8, "9 ");
    expect(&view, 9, "");
    catalog_view_close(&view);
    assert_int_equal(fixture_count(*state, "index"), 0);
}

/* The stamp says that the old file was sorted, not this one. */
static void test_replaced(void **state)
{
    put(*state, "{\"id\":1}\n{\"id\":2}\n");
    struct catalog_view old = opened(*state);
    const struct fixture *fixture = *state;
    char from[96];
    char to[96];
    fixture_put(fixture, "tmp/new", "{\"id\":3}\n{\"id\":1}\n");
    fixture_age(fixture, "tmp/new", 50);
    snprintf(from, sizeof from, "%s/spool/tmp/new", fixture->root);
    snprintf(to, sizeof to, "%s/spool/" PATH, fixture->root);
    assert_int_equal(rename(from, to), 0);
    struct catalog_view new = opened(*state);
    assert_true(new.catalog.whole);
    expect(&old, 0, "1 2 ");
    expect(&new, 0, "1 3 ");
    catalog_view_close(&old);
    catalog_view_close(&new);
}

/* Lines of every length meet every edge of what is read at a time, and the
 * search lands before, within and behind each. */
static void test_many(void **state)
{
    enum {
        COUNT = 3000
    };
    struct buffer text = BUFFER_EMPTY;
    for (int i = 1; i <= COUNT; i++) {
        buffer_append_format(&text, "{\"id\":%d,\"a\":\"%*s\"}\n", 10 * i,
            i % 97 == 0 ? 9000 + i : i % 211, "");
    }
    put(*state, text.data);
    struct catalog_view view = opened(*state);
    assert_false(view.catalog.whole);
    for (uint64_t after = 0; after < UINT64_C(10) * COUNT; after += 7) {
        struct catalog_line line;
        assert_int_equal(catalog_view_seek(&view, after), ERROR_NONE);
        assert_int_equal(catalog_view_next(&view, &line), ERROR_NONE);
        assert_int_equal(line.id, (after / 10 * 10) + 10);
    }
    struct catalog_line line;
    assert_int_equal(catalog_view_seek(&view, 0), ERROR_NONE);
    for (uint64_t id = 10; id <= UINT64_C(10) * COUNT; id += 10) {
        assert_int_equal(catalog_view_next(&view, &line), ERROR_NONE);
        assert_int_equal(line.id, id);
    }
    assert_int_equal(catalog_view_next(&view, &line), ERROR_NOT_FOUND);
    catalog_view_close(&view);
    buffer_free(&text);
}

/* A line of megabytes neither stops the reader nor is handed out. */
static void test_endless_line(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_format(&text,
        "{\"id\":1}\n{\"id\":2,\"a\":\"%*s\"}\n"
        "{\"id\":3}\n{\"id\":4,\"a\":\"%*s",
        3 * LINE_MAX_LENGTH, "", 3 * LINE_MAX_LENGTH, "");
    put(*state, text.data);
    struct catalog_view view = opened(*state);
    expect(&view, 0, "1 3 ");
    expect(&view, 2, "3 ");
    catalog_view_close(&view);
    buffer_free(&text);
}

/* Somebody writes into the file after it was looked through. */
static void test_spoilt_meanwhile(void **state)
{
    put(*state, "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
    struct catalog_view view = opened(*state);
    const struct fixture *fixture = *state;
    char path[96];
    snprintf(path, sizeof path, "%s/spool/" PATH, fixture->root);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fputs("{\"id\":5}\n{\"id\":4}\n{\"id\":6}\n{\"id\":6}\n{\"id\"", file);
    fclose(file);
    expect(&view, 0, "5 6 ");
    catalog_view_close(&view);
}

static ssize_t put_into(struct sink *sink, const char *bytes, size_t length)
{
    buffer_append(sink->context, bytes, length);
    return (ssize_t)length;
}

/* What goes out as lines, all of them; *good: whether the file goes out as it
 * stands. */
static void write_lines(
    const struct fixture *fixture, struct buffer *out, bool *good)
{
    struct catalog_page page = {.filter = PRODUCT_FILTER_EMPTY};
    struct sink sink;
    sink_open_by(&sink, put_into, out, INT64_MAX);
    buffer_clear(out);
    page.view = opened(fixture);
    *good = catalog_view_is_good(&page.view);
    assert_int_equal(catalog_page_ndjson(&page, &sink), ERROR_NONE);
    assert_int_equal(sink_close(&sink), ERROR_NONE);
    catalog_page_close(&page);
}

/* A file goes out as it stands where that is what goes out. */
static void test_good(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"{\"id\":1}\n{\"id\":2,\"a\":\"\xC3\xA9\"}\n", true},
        {"{\"id\":1}\n{\"id\":2}", false},
        {"{\"id\":1}\n\n{\"id\":2}", false},
        {"{\"id\":1}\n\n{\"id\":2}\n", false},
        {"{\"id\":1}\r\n{\"id\":2}\n", false},
        {"{\"id\":1}\n{\"id\":2,}\n", false},
        {"{\"id\":1}\n{\"id\":2,\"a\":\"\\ud83d\"}\n", false},
        {"{\"id\":2}\n{\"id\":1}\n", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer first = BUFFER_EMPTY;
        struct buffer second = BUFFER_EMPTY;
        bool good;
        fixture_put(*state, PATH, rows[i].text);
        fixture_age(*state, PATH, 100 * (1 + (int)i));
        write_lines(*state, &first, &good);
        assert_int_equal(good, rows[i].good);
        write_lines(*state, &second, &good);
        assert_int_equal(good, rows[i].good);
        assert_string_equal(buffer_text(&first), buffer_text(&second));
        if (good)
            assert_string_equal(buffer_text(&first), rows[i].text);
        buffer_free(&first);
        buffer_free(&second);
    }
}

/* Also one of several pieces; and what is in it now is not what was. */
static void test_good_long(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer have = BUFFER_EMPTY;
    bool good;
    for (int i = 1; i < 5000; i++)
        buffer_append_format(&text, "{\"id\":%d,\"title\":\"%099d\"}\n", i, i);
    put(*state, text.data);
    write_lines(*state, &have, &good);
    write_lines(*state, &have, &good);
    assert_true(good);
    assert_string_equal(have.data, text.data);
    text.data[text.length - 2] = ' ';
    fixture_put(*state, PATH, text.data);
    fixture_age(*state, PATH, 50);
    write_lines(*state, &have, &good);
    assert_false(good);
    assert_int_equal(have.length, text.length - 122);
    buffer_free(&text);
    buffer_free(&have);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_none),
        IN_SPOOL(test_sorted),
        IN_SPOOL(test_unsorted),
        IN_SPOOL(test_replaced),
        IN_SPOOL(test_many),
        IN_SPOOL(test_good),
        IN_SPOOL(test_good_long),
        IN_SPOOL(test_endless_line),
        IN_SPOOL(test_spoilt_meanwhile),
    };
    return cmocka_run_group_tests_name("catalog_view", tests, NULL, NULL);
}
