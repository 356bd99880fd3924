/* SPDX-License-Identifier: MIT */
#include "catalog_view.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    PROBE = 4096,    /* bytes read to find a line in a search */
    COPY = 65536,    /* bytes copied at a time */
    SCAN = 32 * 1024 /* bytes below which a search reads on */
};

/* Whether every line begins as ours do and the ids rise. */
static enum error check_order(struct catalog_view *view, bool *ordered)
{
    const char *text;
    size_t length;
    uint64_t last = 0;
    uint64_t id;
    enum error error;
    line_reader_go(&view->reader, 0);
    while ((error = line_reader_next(&view->reader, &text, &length)) ==
           ERROR_NONE) {
        length = catalog_trim_line(text, length);
        if (length == 0)
            continue;
        if (!catalog_line_id(text, length, &id) || id <= last) {
            *ordered = false;
            return ERROR_NONE;
        }
        last = id;
    }
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum error look_through(
    struct catalog_view *view, const struct account *account, bool *ordered)
{
    struct stamp stamp;
    struct stat status;
    struct path seen = account_file(account, SPOOL_INDEX, "catalog");
    if (fstat(view->reader.descriptor, &status) != 0)
        return error_from_errno(errno);
    if (!S_ISREG(status.st_mode))
        return ERROR_TYPE;
    view->spool = account->spool;
    view->size = status.st_size;
    view->is_good = stamp_look_at_file(account->spool, &status,
                        account_file(account, SPOOL_INDEX, "lines"),
                        &view->good) == ERROR_EXISTS;
    if (stamp_look_at_file(account->spool, &status, seen, &stamp) ==
        ERROR_EXISTS)
        return ERROR_NONE;
    enum error error = check_order(view, ordered);
    if (error == ERROR_NONE && *ordered)
        stamp_set(account->spool, &stamp);
    return error;
}

static enum error load(struct catalog_view *view, const struct account *account)
{
    enum error error = catalog_load(&view->catalog, account);
    /* Replaced while it was read: the new one will do as well. */
    for (int i = 0; i < 8 && error == ERROR_CONFLICT; i++)
        error = catalog_load(&view->catalog, account);
    if (error != ERROR_NONE)
        return error;
    catalog_rows_sort(&view->catalog.rows);
    view->loaded = true;
    return ERROR_NONE;
}

enum error catalog_view_open(
    struct catalog_view *view, const struct account *account)
{
    *view = (struct catalog_view){.catalog = {.descriptor = -1}};
    bool ordered = true;
    struct path path = catalog_path(account);
    view->reader.descriptor = openat(account->spool->directory, path.text,
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (view->reader.descriptor < 0 && errno == ELOOP)
        return ERROR_TYPE;
    if (view->reader.descriptor < 0)
        return errno == ENOENT ? ERROR_NONE : error_from_errno(errno);
    enum error error = look_through(view, account, &ordered);
    if (error == ERROR_NONE && !ordered)
        error = load(view, account);
    if (error == ERROR_NONE)
        return catalog_view_seek(view, 0);
    catalog_view_close(view);
    return error;
}

void catalog_view_close(struct catalog_view *view)
{
    if (view->reader.descriptor >= 0)
        close(view->reader.descriptor);
    buffer_free(&view->reader.window);
    catalog_free(&view->catalog);
    view->reader.descriptor = -1;
    view->loaded = false;
}

/* Finds the first line that begins at `at` or behind it, and its id.
 * ERROR_NOT_FOUND if there is none before `end`; ERROR_SYNTAX if it has no id
 * that can be read. */
static enum error probe(const struct catalog_view *view, int64_t at,
    int64_t end, struct buffer *piece, int64_t *start, uint64_t *id)
{
    /* From the byte before: a newline there ends the line before ours. */
    int64_t from = at - 1;
    buffer_clear(piece);
    for (;;) {
        size_t before = piece->length;
        enum error error = line_reader_piece(
            view->reader.descriptor, from + (int64_t)before, PROBE, piece);
        if (error != ERROR_NONE)
            return error;
        bool last = piece->length == before;
        const char *text = buffer_text(piece);
        const char *newline = memchr(text, '\n', piece->length);
        size_t line = newline == NULL ? 0 : (size_t)(newline - text) + 1;
        *start = from + (int64_t)line;
        if (newline != NULL && *start >= end)
            return ERROR_NOT_FOUND;
        if (newline != NULL && (last || piece->length - line >= 32))
            return catalog_line_id(text + line, piece->length - line, id)
                       ? ERROR_NONE
                       : ERROR_SYNTAX;
        if (last || from + (int64_t)piece->length >= end + 32)
            return ERROR_NOT_FOUND;
    }
}

/* Finds a place before the first line whose id is above `after`, and not far
 * before it. Lines that begin before `low` have no larger id, those that begin
 * at `high` or behind have one. */
static enum error search(
    const struct catalog_view *view, uint64_t after, int64_t *low)
{
    struct stat status;
    struct buffer piece = BUFFER_EMPTY;
    enum error error = ERROR_NONE;
    *low = 0;
    if (fstat(view->reader.descriptor, &status) != 0)
        return error_from_errno(errno);
    int64_t high = status.st_size;
    while (high - *low > SCAN && error == ERROR_NONE) {
        int64_t middle = *low + ((high - *low) / 2);
        int64_t start;
        uint64_t id;
        error = probe(view, middle, high, &piece, &start, &id);
        if (error == ERROR_NONE && id <= after)
            *low = start;
        else if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
            high = middle;
        if (error == ERROR_NOT_FOUND)
            error = ERROR_NONE;
    }
    buffer_free(&piece);
    /* Somebody is writing into the file: reading on from here finds all that
     * there is. */
    return error == ERROR_SYNTAX ? ERROR_NONE : error;
}

static void seek_row(struct catalog_view *view, uint64_t after)
{
    size_t low = 0;
    size_t high = view->catalog.rows.count;
    while (low < high) {
        size_t middle = low + ((high - low) / 2);
        if (view->catalog.rows.at[middle].id <= after)
            low = middle + 1;
        else
            high = middle;
    }
    view->row = low;
}

enum error catalog_view_seek(struct catalog_view *view, uint64_t after)
{
    int64_t at = 0;
    enum error error = ERROR_NONE;
    view->last = after;
    if (view->loaded)
        seek_row(view, after);
    else if (view->reader.descriptor >= 0 && after > 0)
        error = search(view, after, &at);
    if (error == ERROR_NONE)
        line_reader_go(&view->reader, at);
    return error;
}

static enum error next_row(struct catalog_view *view, struct catalog_line *line)
{
    if (view->row == view->catalog.rows.count)
        return ERROR_NOT_FOUND;
    const struct catalog_row *row = &view->catalog.rows.at[view->row++];
    *line = (struct catalog_line){row->id, row->text, row->length};
    return ERROR_NONE;
}

/* The file was in order when it was looked through. What somebody is writing
 * into it now may be anything, but is never handed out twice. */
static enum error next_in_file(
    struct catalog_view *view, struct catalog_line *line)
{
    enum error error;
    do {
        error = line_reader_next(&view->reader, &line->text, &line->length);
        if (error != ERROR_NONE)
            return error;
        line->length = catalog_trim_line(line->text, line->length);
    } while (!catalog_line_id(line->text, line->length, &line->id) ||
             line->id <= view->last);
    return ERROR_NONE;
}

enum error catalog_view_next(
    struct catalog_view *view, struct catalog_line *line)
{
    enum error error = ERROR_NOT_FOUND;
    if (view->loaded)
        error = next_row(view, line);
    else if (view->reader.descriptor >= 0)
        error = next_in_file(view, line);
    if (error == ERROR_NONE)
        view->last = line->id;
    return error;
}

bool catalog_view_is_good(const struct catalog_view *view)
{
    return view->is_good && !view->loaded;
}

enum error catalog_view_copy(struct catalog_view *view, struct sink *sink)
{
    struct buffer *window = &view->reader.window;
    int64_t at = 0;
    while (at < view->size && !sink_skip(sink, view->size - at)) {
        buffer_clear(window);
        enum error error =
            line_reader_piece(view->reader.descriptor, at, COPY, window);
        if (error != ERROR_NONE || window->length == 0)
            return error;
        sink_put(sink, window->data, window->length);
        at += (int64_t)window->length;
    }
    return ERROR_NONE;
}

static bool ends_line(const struct catalog_view *view)
{
    struct buffer last = BUFFER_EMPTY;
    bool ends = view->size > 0 &&
                line_reader_piece(view->reader.descriptor, view->size - 1, 1,
                    &last) == ERROR_NONE &&
                last.length == 1 && last.data[0] == '\n';
    buffer_free(&last);
    return ends;
}

/* None was left out or cut then, unless the last has no newline. */
void catalog_view_found_good(struct catalog_view *view, int64_t bytes)
{
    if (view->reader.descriptor < 0 || view->loaded || view->is_good ||
        bytes != view->size || !ends_line(view))
        return;
    stamp_set(view->spool, &view->good);
    view->is_good = true;
}
