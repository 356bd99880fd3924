/* SPDX-License-Identifier: MIT */
#include "catalog_page.h"

#include "catalog_table.h"

/* Where a walk over the page puts its products. */
struct walk {
    struct catalog_page *page;
    struct sink *sink;
    struct buffer *out;
    struct buffer scratch;
    bool parsed; /* `put` wants the page's spans */
    void (*put)(struct walk *walk, const struct catalog_line *line);
};

/* Whether the line is on the page; puts it there unless the page is full. */
static enum error visit_parsed(
    struct walk *walk, const struct catalog_line *line, bool full, bool *passed)
{
    struct json_fault fault;
    struct json_spans *spans = &walk->page->spans;
    struct product_filter *filter = &walk->page->filter;
    enum error error = json_spans_read(spans, line->text, line->length, &fault);
    if (error != ERROR_NONE)
        return error == ERROR_MEMORY ? error : ERROR_NONE;
    *passed = product_filter_passes(filter, spans);
    struct catalog_line good = *line;
    good.text = spans->text;
    good.length = spans->length;
    if (*passed && !full)
        walk->put(walk, &good);
    return filter->scratch.failed ? ERROR_MEMORY : ERROR_NONE;
}

/* Where nothing in it is looked at, a line need not be taken apart. One that is
 * not good as it stands may be once it is parsed. */
static enum error visit(
    struct walk *walk, const struct catalog_line *line, bool full, bool *passed)
{
    size_t values;
    struct json_fault fault;
    *passed = false;
    if (!product_filter_may_pass(&walk->page->filter, line->text, line->length))
        return ERROR_NONE;
    if (walk->parsed || !product_filter_is_empty(&walk->page->filter) ||
        json_check(line->text, line->length, &values, &fault) != ERROR_NONE)
        return visit_parsed(walk, line, full, passed);
    *passed = true;
    if (!full)
        walk->put(walk, line);
    return ERROR_NONE;
}

/* Goes on until one more than the page holds has passed: only then more is
 * promised. */
static enum error walk_page(struct walk *walk)
{
    struct catalog_page *page = walk->page;
    struct catalog_line line;
    int64_t count = 0;
    bool passed;
    page->more = false;
    enum error error = catalog_view_seek(&page->view, page->after);
    while (error == ERROR_NONE && !page->more) {
        bool full = page->limit > 0 && count == page->limit;
        error = catalog_view_next(&page->view, &line);
        if (error == ERROR_NONE)
            error = visit(walk, &line, full, &passed);
        if (error != ERROR_NONE || !passed)
            continue;
        page->more = full;
        count++;
        if (!full)
            page->last = line.id;
    }
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static void put_element(struct walk *walk, const struct catalog_line *line)
{
    struct buffer *out = walk->out;
    if (out->length > 0 && out->data[out->length - 1] == '}')
        buffer_append_byte(out, ',');
    buffer_append(out, line->text, line->length);
}

enum error catalog_page_json(struct catalog_page *page, struct buffer *out)
{
    struct walk walk = {.page = page, .out = out, .put = put_element};
    return walk_page(&walk);
}

static void put_line(struct walk *walk, const struct catalog_line *line)
{
    sink_put(walk->sink, line->text, line->length);
    sink_put(walk->sink, "\n", 1);
}

static bool is_whole(const struct catalog_page *page)
{
    return page->after == 0 && page->limit == 0 &&
           product_filter_is_empty(&page->filter);
}

/* A file of which each line was looked at once goes out as it stands. */
enum error catalog_page_ndjson(void *context, struct sink *sink)
{
    struct catalog_page *page = context;
    struct walk walk = {.page = page, .sink = sink, .put = put_line};
    if (is_whole(page) && catalog_view_is_good(&page->view))
        return catalog_view_copy(&page->view, sink);
    return walk_page(&walk);
}

static void put_row(struct walk *walk, const struct catalog_line *line)
{
    (void)line;
    buffer_clear(walk->out);
    catalog_table_row(
        walk->out, walk->page->table, &walk->page->spans, &walk->scratch);
    sink_put(walk->sink, buffer_text(walk->out), walk->out->length);
    walk->page->filter.scratch.failed |= walk->out->failed;
}

enum error catalog_page_csv(void *context, struct sink *sink)
{
    struct buffer row = BUFFER_EMPTY;
    struct walk walk = {.page = context,
        .sink = sink,
        .out = &row,
        .parsed = true,
        .put = put_row};
    catalog_table_head(&row, walk.page->table);
    sink_put(sink, buffer_text(&row), row.length);
    enum error error = row.failed ? ERROR_MEMORY : walk_page(&walk);
    buffer_free(&row);
    buffer_free(&walk.scratch);
    return error;
}

void catalog_page_close(struct catalog_page *page)
{
    catalog_view_close(&page->view);
    product_filter_free(&page->filter);
    json_spans_free(&page->spans);
}
