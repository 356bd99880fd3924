/* SPDX-License-Identifier: MIT */
#include "catalog_table.h"

#include "clock.h"
#include "csv.h"
#include "fold.h"
#include "product.h"

#include <string.h>

enum cell_kind {
    CELL_TEXT,
    CELL_NUMBER,
    CELL_MOMENT,
    CELL_STATUS
};

struct column {
    const char *name;
    const char *french;
    const char *key; /* of the member in a line of the catalogue */
    enum cell_kind kind;
};

/* The first five are what the guides' table has. A first cell "ID" in capitals
 * would make Excel take the whole for a file of another kind (SYLK). */
static const struct column columns[] = {
    {"id", "id", "id", CELL_NUMBER},
    {"title", "titre", "title", CELL_TEXT},
    {"price", "prix", "price", CELL_NUMBER},
    {"brand", "marque", "brand", CELL_TEXT},
    {"size", "taille", "size", CELL_TEXT},
    {"currency", "devise", "currency", CELL_TEXT},
    {"condition", "\xc3\xa9tat", "condition", CELL_TEXT},
    {"status", "statut", "status", CELL_STATUS},
    {"url", "adresse", "url", CELL_TEXT},
    {"photo", "photo", "photo", CELL_TEXT},
    {"view_count", "vues", "view_count", CELL_NUMBER},
    {"favourite_count", "favoris", "favourite_count", CELL_NUMBER},
    {"message_count", "messages", "message_count", CELL_NUMBER},
    {"published_at", "publi\xc3\xa9 le (UTC)", "published_at", CELL_MOMENT},
    {"first_seen", "vu la premi\xc3\xa8re fois le (UTC)", "first_seen",
        CELL_MOMENT},
    {"last_seen", "vu la derni\xc3\xa8re fois le (UTC)", "seen_at",
        CELL_MOMENT},
    {"description", "description", "description", CELL_TEXT},
    {"twin_of", "en double avec", "twin_of", CELL_NUMBER},
};

enum {
    COLUMNS = sizeof columns / sizeof columns[0]
};

/* The states in the words of the page (www/app/french.js). */
static const char *const french_statuses[][2] = {
    {PRODUCT_ACTIVE, "en vente"},
    {PRODUCT_RESERVED, "r\xc3\xa9serv\xc3\xa9"},
    {PRODUCT_SOLD, "vendu"},
    {PRODUCT_HIDDEN, "masqu\xc3\xa9"},
    {PRODUCT_DRAFT, "brouillon"},
    {PRODUCT_CLOSED, "clos"},
    {PRODUCT_GONE, "disparu"},
    {PRODUCT_DELETED, "supprim\xc3\xa9"},
};

/* --- Forms --------------------------------------------------------------- */

struct catalog_table {
    char separator;
    char mark;  /* between a number's whole part and its fraction */
    bool sheet; /* with a byte order mark, and moments as spreadsheets read */
    bool french;
};

static const struct catalog_table plain = {',', '.', false, false};
static const struct catalog_table english = {',', '.', true, false};
static const struct catalog_table french = {';', ',', true, true};
/* Where the comma stands in numbers, spreadsheets separate by semicolons. */
static const struct catalog_table comma = {';', ',', true, false};

const struct catalog_table *const catalog_table_plain = &plain;

/* Those of the countries that Vinted is in, by ISO 639-1. */
static const struct {
    char language[3];
    const struct catalog_table *table;
} languages[] = {
    {"en", &english},
    {"fr", &french},
    {"bg", &comma},
    {"cs", &comma},
    {"da", &comma},
    {"de", &comma},
    {"el", &comma},
    {"es", &comma},
    {"et", &comma},
    {"fi", &comma},
    {"hr", &comma},
    {"hu", &comma},
    {"it", &comma},
    {"lt", &comma},
    {"lv", &comma},
    {"nb", &comma},
    {"nl", &comma},
    {"no", &comma},
    {"pl", &comma},
    {"pt", &comma},
    {"ro", &comma},
    {"sk", &comma},
    {"sl", &comma},
    {"sv", &comma},
};

