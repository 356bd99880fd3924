/* SPDX-License-Identifier: MIT */
#include "catalog.h"

#include "clock.h"
#include "file.h"
#include "item_id.h"
#include "log.h"
#include "product_merge.h"
#include "spool_lock.h"
#include "stamp.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- In memory
 * ---------------------------------------------------------------- */

void catalog_free(struct catalog *catalog)
{
    catalog_rows_free(&catalog->rows);
    buffer_free(&catalog->file);
    buffer_free(&catalog->set_aside);
    buffer_free(&catalog->line);
    buffer_free(&catalog->twins);
    product_free(&catalog->known);
    if (catalog->descriptor >= 0)
        close(catalog->descriptor);
    *catalog = (struct catalog){.descriptor = -1};
}

/* Remembers a line for rejected/. */
static void put_aside(struct catalog *catalog, const char *line, size_t length)
{
    buffer_append(&catalog->set_aside, line, length);
    buffer_append_byte(&catalog->set_aside, '\n');
    catalog->changed = true;
}

/* --- Reading the file ---------------------------------------------------- */

struct path catalog_path(const struct account *account)
{
    return account_file(account, SPOOL_PRODUCTS, "ndjson");
}

enum error catalog_changed(const struct account *account, int64_t *moment)
{
    struct stat status;
    struct path path = catalog_path(account);
    *moment = 0;
    if (fstatat(account->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) == 0)
        *moment = clock_from_timespec(status.st_mtim);
    else if (errno != ENOENT)
        return error_from_errno(errno);
    return ERROR_NONE;
}

bool catalog_line_id(const char *line, size_t length, uint64_t *id)
{
    static const char start[] = "{\"id\":";
    size_t at = sizeof start - 1;
    if (length <= at || memcmp(line, start, at) != 0)
        return false;
    size_t end = at;
    while (end < length && line[end] >= '0' && line[end] <= '9')
        end++;
    return end < length && (line[end] == ',' || line[end] == '}') &&
           item_id_parse(line + at, end - at, id) == ERROR_NONE;
}

size_t catalog_trim_line(const char *line, size_t length)
{
    while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL)
        length--;
    return length;
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

static enum error load_line(
    struct catalog *catalog, const char *line, size_t length)
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
    if (error != ERROR_NONE || catalog_rows_find(&catalog->rows, id) != NULL) {
        put_aside(catalog, line, length);
        return catalog->set_aside.failed ? ERROR_MEMORY : ERROR_NONE;
    }
    struct catalog_row *row = catalog_rows_add(&catalog->rows, id);
    if (row == NULL)
        return ERROR_MEMORY;
    row->text = line;
    row->length = length;
    return ERROR_NONE;
}

static enum error load_lines(struct catalog *catalog)
{
    const char *line = buffer_text(&catalog->file);
    const char *end = line + catalog->file.length;
    enum error error = ERROR_NONE;
    while (line < end && error == ERROR_NONE) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline == NULL ? end : newline) - line);
        error = load_line(catalog, line, length);
        line += length + 1;
    }
    return error;
}

/* Reads the file and keeps it open. The number of an inode that is open goes
 * to no other file, so that is_current can rely on it. */
static enum error read_file(
    struct catalog *catalog, const struct account *account)
{
    struct path path = catalog_path(account);
    struct stat opened;
    int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    catalog->descriptor = openat(account->spool->directory, path.text, flags);
    bool missing = catalog->descriptor < 0 && errno == ENOENT;
    enum error error = file_read(account->spool->directory, path.text, INT_MAX,
        &catalog->file, &catalog->status);
    if (error != ERROR_NONE)
        return error;
    if (catalog->descriptor < 0)
        return missing ? ERROR_CONFLICT : ERROR_NONE; /* made meanwhile */
    if (fstat(catalog->descriptor, &opened) != 0)
        return error_from_errno(errno);
    return file_is_same(&opened, &catalog->status) ? ERROR_NONE
                                                   : ERROR_CONFLICT;
}

