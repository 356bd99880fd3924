/* SPDX-License-Identifier: MIT */
#include "catalog.h"

#include "clock.h"
#include "file.h"
#include "item_id.h"
#include "product_merge.h"
#include "stamp.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS_MOST = 8 /* how often a catalogue is read that others replace */
};

/* --- In memory
 * ---------------------------------------------------------------- */

void catalog_free(struct catalog *catalog)
{
    catalog_rows_free(&catalog->rows);
    catalog_base_close(&catalog->base);
    buffer_free(&catalog->file);
    buffer_free(&catalog->since);
    buffer_free(&catalog->set_aside);
    buffer_free(&catalog->line);
    buffer_free(&catalog->twins);
    product_free(&catalog->known);
    *catalog = (struct catalog){.base = {.reader = {.descriptor = -1}}};
}

void catalog_put_aside(struct catalog *catalog, const char *line, size_t length)
{
    buffer_append(&catalog->set_aside, line, length);
    buffer_append_byte(&catalog->set_aside, '\n');
    catalog->changed = true;
}

/* --- Reading the files --------------------------------------------------- */

struct path catalog_since_path(const struct account *account)
{
    return account_file(account, SPOOL_PRODUCTS, "since.ndjson");
}

static enum error look_at_moment(
    const struct account *account, struct path path, int64_t *moment)
{
    struct stat status;
    if (fstatat(account->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERROR_NONE : error_from_errno(errno);
    int64_t changed = clock_from_timespec(status.st_mtim);
    if (changed > *moment)
        *moment = changed;
    return ERROR_NONE;
}

enum error catalog_changed(const struct account *account, int64_t *moment)
{
    *moment = 0;
    enum error error = look_at_moment(account, catalog_path(account), moment);
    if (error == ERROR_NONE)
        error = look_at_moment(account, catalog_since_path(account), moment);
    if (error != ERROR_NONE)
        *moment = 0;
    return error;
}

static enum error read_id(const char *line, size_t length, uint64_t *id)
{
    struct json_document document;
    struct json_fault fault;
    size_t values;
    /* One that begins as ours do need not be taken apart. */
    if (catalog_line_id(line, length, id) &&
        json_check(line, length, &values, &fault) == ERROR_NONE)
        return ERROR_NONE;
    enum error error = json_parse(&document, line, length, &fault);
    if (error != ERROR_NONE)
        return error == ERROR_MEMORY ? error : ERROR_TYPE;
    error = item_id_read(json_member(json_root(&document), "id"), id);
    json_free(&document);
    return error;
}

/* A row for a line, or for one that stands for the other file's. */
static enum error add_line(struct catalog *catalog, uint64_t id,
    const char *line, size_t length, bool changed)
{
    struct catalog_row *row = catalog_rows_add(&catalog->rows, id);
    if (row == NULL)
        return ERROR_MEMORY;
    row->text = line;
    row->length = length;
    row->known = true;
    row->changed = changed;
    return ERROR_NONE;
}

/* Of two lines that stand beside the catalogue the later one stands, as where a
 * person has appended one. */
static enum error load_line(
    struct catalog *catalog, const char *line, size_t length, bool changed)
{
    uint64_t id;
    size_t start = utf8_mark(line, length);
    while (start < length && (line[start] == ' ' || line[start] == '\t'))
        start++; /* by a person who has indented it */
    line += start;
    length = catalog_trim_line(line, length - start);
    if (length == 0)
        return ERROR_NONE;
    enum error error = read_id(line, length, &id);
    if (error == ERROR_MEMORY)
        return error;
    struct catalog_row *row =
        error == ERROR_NONE ? catalog_rows_find(&catalog->rows, id) : NULL;
    if (row != NULL && changed) {
        row->text = line;
        row->length = length;
        return ERROR_NONE;
    }
    if (row != NULL && row->changed)
        return ERROR_NONE; /* another stands for it */
    if (error == ERROR_NONE && row == NULL)
        return add_line(catalog, id, line, length, changed);
    catalog_put_aside(catalog, line, length);
    return catalog->set_aside.failed ? ERROR_MEMORY : ERROR_NONE;
}

static enum error load_lines(
    struct catalog *catalog, const struct buffer *text, bool changed)
{
    const char *line = buffer_text(text);
    const char *end = line + text->length;
    enum error error = ERROR_NONE;
    while (line < end && error == ERROR_NONE) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline == NULL ? end : newline) - line);
        error = load_line(catalog, line, length, changed);
        line += length + 1;
    }
    return error;
}

