/* SPDX-License-Identifier: MIT */
/* Catalogues that somebody has written into, before or meanwhile. */
#include "catalog.h"
#include "catalog_page.h"
#include "catalog_save.h"
#include "fault.h"
#include "ingest.h"
#include "ingest_fixture.h"
#include "product.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char file[] = "products/42.ndjson";

/* Fails the test unless the products above `after` make this page. */
static void expect_page(
    const struct fixture *fixture, uint64_t after, const char *want)
{
    struct buffer out = BUFFER_EMPTY;
    struct catalog_page page = {.filter = PRODUCT_FILTER_EMPTY, .after = after};
    assert_int_equal(
        catalog_view_open(&page.view, &fixture->account), ERROR_NONE);
    assert_int_equal(catalog_page_json(&page, &out), ERROR_NONE);
    assert_string_equal(buffer_text(&out), want);
    catalog_page_close(&page);
    buffer_free(&out);
}

/* A product by hand is one however it is indented. */
static void test_indented(void **state)
{
    fixture_put(*state, file, "{\"id\":3}\n  \t{ \"id\":2}\n");
    expect_page(*state, 0, "{ \"id\":2},{\"id\":3}");
    fixture_put(*state, file, "{\"id\":1}\n {\"id\":2}\n{\"id\":3}\n");
    expect_page(*state, 1, "{\"id\":2},{\"id\":3}");
}

/* --- Members of the wrong kind -------------------------------------------- */

struct row_case {
    const char *row;
    const char *action;
    const char *params;
    const char *result;
    const char *key;
    const char *want;
};

static const struct row_case rows[] = {
    {"{\"id\":5,\"photos\":[1]}", "upload_photo", "{\"item_id\":5}",
        "{\"url\":\"https://v/u\"}", "photos", "[\"https://v/u\"]"},
    {"{\"id\":5,\"photos\":[1]}", "get_stats", "{\"item_id\":5}",
        "{\"view_count\":1}", "photo", "absent"},
    {"{\"id\":5,\"photos\":[1,\"a\"]}", "get_stats", "{\"item_id\":5}",
        "{\"view_count\":1}", "photo", "absent"},
    {"{\"id\":5,\"title\":null}", "get_stats", "{\"item_id\":5}",
        "{\"view_count\":1}", "title", "absent"},
    {"{\"id\":5,\"title\":\"t\",\"as_of\":{\"id\":null,\"note\":null}}",
        "get_stats", "{\"item_id\":5}", "{\"view_count\":1}", "title", "\"t\""},
    {"{\"id\":5,\"status\":\"closed\",\"brand\":\"ab\"}", "update_product",
        "{\"item_id\":5,\"brand\":\"cd\"}", "null", "brand", "\"cd\""},
    {"{\"id\":5,\"status\":\"closed\"}", "get_stats", "{\"item_id\":5}",
        "{\"view_count\":1}", "status", "\"closed\""},
    {"{\"id\":5}", "update_product", "{\"item_id\":5}",
        "{\"item\":{\"id\":5,\"photos\":[{\"high_resolution\":{\"timestamp\":"
        "100}},{\"high_resolution\":{\"timestamp\":200}}]}}",
        "published_at", "\"1970-01-01T00:01:40.000000Z\""},
};

static void test_rows(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row_case *row = &rows[i];
        fixture_put(*state, file, row->row);
        fixture_record(*state, row->action, 0, 1, row->params, row->result);
        fixture_ingest(*state, 1);
        fixture_expect_row(*state, "5", row->key, row->want);
    }
}

/* --- What is too long ----------------------------------------------------- */

/* Appends a text of so many bytes, an address at that, as JSON. */
static void append_long(struct buffer *out, size_t length)
{
    static const char start[] = "\"https://v/";
    buffer_append_text(out, start);
    for (size_t i = sizeof start - 2; i < length; i++)
        buffer_append_byte(out, 'x');
    buffer_append_byte(out, '"');
}

