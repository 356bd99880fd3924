/* SPDX-License-Identifier: MIT */
#include "product_csv.h"

#include "buffer.h"
#include "csv.h"
#include "json.h"

#include <string.h>

struct column {
    const char *name;
    const char *key; /* of the member in a line of the catalogue */
};

/* The first five are what the guides' table has. */
static const struct column columns[] = {
    {"id", "id"},
    {"title", "title"},
    {"price", "price"},
    {"brand", "brand"},
    {"size", "size"},
    {"currency", "currency"},
    {"condition", "condition"},
    {"status", "status"},
    {"url", "url"},
    {"photo", "photo"},
    {"view_count", "view_count"},
    {"favourite_count", "favourite_count"},
    {"message_count", "message_count"},
    {"published_at", "published_at"},
    {"first_seen", "first_seen"},
    {"last_seen", "seen_at"},
    {"description", "description"},
};

enum {
    COLUMNS = sizeof columns / sizeof columns[0]
};

void product_csv_head(struct buffer *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        csv_cell(out, i == 0, columns[i].name, strlen(columns[i].name));
    csv_end_row(out);
}

/* The column of a member, COLUMNS if it has none. The members of a line stand
 * much as the columns do, so the search begins at the one found last. */
static size_t find_column(struct json_value member, size_t last)
{
    for (size_t i = 1; i <= COLUMNS; i++) {
        size_t found = (last + i) % COLUMNS;
        if (json_has_key(member, columns[found].key))
            return found;
    }
    return COLUMNS;
}

static void find_cells(struct json_value row, struct json_value cells[COLUMNS])
{
    size_t last = COLUMNS - 1;
    memset(cells, 0, COLUMNS * sizeof *cells);
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i].token = -1;
    struct json_value member = json_first(row);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        size_t column = find_column(member, last);
        if (column == COLUMNS)
            continue;
        cells[column] = member;
        last = column;
    }
}

static void write_cell(struct buffer *out, bool first, struct json_value cell,
    struct buffer *scratch)
{
    size_t length = 0;
    const char *raw = "";
    if (json_is(cell, JSON_STRING)) {
        buffer_clear(scratch);
        json_string(cell, scratch);
        raw = buffer_text(scratch);
        length = scratch->length;
        out->failed = out->failed || scratch->failed;
    } else if (json_is(cell, JSON_NUMBER)) {
        raw = json_raw(cell, &length);
    }
    csv_cell(out, first, raw, length);
}

void product_csv_row(struct buffer *out, struct json_value row)
{
    struct json_value cells[COLUMNS];
    struct buffer scratch = BUFFER_EMPTY;
    find_cells(row, cells);
    for (size_t i = 0; i < COLUMNS; i++)
        write_cell(out, i == 0, cells[i], &scratch);
    csv_end_row(out);
    buffer_free(&scratch);
}
