/* SPDX-License-Identifier: MIT */
#include "catalog_base.h"

#include "item_id.h"
#include "json_check.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    PROBE = 4096,     /* bytes read to find a line in a search */
    SCAN = 32 * 1024, /* bytes below which a search reads on */
    COPY = 65536      /* bytes copied at a time */
};

struct path catalog_path(const struct account *account)
{
    return account_file(account, SPOOL_PRODUCTS, "ndjson");
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

/* --- Opening ------------------------------------------------------------- */

/* Whether every line begins as ours do and the ids rise. */
static enum error check_order(struct catalog_base *base)
{
    const char *text;
    size_t length;
    uint64_t last = 0;
    uint64_t id;
    enum error error;
    line_reader_go(&base->reader, 0);
    while ((error = line_reader_next(&base->reader, &text, &length)) ==
           ERROR_NONE) {
        length = catalog_trim_line(text, length);
        if (length == 0)
            continue;
        if (!catalog_line_id(text, length, &id) || id <= last) {
            base->ordered = false;
            return ERROR_NONE;
        }
        last = id;
    }
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum error look_through(
    struct catalog_base *base, const struct account *account)
{
    struct stamp stamp;
    struct path seen = account_file(account, SPOOL_INDEX, "catalog");
    if (fstat(base->reader.descriptor, &base->status) != 0)
        return error_from_errno(errno);
    if (!S_ISREG(base->status.st_mode))
        return ERROR_TYPE;
    if (stamp_look_at_file(account->spool, &base->status, seen, &stamp) ==
        ERROR_EXISTS)
        return ERROR_NONE;
    enum error error = check_order(base);
    if (error == ERROR_NONE && base->ordered)
        stamp_set(account->spool, &stamp);
    return error;
}

/* One that may not be written can be read all the same. */
static int open_file(const struct account *account, bool writing)
{
    struct path path = catalog_path(account);
    int directory = account->spool->directory;
    int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int descriptor =
        writing ? openat(directory, path.text, O_RDWR | flags) : -1;
    if (descriptor < 0 && (!writing || errno != ENOENT))
        descriptor = openat(directory, path.text, O_RDONLY | flags);
    return descriptor;
}

enum error catalog_base_open(
    struct catalog_base *base, const struct account *account, bool writing)
{
    *base = (struct catalog_base){.ordered = true};
    base->reader.descriptor = open_file(account, writing);
    if (base->reader.descriptor < 0) {
        if (errno == ENOENT)
            return ERROR_NONE;
        return errno == ELOOP || errno == ENXIO || errno == ENODEV
                   ? ERROR_TYPE
                   : error_from_errno(errno);
    }
    enum error error = look_through(base, account);
    if (error == ERROR_NONE)
        error = catalog_base_seek(base, 0);
    if (error != ERROR_NONE)
        catalog_base_close(base);
    return error;
}

void catalog_base_close(struct catalog_base *base)
{
    if (base->reader.descriptor >= 0)
        close(base->reader.descriptor);
    buffer_free(&base->reader.window);
    buffer_free(&base->piece);
    *base = (struct catalog_base){.reader = {.descriptor = -1}};
}

/* --- Reading ------------------------------------------------------------- */

/* Finds the first line that begins at `at` or behind it, and its id.
 * ERROR_NOT_FOUND if there is none before `end`; ERROR_SYNTAX if it has no id
 * that can be read. */
static enum error probe(const struct catalog_base *base, int64_t at,
    int64_t end, struct buffer *piece, int64_t *start, uint64_t *id)
{
    /* From the byte before: a newline there ends the line before ours. */
    int64_t from = at - 1;
    buffer_clear(piece);
    for (;;) {
        size_t before = piece->length;
        enum error error = line_reader_piece(
            base->reader.descriptor, from + (int64_t)before, PROBE, piece);
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
    struct catalog_base *base, uint64_t after, int64_t *low)
{
    struct stat status;
    enum error error = ERROR_NONE;
    *low = 0;
    if (fstat(base->reader.descriptor, &status) != 0)
        return error_from_errno(errno);
    int64_t high = status.st_size;
    while (high - *low > SCAN && error == ERROR_NONE) {
        int64_t middle = *low + ((high - *low) / 2);
        int64_t start;
        uint64_t id;
        error = probe(base, middle, high, &base->piece, &start, &id);
        if (error == ERROR_NONE && id <= after)
            *low = start;
        else if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
            high = middle;
        if (error == ERROR_NOT_FOUND)
            error = ERROR_NONE;
    }
    /* Somebody is writing into the file: reading on from here finds all that
     * there is. */
    return error == ERROR_SYNTAX ? ERROR_NONE : error;
}

enum error catalog_base_seek(struct catalog_base *base, uint64_t after)
{
    int64_t at = 0;
    enum error error = ERROR_NONE;
    base->last = after;
    if (base->reader.descriptor >= 0 && after > 0)
        error = search(base, after, &at);
    if (error == ERROR_NONE)
        line_reader_go(&base->reader, at);
    return error;
}

/* The file was in order when it was looked through. What somebody is writing
 * into it now may be anything, but is never handed out twice. */
enum error catalog_base_next(
    struct catalog_base *base, struct catalog_line *line)
{
    enum error error;
    if (base->reader.descriptor < 0)
        return ERROR_NOT_FOUND;
    do {
        error = line_reader_next(&base->reader, &line->text, &line->length);
        if (error != ERROR_NONE)
            return error;
        line->length = catalog_trim_line(line->text, line->length);
    } while (!catalog_line_id(line->text, line->length, &line->id) ||
             line->id <= base->last);
    base->last = line->id;
    return ERROR_NONE;
}

/* --- As it stands -------------------------------------------------------- */

/* Nothing was left out or cut if all lines, with a newline each, are all there
 * is; but for the last, which may lack its own. */
static bool check_lines(struct catalog_base *base)
{
    struct catalog_line line;
    int64_t length = 0;
    bool good = catalog_base_seek(base, 0) == ERROR_NONE;
    while (good && catalog_base_next(base, &line) == ERROR_NONE) {
        size_t values;
        struct json_fault fault;
        length += (int64_t)line.length + 1;
        good =
            json_check(line.text, line.length, &values, &fault) == ERROR_NONE;
    }
    buffer_clear(&base->piece);
    return good && length > 0 && length == base->status.st_size &&
           line_reader_piece(base->reader.descriptor, length - 1, 1,
               &base->piece) == ERROR_NONE &&
           base->piece.length == 1 && base->piece.data[0] == '\n';
}

bool catalog_base_is_good(
    struct catalog_base *base, const struct account *account)
{
    struct stamp stamp;
    if (base->reader.descriptor < 0 || !base->ordered)
        return false;
    if (stamp_look_at_file(account->spool, &base->status,
            account_file(account, SPOOL_INDEX, "lines"),
            &stamp) == ERROR_EXISTS)
        return true;
    bool good = check_lines(base);
    if (good)
        stamp_set(account->spool, &stamp);
    return good;
}

enum error catalog_base_place(
    struct catalog_base *base, uint64_t id, int64_t *from, int64_t *to)
{
    struct catalog_line line;
    const struct line_reader *reader = &base->reader;
    *from = base->status.st_size;
    *to = base->status.st_size;
    enum error error = catalog_base_seek(base, id - 1);
    if (error == ERROR_NONE)
        error = catalog_base_next(base, &line);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    *from = reader->window_at + (line.text - reader->window.data);
    *to = line.id == id ? *from + (int64_t)line.length + 1 : *from;
    return ERROR_NONE;
}

enum error catalog_base_copy(
    struct catalog_base *base, int64_t from, int64_t to, struct sink *sink)
{
    struct buffer *window = &base->reader.window;
    while (from < to && !sink_skip(sink, to - from)) {
        size_t most = to - from < COPY ? (size_t)(to - from) : COPY;
        buffer_clear(window);
        enum error error =
            line_reader_piece(base->reader.descriptor, from, most, window);
        if (error != ERROR_NONE || window->length == 0)
            return error;
        sink_put(sink, window->data, window->length);
        from += (int64_t)window->length;
    }
    return ERROR_NONE;
}