static void test_long_texts(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(&text, "{\"item\":{\"id\":5,\"price\":2,\"title\":");
    append_long(&text, PRODUCT_TEXT_MOST);
    buffer_append_text(&text, "}}");
    fixture_record(*state, "update_product", 0, 1, "{}", text.data);
    fixture_ingest(*state, 1);
    fixture_expect_row(*state, "5", "price", "\"2.00\"");
    fixture_expect_row(*state, "5", "title", "absent");
    buffer_clear(&text);
    buffer_append_text(
        &text, "{\"user_id\":7,\"business_account\":true,\"login\":");
    append_long(&text, 70000);
    buffer_append_text(&text, "}");
    fixture_record(*state, "get_user_data", 2, 3, "{}", text.data);
    fixture_ingest(*state, 1);
    fixture_expect_member(*state, "users/42.json", "business_account", "true");
    fixture_expect_member(*state, "users/42.json", "login", "null");
    buffer_free(&text);
}

/* No photo is added to more than a line may hold. */
static void test_many_photos(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(
        &text, "{\"item\":{\"id\":5,\"photos\":[\"https://v/first\"");
    for (int i = 0; i < 9; i++) {
        buffer_append_byte(&text, ',');
        append_long(&text, PRODUCT_PHOTOS_MOST / 6);
    }
    buffer_append_text(&text, "]}}");
    fixture_record(*state, "update_product", 0, 1, "{}", text.data);
    fixture_ingest(*state, 1);
    char *before = fixture_get(*state, file);
    size_t length = strlen(before);
    assert_true(length > PRODUCT_PHOTOS_MOST);
    assert_true(length < PRODUCT_PHOTOS_MOST + PRODUCT_TEXT_MOST + 400);
    fixture_record(*state, "upload_photo", 2, 3, "{\"item_id\":5}",
        "{\"url\":\"https://v/one_more\"}");
    fixture_ingest(*state, 1);
    char *after = fixture_get(*state, file);
    assert_null(strstr(after, "one_more"));
    fixture_expect_row(*state, "5", "photo", "\"https://v/first\"");
    free(before);
    free(after);
    buffer_free(&text);
}

/* --- Written into meanwhile ----------------------------------------------- */

static void write_over(
    const struct fixture *fixture, off_t at, const char *text)
{
    int descriptor = openat(fixture->spool.directory, file, O_WRONLY);
    assert_true(descriptor >= 0);
    assert_int_equal(pwrite(descriptor, text, strlen(text), at), strlen(text));
    close(descriptor);
}

static void set_time(const struct fixture *fixture, time_t seconds, long more)
{
    struct timespec times[2] = {{seconds, more}, {seconds, more}};
    assert_int_equal(utimensat(fixture->spool.directory, file, times, 0), 0);
}

/* An editor that writes in place, at each grain of time. */
static void test_changed_in_place(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *text;
        time_t seconds;
        long more;
    } edits[] = {{"{\"id\":4}\n{", 100, 5}, {"{\"id\":4}\n", 101, 5},
        {"{\"id\":4}\n", 100, 6}};
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct catalog catalog;
        struct product product = PRODUCT_EMPTY;
        struct catalog_row *row;
        fixture_put(fixture, file, "{\"id\":3}\n");
        set_time(fixture, 100, 5);
        assert_int_equal(catalog_load(&catalog, &fixture->account), ERROR_NONE);
        product_start(&product, 9);
        product_seen(&product, 1000000);
        assert_int_equal(catalog_merge(&catalog, &product, &row), ERROR_NONE);
        write_over(fixture, 0, edits[i].text);
        set_time(fixture, edits[i].seconds, edits[i].more);
        assert_int_equal(
            catalog_save(&catalog, &fixture->account), ERROR_CONFLICT);
        fixture_expect(fixture, file, edits[i].text);
        product_free(&product);
        catalog_free(&catalog);
    }
}

