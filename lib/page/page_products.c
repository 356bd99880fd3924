/* SPDX-License-Identifier: MIT */
/* GET /api/products: a user's catalogue, a page at a time or whole, as JSON,
 * as a table for spreadsheets, or line by line. What completed tasks have
 * brought is taken in first. */
#include "pages.h"

#include "account.h"
#include "buffer.h"
#include "catalog_page.h"
#include "catalog_table.h"
#include "catalog_view.h"
#include "error.h"
#include "file_fault.h"
#include "ingest.h"
#include "item_id.h"
#include "json_write.h"
#include "number.h"
#include "problem.h"
#include "product_filter.h"
#include "query.h"
#include "reply.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIMIT_MAX = 1000,
    LIMIT_DEFAULT = 100, /* of JSON; the others give all */
    CURSOR_SIZE = 24     /* an id and a NUL byte */
};

enum format {
    FORMAT_JSON,
    FORMAT_CSV,
    FORMAT_NDJSON,
    FORMATS
};

struct format_row {
    const char *name;
    const char *content_type;
    int64_t limit;
    reply_source *source; /* NULL: the page is composed in memory */
};

static const struct format_row formats[FORMATS] = {
    [FORMAT_JSON] = {"json", "application/json", LIMIT_DEFAULT, NULL},
    [FORMAT_CSV] = {"csv", "text/csv; charset=utf-8", 0, catalog_page_csv},
    [FORMAT_NDJSON] = {"ndjson", "application/x-ndjson", 0,
        catalog_page_ndjson},
};

static const char *parameter(const struct program *program, const char *name)
{
    return query_get(&program->request.query, name);
}

static bool read_format(
    struct program *program, const struct format_row **format)
{
    const char *name = parameter(program, "format");
    *format = &formats[FORMAT_JSON];
    for (size_t i = 0; name != NULL && i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *format = &formats[i];
            name = NULL;
        }
    }
    return name == NULL || problem_refuse(&program->reply, "format",
                               "must be json, csv or ndjson");
}

static bool read_limit(struct program *program, int64_t *limit)
{
    const char *text = parameter(program, "limit");
    if (text == NULL)
        return true;
    if (number_parse(text, strlen(text), limit) == ERROR_NONE && *limit >= 1 &&
        *limit <= LIMIT_MAX)
        return true;
    return problem_refuse(
        &program->reply, "limit", "must be a whole number from 1 to 1000");
}

static bool read_cursor(struct program *program, uint64_t *after)
{
    const char *text = parameter(program, "cursor");
    if (text == NULL)
        return true;
    return item_id_parse(text, strlen(text), after) == ERROR_NONE ||
           problem_refuse(
               &program->reply, "cursor", "is none that an answer gave");
}

/* Who names a language wants a table, and would not see why none comes. */
static bool read_locale(struct program *program,
    const struct format_row *format, const struct catalog_table **table)
{
    const char *locale = parameter(program, "locale");
    if (locale != NULL && format != &formats[FORMAT_CSV])
        return problem_refuse(
            &program->reply, "locale", "goes with format=csv only");
    *table = locale == NULL ? catalog_table_plain : catalog_table_find(locale);
    return *table != NULL ||
           problem_refuse(&program->reply, "locale",
               "must be a language of which the format of tables is known: en, "
               "fr, de, es, it, nl, pl and others");
}

static bool read_words(struct program *program, struct product_filter *filter)
{
    const char *words = parameter(program, "q");
    enum error error =
        words == NULL ? ERROR_NONE : product_filter_words(filter, words);
    if (error == ERROR_TOO_LARGE)
        return problem_refuse(&program->reply, "q",
            "must be at most 32 different words of at most 256 bytes each");
    if (error != ERROR_NONE)
        problem_set_error(&program->reply, error, "Reading the query");
    return error == ERROR_NONE;
}

static bool read_filter(struct program *program, struct product_filter *filter)
{
    const char *statuses = parameter(program, "status");
    if (!read_words(program, filter))
        return false;
    return statuses == NULL ||
           product_filter_statuses(filter, statuses) == ERROR_NONE ||
           problem_refuse(&program->reply, "status",
               "must be one or several of active, reserved, sold, hidden, "
               "draft, closed, gone and deleted, with commas between");
}

/* The cursor for the page that follows, NULL where none does. */
static const char *next_cursor(
    const struct catalog_page *page, char text[CURSOR_SIZE])
{
    snprintf(text, CURSOR_SIZE, "%" PRIu64, page->last);
    return page->more ? text : NULL;
}

static enum error answer_json(struct catalog_page *page, struct reply *reply)
{
    char cursor[CURSOR_SIZE];
    struct buffer *out = &reply->body;
    buffer_append_text(out, "{\"products\":[");
    enum error error = catalog_page_json(page, out);
    buffer_append_byte(out, ']');
    json_member_text(out, "next_cursor", next_cursor(page, cursor));
    buffer_append_text(out, "}\n");
    return error;
}

static enum error answer_stream(struct catalog_page *page, struct reply *reply,
    const struct format_row *format, int64_t user)
{
    char cursor[CURSOR_SIZE];
    char disposition[80];
    enum error error = reply_stream(reply, format->source, page);
    if (error != ERROR_NONE)
        return error;
    reply->content_type = format->content_type;
    snprintf(disposition, sizeof disposition,
        "attachment; filename=\"products-%" PRId64 ".%s\"", user, format->name);
    reply_header(reply, "Content-Disposition", disposition);
    if (next_cursor(page, cursor) != NULL)
        reply_header(reply, "X-Next-Cursor", cursor);
    return ERROR_NONE;
}

static void answer_page(struct catalog_page *page, struct program *program,
    const struct format_row *format)
{
    enum error error = catalog_view_open(&page->view, &program->account);
    if (error == ERROR_NONE && format->source == NULL)
        error = answer_json(page, &program->reply);
    else if (error == ERROR_NONE)
        error =
            answer_stream(page, &program->reply, format, program->account.user);
    if (error != ERROR_NONE)
        file_fault_set(program, error,
            account_file(&program->account, SPOOL_PRODUCTS, "ndjson"),
            "Reading the catalogue");
}

/* What is streamed is read after `answer` has returned. */
static void close_page(void *context)
{
    catalog_page_close(context);
    free(context);
}

static struct catalog_page *open_page(struct program *program)
{
    struct catalog_page *page = malloc(sizeof *page);
    if (page == NULL) {
        problem_set_error(&program->reply, ERROR_MEMORY, "Reading the query");
        return NULL;
    }
    *page = (struct catalog_page){
        .view = CATALOG_VIEW_EMPTY, .filter = PRODUCT_FILTER_EMPTY};
    reply_keep(&program->reply, page, close_page);
    return page;
}

static void answer(struct program *program)
{
    const struct format_row *format;
    if (program_user(program) == 0 || !read_format(program, &format))
        return;
    struct catalog_page *page = open_page(program);
    if (page == NULL)
        return;
    page->limit = format->limit;
    if (read_limit(program, &page->limit) &&
        read_cursor(program, &page->after) &&
        read_locale(program, format, &page->table) &&
        read_filter(program, &page->filter)) {
        ingest_in_passing(&program->account);
        answer_page(page, program, format);
    }
}

const struct page page_products = {"products", answer, false};