enum error catalog_load(struct catalog *catalog, const struct account *account)
{
    *catalog = (struct catalog){.descriptor = -1};
    enum error error = read_file(catalog, account);
    if (error == ERROR_NONE)
        error = load_lines(catalog);
    if (error != ERROR_NONE)
        catalog_free(catalog);
    catalog->latest = clock_now() + (STAMP_SKEW * clock_second);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
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
        put_aside(catalog, row->text, row->length);
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
    if (text != NULL && *row == NULL)
        *row = catalog_rows_add(&catalog->rows, id);
    if (text == NULL || *row == NULL) {
        free(text);
        return ERROR_MEMORY;
    }
    memcpy(text, line->data, line->length);
    free((*row)->owned);
    (*row)->owned = text;
    (*row)->text = text;
    (*row)->length = line->length;
    catalog->changed = true;
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

enum error catalog_merge(struct catalog *catalog,
    const struct product *observed, struct catalog_row **row)
{
    *row = catalog_rows_find(&catalog->rows, observed->id);
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

/* --- Writing the file ---------------------------------------------------- */

static enum error compose(struct catalog *catalog, struct buffer *out)
{
    size_t total = 0;
    catalog_rows_sort(&catalog->rows);
    for (size_t i = 0; i < catalog->rows.count; i++)
        total += catalog->rows.at[i].length + 1;
    buffer_reserve(out, total);
    for (size_t i = 0; i < catalog->rows.count; i++) {
        buffer_append(
            out, catalog->rows.at[i].text, catalog->rows.at[i].length);
        buffer_append_byte(out, '\n');
    }
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}

static enum error save_aside(
    struct catalog *catalog, const struct account *account)
{
    static const char why[] =
        "These lines of the catalogue are not products, or are second lines"
        " for the same product.\nMend them and put them back, or remove"
        " them.\n";
    char stamp[CLOCK_STAMP_LENGTH + 1];
    char name[96];
    clock_format_stamp(stamp, clock_now());
    snprintf(
        name, sizeof name, "%" PRId64 ".ndjson-%s.why", account->user, stamp);
    enum error error = spool_replace(account->spool,
        path_in(SPOOL_REJECTED, name), SPOOL_REJECTED, why, sizeof why - 1);
    if (error != ERROR_NONE)
        return error;
    name[strlen(name) - strlen(".why")] = '\0';
    error = spool_replace(account->spool, path_in(SPOOL_REJECTED, name),
        SPOOL_REJECTED, catalog->set_aside.data, catalog->set_aside.length);
    if (error == ERROR_NONE) {
        log_event(account->spool, "ingest",
            "%s: lines that are not products were set aside as rejected/%s",
            catalog_path(account).text, name);
        buffer_clear(&catalog->set_aside);
    }
    return error;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return file_is_same(a, b) && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether the file still is the one that was read. */
static bool is_current(
    const struct catalog *catalog, const struct account *account)
{
    struct stat now;
    struct path path = catalog_path(account);
    return fstatat(account->spool->directory, path.text, &now,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           is_unchanged(&now, &catalog->status);
}

/* Whoever replaces a file must hold the lock on that file, not on one in
 * index/, which may be removed at any time: so of two programs that have read
 * the same catalogue the second finds it replaced. Where there are no locks,
 * that is only very likely. */
static enum error replace_file(struct catalog *catalog,
    const struct account *account, struct path temporary)
{
    if (catalog->descriptor >= 0)
        spool_lock_file(catalog->descriptor);
    if (!is_current(catalog, account))
        return ERROR_CONFLICT;
    return file_rename(
        account->spool->directory, temporary.text, catalog_path(account).text);
}

/* The first catalogue of a user: link(2) replaces nothing. */
static enum error create_file(
    const struct account *account, struct path temporary)
{
    enum error error = spool_make(account->spool, SPOOL_PRODUCTS);
    if (error == ERROR_NONE) {
        error = file_link(account->spool->directory, temporary.text,
            catalog_path(account).text);
    }
    if (error == ERROR_NONE)
        file_remove(account->spool->directory, temporary.text);
    return error == ERROR_EXISTS ? ERROR_CONFLICT : error;
}

static enum error replace(struct catalog *catalog,
    const struct account *account, const struct buffer *text)
{
    struct path temporary;
    enum error error = spool_write_temporary(
        account->spool, text->data, text->length, &temporary);
    if (error != ERROR_NONE)
        return error;
    if (catalog->status.st_nlink > 0)
        error = replace_file(catalog, account, temporary);
    else
        error = create_file(account, temporary);
    if (error != ERROR_NONE) {
        file_remove(account->spool->directory, temporary.text);
        return error;
    }
    return directory_sync(
        account->spool->directory, spool_directory_name(SPOOL_PRODUCTS));
}

/* A program killed between its rename and its fsync leaves a file that says
 * everything already, but whose name power loss could still take back. */
static enum error sync_unchanged(
    const struct catalog *catalog, const struct spool *spool)
{
    if (catalog->status.st_nlink == 0)
        return ERROR_NONE;
    return directory_sync(
        spool->directory, spool_directory_name(SPOOL_PRODUCTS));
}

enum error catalog_save(struct catalog *catalog, const struct account *account)
{
    struct buffer text = BUFFER_EMPTY;
    enum error error = ERROR_NONE;
    if (!catalog->changed)
        return sync_unchanged(catalog, account->spool);
    if (catalog->set_aside.length > 0)
        error = save_aside(catalog, account);
    if (error == ERROR_NONE)
        error = compose(catalog, &text);
    if (error == ERROR_NONE)
        error = replace(catalog, account, &text);
    if (error == ERROR_NONE)
        catalog->changed = false;
    buffer_free(&text);
    return error;
}