struct editor {
    const struct fixture *fixture;
    unsigned count;
};

/* Another file each time, by a rename. */
static void edit(void *context)
{
    struct editor *editor = context;
    char text[64];
    snprintf(text, sizeof text, "{\"id\":900}\n{\"id\":%u}\n",
        100 + ++editor->count);
    fixture_put(editor->fixture, file, text);
}

/* Another file beside it. */
static void edit_beside(void *context)
{
    struct editor *editor = context;
    char text[64];
    snprintf(text, sizeof text, "{\"id\":%u}\n", 100 + ++editor->count);
    fixture_put(editor->fixture, "products/42.since.ndjson", text);
}

/* Who loses to others each time gives up, with nothing lost. */
static void test_always_replaced(void **state)
{
    const struct fixture *fixture = *state;
    struct editor editor = {fixture, 0};
    struct catalog_view view;
    unsigned taken;
    fixture_record(
        fixture, "get_stats", 0, 1, "{\"item_id\":5}", "{\"view_count\":1}");
    edit(&editor);
    fault_set_meanwhile(FAULT_SYNC, edit, &editor);
    enum error error = ingest_user(&fixture->account, 10, &taken);
    fault_set_meanwhile(FAULT_SYNC, NULL, NULL);
    assert_int_equal(error, ERROR_BUSY);
    assert_int_equal(taken, 0);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    fixture_expect_row(fixture, "900", "id", "900");
    fixture_expect_row(fixture, "5", "id", "no row");
    fault_set_meanwhile(FAULT_OPEN, edit_beside, &editor);
    error = catalog_view_open(&view, &fixture->account);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(error, ERROR_CONFLICT);
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "5", "view_count", "1");
}

static void test_changed(void **state)
{
    const struct fixture *fixture = *state;
    int64_t moment = 7;
    assert_int_equal(catalog_changed(&fixture->account, &moment), ERROR_NONE);
    assert_int_equal(moment, 0);
    fixture_put(fixture, file, "{\"id\":3}\n");
    set_time(fixture, 100, 0);
    assert_int_equal(catalog_changed(&fixture->account, &moment), ERROR_NONE);
    assert_int_equal(moment, INT64_C(100) * 1000000);
    fault_set(FAULT_STATUS, 1, EACCES);
    assert_int_equal(catalog_changed(&fixture->account, &moment), ERROR_DENIED);
    assert_true(fault_clear());
    assert_int_equal(moment, 0);
}

/* --- Searching ------------------------------------------------------------ */

/* A line so long that a search meets it again and again. */
static void test_long_line(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer want = BUFFER_EMPTY;
    buffer_append_text(&want, "{\"id\":2,\"t\":");
    append_long(&want, 120000);
    buffer_append_text(&want, "},{\"id\":3}");
    buffer_append_format(&text, "{\"id\":1}\n%s", want.data);
    memcpy(text.data + text.length - 9, "\n", 1);
    buffer_append_byte(&text, '\n');
    fixture_put(*state, file, text.data);
    fixture_age(*state, file, 100);
    expect_page(*state, 1, want.data);
    expect_page(*state, 2, "{\"id\":3}");
    text.data[text.length - 10] = '\0'; /* and the last, without its end */
    fixture_put(*state, file, text.data);
    fixture_age(*state, file, 100);
    expect_page(*state, 2, "");
    buffer_free(&text);
    buffer_free(&want);
}

/* Lines without an id, where a search looks for one: reading on from there
 * finds all that there is. */
