/* SPDX-License-Identifier: MIT */
/* products/42.ndjson as a person may have left it: the first line of the input
 * is what is searched for, the rest the file. What is loaded, saved and loaded
 * again is the same; a page of any form holds the same products; and a line is
 * passed over unread only if it does not fit. */
#include "fuzz.h"

#include "catalog.h"
#include "catalog_page.h"
#include "catalog_save.h"
#include "item_id.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

static const char catalogue[] = "spool/products/42.ndjson";

static void append_rows(struct buffer *out, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->rows.count; i++) {
        buffer_append(
            out, catalog->rows.at[i].text, catalog->rows.at[i].length);
        buffer_append_byte(out, '\n');
    }
}

static void save_changed(struct catalog *catalog)
{
    const struct account *account = &fuzz_root()->account;
    catalog->changed = true;
    /* What is set aside would pile up in rejected/. */
    buffer_clear(&catalog->set_aside);
    fuzz_require(catalog_save(catalog, account) == ERROR_NONE);
}

static void try_loading(void)
{
    const struct account *account = &fuzz_root()->account;
    struct catalog first;
    struct catalog second;
    struct buffer before = BUFFER_EMPTY;
    struct buffer after = BUFFER_EMPTY;
    fuzz_require(catalog_load(&first, account) == ERROR_NONE);
    save_changed(&first); /* which sorts them */
    append_rows(&before, &first);
    fuzz_require(catalog_load(&second, account) == ERROR_NONE);
    append_rows(&after, &second);
    fuzz_require(fuzz_same(&before, &after));
    fuzz_require(!second.changed && second.set_aside.length == 0);
    catalog_free(&first);
    catalog_free(&second);
    buffer_free(&before);
    buffer_free(&after);
}

static void open_page(struct catalog_page *page, const char *words)
{
    *page = (struct catalog_page){.filter = PRODUCT_FILTER_EMPTY,
        .table = catalog_table_find(words[0] == 'r' ? "fr" : "en")};
    enum error error = product_filter_words(&page->filter, words);
    fuzz_require(error == ERROR_NONE || error == ERROR_TOO_LARGE);
    fuzz_require(
        catalog_view_open(&page->view, &fuzz_root()->account) == ERROR_NONE);
}

static void expect_array(const struct buffer *elements, size_t count)
{
    struct buffer array = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    buffer_append_byte(&array, '[');
    buffer_append(&array, buffer_text(elements), elements->length);
    buffer_append_byte(&array, ']');
    fuzz_require(
        json_parse(&document, array.data, array.length, &fault) == ERROR_NONE);
    fuzz_require(json_size(json_root(&document)) == count);
    json_free(&document);
    buffer_free(&array);
}

/* One page of all, as JSON and as lines; and page after page of one. */
static void try_pages(const char *words)
{
    struct catalog_page page;
    struct buffer elements = BUFFER_EMPTY;
    struct buffer one = BUFFER_EMPTY;
    struct sink sink;
    size_t count = 0;
    open_page(&page, words);
    sink_count(&sink);
    fuzz_require(catalog_page_json(&page, &elements) == ERROR_NONE);
    fuzz_require(catalog_page_ndjson(&page, &sink) == ERROR_NONE);
    sink_close(&sink);
    page.limit = 1;
    do {
        buffer_clear(&one);
        fuzz_require(catalog_page_json(&page, &one) == ERROR_NONE);
        fuzz_require(!page.more || page.last > page.after);
        page.after = page.last;
        count += one.length > 0;
    } while (page.more);
    expect_array(&elements, count);
    /* As elements they have a comma between, as lines a newline behind. */
    fuzz_require(sink.length == (int64_t)elements.length + (count > 0));
    catalog_page_close(&page);
    buffer_free(&elements);
    buffer_free(&one);
}

static void try_csv(const char *words)
{
    struct catalog_page page;
    struct sink first;
    struct sink second;
    open_page(&page, words);
    sink_count(&first);
    sink_count(&second);
    fuzz_require(catalog_page_csv(&page, &first) == ERROR_NONE);
    fuzz_require(catalog_page_csv(&page, &second) == ERROR_NONE);
    fuzz_require(first.length == second.length);
    sink_close(&first);
    sink_close(&second);
    catalog_page_close(&page);
}

/* What is told of the members of a line is what a parser finds. */
static void compare_spans(const struct json_spans *spans, struct json_value row)
{
    size_t count;
    const struct json_span *span = json_spans_all(spans, &count);
    struct json_value member = json_first(row);
    fuzz_require(count == (json_is(row, JSON_OBJECT) ? json_size(row) : 0));
    for (size_t i = 0; i < count; i++, span++, member = json_next(member)) {
        size_t length;
        const char *text = json_raw(member, &length);
        fuzz_require(json_span_type(span) == json_type(member));
        fuzz_require(span->length == length);
        fuzz_require(memcmp(span->text, text, length) == 0);
        text = json_raw_key(member, &length);
        fuzz_require(span->key_length + 2 == length);
        fuzz_require(memcmp(span->key, text + 1, length - 2) == 0);
    }
}

static void try_filter(const char *words, struct fuzz_part line)
{
    struct product_filter filter = PRODUCT_FILTER_EMPTY;
    struct json_document document;
    struct json_spans spans = JSON_SPANS_EMPTY;
    struct json_fault fault;
    enum error error = json_spans_read(&spans, line.text, line.length, &fault);
    fuzz_require(
        error == json_parse(&document, line.text, line.length, &fault));
    if (error == ERROR_NONE) {
        compare_spans(&spans, json_root(&document));
        product_filter_words(&filter, words);
        bool may = product_filter_may_pass(&filter, line.text, line.length);
        bool passes = product_filter_passes(&filter, &spans);
        fuzz_require(may || !passes);
        fuzz_require(!product_filter_is_empty(&filter) || passes);
        product_filter_free(&filter);
        if (product_filter_statuses(&filter, words) == ERROR_NONE)
            product_filter_passes(&filter, &spans);
        product_filter_free(&filter);
        json_free(&document);
    }
    json_spans_free(&spans);
}

/* An id that is told at a glance is one that a parser may find there. */
static void try_line(struct fuzz_part line)
{
    uint64_t id;
    struct json_document document;
    struct json_fault fault;
    bool told = catalog_line_id(line.text, line.length, &id);
    if (json_parse(&document, line.text, line.length, &fault) != ERROR_NONE)
        return;
    struct json_value first = json_first(json_root(&document));
    uint64_t found = 0;
    if (told)
        fuzz_require(item_id_read(first, &found) == ERROR_NONE && found == id);
    json_free(&document);
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part rest = {text, length};
    char *words = fuzz_string(fuzz_take_line(&rest));
    fuzz_put(catalogue, rest);
    struct fuzz_part lines = rest;
    while (lines.length > 0) {
        struct fuzz_part line = fuzz_take_line(&lines);
        try_filter(words, line);
        try_line(line);
    }
    try_pages(words);
    try_csv(words);
    try_loading();
    try_pages(words);
    free(words);
}