/* All of the sorted file. */
static enum error load_file(struct catalog *catalog)
{
    enum error error = ERROR_NONE;
    struct buffer *file = &catalog->file;
    size_t most = (size_t)catalog->base.status.st_size + 1;
    size_t before;
    do {
        before = file->length;
        error = line_reader_piece(
            catalog->base.reader.descriptor, (int64_t)before, most, file);
        most = 1 << 16;
    } while (error == ERROR_NONE && file->length > before);
    return error == ERROR_NONE ? load_lines(catalog, file, false) : error;
}

/* What stands beside the file is read before it is opened, and looked at again
 * after: so both are of one moment. */
static enum error read_files(
    struct catalog *catalog, const struct account *account, bool writing)
{
    struct path path = catalog_since_path(account);
    struct stat now = {.st_nlink = 0};
    int directory = account->spool->directory;
    enum error error = file_read(
        directory, path.text, INT_MAX, &catalog->since, &catalog->beside);
    if (error == ERROR_NOT_FOUND)
        error = ERROR_NONE;
    if (error == ERROR_NONE)
        error = catalog_base_open(&catalog->base, account, writing);
    if (error != ERROR_NONE)
        return error;
    if (fstatat(directory, path.text, &now, AT_SYMLINK_NOFOLLOW) != 0 &&
        errno != ENOENT)
        return error_from_errno(errno);
    return file_is_unchanged(&now, &catalog->beside) ? ERROR_NONE
                                                     : ERROR_CONFLICT;
}

static enum error open_once(struct catalog *catalog,
    const struct account *account, bool writing, bool whole)
{
    *catalog = (struct catalog){.base = {.reader = {.descriptor = -1}}};
    enum error error = read_files(catalog, account, writing);
    if (error == ERROR_NONE)
        error = load_lines(catalog, &catalog->since, true);
    catalog->whole = whole || !catalog->base.ordered ||
                     (writing && catalog->base.status.st_size < CATALOG_SMALL);
    if (error == ERROR_NONE && catalog->whole &&
        catalog->base.reader.descriptor >= 0)
        error = load_file(catalog);
    if (error != ERROR_NONE)
        catalog_free(catalog);
    catalog->latest = clock_now() + (STAMP_SKEW * clock_second);
    return error;
}

static enum error open_files(struct catalog *catalog,
    const struct account *account, bool writing, bool whole)
{
    enum error error = open_once(catalog, account, writing, whole);
    for (int i = 1; i < ROUNDS_MOST && error == ERROR_CONFLICT; i++)
        error = open_once(catalog, account, writing, whole);
    return error;
}

enum error catalog_open(
    struct catalog *catalog, const struct account *account, bool writing)
{
    return open_files(catalog, account, writing, false);
}

enum error catalog_load(struct catalog *catalog, const struct account *account)
{
    return open_files(catalog, account, true, true);
}

/* --- Finding ------------------------------------------------------------- */

/* A row for a line of the file, which is read on meanwhile. */
static enum error adopt(struct catalog *catalog,
    const struct catalog_line *line, struct catalog_row **row)
{
    char *text = malloc(line->length);
    *row = text == NULL ? NULL : catalog_rows_add(&catalog->rows, line->id);
    if (*row == NULL) {
        free(text);
        return ERROR_MEMORY;
    }
    memcpy(text, line->text, line->length);
    (*row)->owned = text;
    (*row)->text = text;
    (*row)->length = line->length;
    (*row)->known = true;
    return ERROR_NONE;
}

enum error catalog_find(
    struct catalog *catalog, uint64_t id, struct catalog_row **row)
{
    struct catalog_line line;
    *row = catalog_rows_find(&catalog->rows, id);
    if (*row != NULL || catalog->whole || id == 0)
        return ERROR_NONE;
    enum error error = catalog_base_seek(&catalog->base, id - 1);
    if (error == ERROR_NONE)
        error = catalog_base_next(&catalog->base, &line);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    return error == ERROR_NONE && line.id == id ? adopt(catalog, &line, row)
                                                : error;
}

static enum error visit_line(struct catalog *catalog,
    const struct catalog_line *line, catalog_visit *visit, void *context)
{
    struct catalog_row stray = {.id = line->id,
        .text = line->text,
        .length = line->length,
        .known = true,
        .stray = true};
    struct catalog_row *row = catalog_rows_find(&catalog->rows, line->id);
    enum error error = visit(context, row == NULL ? &stray : row);
    row = catalog_rows_find(&catalog->rows, line->id);
    if (row != NULL)
        row->walk = catalog->walks;
    return error;
}