static bool is_language(const char *locale, const char *language)
{
    size_t length = strcspn(locale, "-_");
    return length == strlen(language) && fold_holds(locale, length, language);
}

const struct catalog_table *catalog_table_find(const char *locale)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (is_language(locale, languages[i].language))
            return languages[i].table;
    }
    return NULL;
}

/* --- Rows ---------------------------------------------------------------- */

/* What stands before the cell of a column. */
static char before(const struct catalog_table *table, size_t column)
{
    return column == 0 ? '\0' : table->separator;
}

void catalog_table_head(struct buffer *out, const struct catalog_table *table)
{
    if (table->sheet)
        buffer_append_text(out, "\xef\xbb\xbf");
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *name = table->french ? columns[i].french : columns[i].name;
        csv_cell(out, before(table, i), name, strlen(name));
    }
    csv_end_row(out);
}

/* The column of a member, COLUMNS if it has none. The members of a line stand
 * much as the columns do, so the search begins at the one found last. */
static size_t find_column(const struct json_span *member, size_t last)
{
    for (size_t i = 1; i <= COLUMNS; i++) {
        size_t found = (last + i) % COLUMNS;
        if (json_span_has_key(member, columns[found].key))
            return found;
    }
    return COLUMNS;
}

static void find_cells(
    const struct json_spans *row, struct json_span cells[COLUMNS])
{
    size_t count;
    size_t last = COLUMNS - 1;
    const struct json_span *members = json_spans_all(row, &count);
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = (struct json_span){.text = ""};
    for (size_t i = 0; i < count; i++) {
        size_t column = find_column(&members[i], last);
        if (column == COLUMNS)
            continue;
        cells[column] = members[i];
        last = column;
    }
}

/* "2024-12-07 10:00:15": what spreadsheets of every language take for that
 * moment, whereas 07/12/2024 is July to some. False if it is none. */
static bool write_moment(
    struct buffer *out, char separator, const struct json_span *cell)
{
    char iso[CLOCK_ISO_LENGTH + 1];
    int64_t moment;
    if (json_span_type(cell) != JSON_STRING ||
        clock_parse_iso(cell->text + 1, cell->length - 2, &moment) !=
            ERROR_NONE)
        return false;
    clock_format_iso(iso, moment);
    iso[10] = ' ';
    csv_cell(out, separator, iso, 19);
    return true;
}

static bool write_status(
    struct buffer *out, char separator, const struct json_span *cell)
{
    for (size_t i = 0; i < sizeof french_statuses / sizeof *french_statuses;
        i++) {
        const char *const *row = french_statuses[i];
        if (strlen(row[0]) == cell->length &&
            memcmp(row[0], cell->text, cell->length) == 0) {
            csv_cell(out, separator, row[1], strlen(row[1]));
            return true;
        }
    }
    return false;
}

/* What a table writes in its own way. */
static bool write_styled(struct buffer *out, const struct catalog_table *table,
    size_t column, const struct json_span *cell)
{
    char separator = before(table, column);
    enum cell_kind kind = columns[column].kind;
    if (kind == CELL_MOMENT && table->sheet)
        return write_moment(out, separator, cell);
    return kind == CELL_STATUS && table->french &&
           write_status(out, separator, cell);
}

static void write_cell(struct buffer *out, const struct catalog_table *table,
    size_t column, const struct json_span *cell, struct buffer *scratch)
{
    char separator = before(table, column);
    if (write_styled(out, table, column, cell))
        return;
    size_t length;
    const char *text = json_span_text(cell, scratch, &length);
    if (columns[column].kind == CELL_NUMBER)
        csv_number(out, separator, table->mark, text, length);
    else
        csv_cell(out, separator, text, length);
    out->failed = out->failed || scratch->failed;
}

void catalog_table_row(struct buffer *out, const struct catalog_table *table,
    const struct json_spans *row, struct buffer *scratch)
{
    struct json_span cells[COLUMNS];
    find_cells(row, cells);
    for (size_t i = 0; i < COLUMNS; i++)
        write_cell(out, table, i, &cells[i], scratch);
    csv_end_row(out);
}