static void test_spoilt_middle(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    struct catalog_view view;
    struct catalog_line line;
    for (int i = 1000; i < 9000; i++)
        buffer_append_format(&text, "{\"id\":%d,\"a\":0}\n", i);
    fixture_put(fixture, file, text.data);
    fixture_age(fixture, file, 100);
    assert_int_equal(catalog_view_open(&view, &fixture->account), ERROR_NONE);
    assert_false(view.catalog.whole);
    for (off_t at = 17; at < (off_t)text.length - 17; at += 17)
        write_over(fixture, at, "none  ");
    assert_int_equal(catalog_view_seek(&view, 5000), ERROR_NONE);
    assert_int_equal(catalog_view_next(&view, &line), ERROR_NONE);
    assert_int_equal(line.id, 8999);
    assert_int_equal(catalog_view_next(&view, &line), ERROR_NOT_FOUND);
    catalog_view_close(&view);
    buffer_free(&text);
}

/* --- Entries -------------------------------------------------------------- */

#define ENTRY(more)                                                            \
    "{\"user_id\":42,\"action\":\"get_all_products\",\"params\":{},"           \
    "\"status\":\"completed\"," more                                           \
    "\"result\":{\"data\":[{\"id\":5,\"title\":\"t\"}]}}"
#define COMPLETED_AT "\"completed_at\":\"2024-12-07T10:00:00.000000Z\","
#define CREATED_AT "\"created_at\":\"2024-12-07T09:59:00.000000Z\","

struct entry_case {
    const char *name;
    const char *text;
    const char *seen; /* the moment of what it tells; "no row": nothing */
    bool stays;
};

static const struct entry_case entries[] = {
    {"x.json", ENTRY(""), "no row", false},
    {"x.json", ENTRY(COMPLETED_AT CREATED_AT),
        "\"2024-12-07T09:59:00.000000Z\"", false},
    /* handed out twice: by its own watch, if that can be */
    {"x.json",
        ENTRY(COMPLETED_AT CREATED_AT
            "\"attempts\":2,\"execution_time_ms\":1000,"
            "\"started_at\":\"2024-12-07T09:59:59.500000Z\","),
        "\"2024-12-07T09:59:59.000000Z\"", false},
    {"x.json",
        ENTRY(COMPLETED_AT CREATED_AT
            "\"attempts\":2,\"execution_time_ms\":61000,"
            "\"started_at\":\"2024-12-07T09:59:59.500000Z\","),
        "\"2024-12-07T09:59:00.000000Z\"", false},
    {"x.json",
        ENTRY(COMPLETED_AT "\"attempts\":2,\"execution_time_ms\":1000,"
                           "\"started_at\":\"2024-12-07T09:59:59.500000Z\","),
        "no row", false},
    {"x", ENTRY(COMPLETED_AT CREATED_AT), "no row", true},
    {"x.jsonl", ENTRY(COMPLETED_AT CREATED_AT), "no row", true},
    {"x\n.json", ENTRY(COMPLETED_AT CREATED_AT), "no row", true},
};

static void test_entries(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        const struct entry_case *row = &entries[i];
        struct path path =
            account_path(&fixture->account, SPOOL_INGEST, row->name);
        unsigned taken;
        fixture_put(fixture, path.text, row->text);
        unlinkat(fixture->spool.directory, file, 0);
        assert_int_equal(
            ingest_user(&fixture->account, 10, &taken), ERROR_NONE);
        const char *have = fixture_member(fixture, "5", "seen_at");
        if (strcmp(have, row->seen) != 0)
            fail_msg("entry %zu: %s", i, have);
        fixture_expect(fixture, path.text, row->stays ? row->text : NULL);
        unlinkat(fixture->spool.directory, path.text, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_indented),
        IN_SPOOL(test_rows),
        IN_SPOOL(test_long_texts),
        IN_SPOOL(test_many_photos),
        IN_SPOOL(test_changed_in_place),
        IN_SPOOL(test_always_replaced),
        IN_SPOOL(test_changed),
        IN_SPOOL(test_long_line),
        IN_SPOOL(test_spoilt_middle),
        IN_SPOOL(test_entries),
    };
    return cmocka_run_group_tests_name("catalog_odd", tests, NULL, NULL);
}