/* The lines of the file, by a reader of its own: `visit` may look for others.
 */
static enum error visit_lines(
    struct catalog *catalog, catalog_visit *visit, void *context)
{
    struct catalog_base walk = {
        .reader = {.descriptor = catalog->base.reader.descriptor}};
    struct catalog_line line;
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE) {
        error = catalog_base_next(&walk, &line);
        if (error == ERROR_NONE)
            error = visit_line(catalog, &line, visit, context);
        else if (error == ERROR_NOT_FOUND)
            break;
    }
    walk.reader.descriptor = -1; /* not its own */
    catalog_base_close(&walk);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

enum error catalog_each(
    struct catalog *catalog, catalog_visit *visit, void *context)
{
    enum error error = ERROR_NONE;
    catalog->walks++;
    if (!catalog->whole)
        error = visit_lines(catalog, visit, context);
    for (size_t i = 0; i < catalog->rows.count && error == ERROR_NONE; i++) {
        if (catalog->rows.at[i].walk != catalog->walks)
            error = visit(context, &catalog->rows.at[i]);
    }
    return error;
}

/* --- Merging ------------------------------------------------------------- */

enum error catalog_row_read(
    const struct catalog_row *row, struct product *product)
{
    struct json_document document;
    struct json_fault fault;
    enum error error = json_parse(&document, row->text, row->length, &fault);
    if (error != ERROR_NONE)
        return error == ERROR_MEMORY ? error : ERROR_TYPE;
    error = product_read(product, json_root(&document));
    json_free(&document);
    return error;
}

/* Makes `known` what the row says. What somebody broke by hand is set aside,
 * and the product begins anew. */
static enum error read_known(
    struct catalog *catalog, const struct catalog_row *row, uint64_t id)
{
    enum error error = ERROR_NOT_FOUND;
    if (row != NULL)
        error = catalog_row_read(row, &catalog->known);
    if (error == ERROR_NONE && catalog->known.id != id)
        error = ERROR_TYPE; /* a line with two ids */
    if (error == ERROR_TYPE)
        catalog_put_aside(catalog, row->text, row->length);
    if (error == ERROR_TYPE || error == ERROR_NOT_FOUND) {
        product_start(&catalog->known, id);
        error = ERROR_NONE;
    }
    return error;
}

/* Gives the row, or a new one, the text in `line`. */
static enum error put_line(struct catalog *catalog, uint64_t id,
    const struct buffer *line, struct catalog_row **row)
{
    char *text = malloc(line->length);
    bool known = *row != NULL && (*row)->known;
    struct catalog_row *own = *row;
    if (text != NULL && (own == NULL || own->stray))
        own = catalog_rows_add(&catalog->rows, id);
    if (text == NULL || own == NULL) {
        free(text);
        return ERROR_MEMORY;
    }
    memcpy(text, line->data, line->length);
    free(own->owned);
    own->owned = text;
    own->text = text;
    own->length = line->length;
    own->known = known;
    own->changed = true;
    catalog->changed = true;
    *row = own;
    return ERROR_NONE;
}

static bool has_line(const struct catalog_row *row, const struct buffer *line)
{
    return row != NULL && row->length == line->length &&
           memcmp(row->text, line->data, line->length) == 0;
}

enum error catalog_put(struct catalog *catalog, struct catalog_row **row)
{
    buffer_clear(&catalog->line);
    product_write(&catalog->known, &catalog->line);
    if (catalog->line.failed || catalog->set_aside.failed)
        return ERROR_MEMORY;
    if (has_line(*row, &catalog->line))
        return ERROR_NONE;
    return put_line(catalog, catalog->known.id, &catalog->line, row);
}

enum error catalog_merge_into(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row)
{
    if (observed->text.failed)
        return ERROR_MEMORY;
    enum error error = read_known(catalog, *row, observed->id);
    if (error != ERROR_NONE)
        return error;
    catalog->doubted += product_doubt(&catalog->known, catalog->latest);
    product_merge(&catalog->known, observed);
    if (product_knows(&catalog->known, PRODUCT_TWIN_OF)) {
        struct catalog_twin twin = {.id = observed->id};
        buffer_append(&catalog->twins, (const char *)&twin, sizeof twin);
    }
    return catalog_put(catalog, row);
}

enum error catalog_merge(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row)
{
    enum error error = catalog_find(catalog, observed->id, row);
    return error == ERROR_NONE ? catalog_merge_into(catalog, observed, row)
                               : error;
}
