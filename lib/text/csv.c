/* SPDX-License-Identifier: MIT */
#include "csv.h"

#include <string.h>

/* By which of them a table is told apart is a setting of the spreadsheet's,
 * and a line break ends a row wherever a cell is not seen to be quoted. */
static bool separates(char byte)
{
    return byte == ',' || byte == ';' || byte == '\t' || byte == '|' ||
           byte == '\r' || byte == '\n';
}

/* What a spreadsheet takes for the beginning of a formula (OWASP, "CSV
 * Injection"), also in the full width of East Asian keyboards. */
static const char *const starters[] = {
    "=", "+", "-", "@", "|", "%", "\xef\xbc\x9d", /* ＝ */
    "\xef\xbc\x8b",                               /* ＋ */
    "\xef\xbc\x8d",                               /* － */
    "\xef\xbc\xa0",                               /* ＠ */
    "\xef\xbd\x9c",                               /* ｜ */
    "\xef\xbc\x85",                               /* ％ */
};

static bool starts_formula(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof starters / sizeof starters[0]; i++) {
        size_t wanted = strlen(starters[i]);
        if (wanted <= length && memcmp(text, starters[i], wanted) == 0)
            return true;
    }
    return false;
}

/* Blanks at the ends are kept by the RFC, but cut by many a reader. */
static bool needs_quotes(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || separates(text[i]))
            return true;
    }
    return text[0] == ' ' || text[length - 1] == ' ';
}

/* Up to the next byte after which a cell may begin, or that cannot stand as it
 * is. */
static size_t plain_length(const char *text, size_t length)
{
    size_t i = 0;
    while (
        i < length && text[i] != '"' && text[i] != '\0' && !separates(text[i]))
        i++;
    return i;
}

static void append_byte(struct buffer *out, char byte)
{
    if (byte == '"')
        buffer_append_byte(out, byte);
    if (byte == '\0')
        buffer_append_text(out, "\xef\xbf\xbd");
    else
        buffer_append_byte(out, byte);
}

/* A cell begins at first and behind each separator, for whoever tells cells
 * apart by another one than we do. Quotes within ours are no quotes to them,
 * and blanks before a formula are passed over by some. */
static void append_inside(struct buffer *out, const char *text, size_t length)
{
    bool begins = true;
    for (size_t i = 0; i < length;) {
        if (begins && starts_formula(text + i, length - i))
            buffer_append_byte(out, '\'');
        begins = separates(text[i]) ||
                 (begins && (text[i] == ' ' || text[i] == '"'));
        append_byte(out, text[i++]);
        size_t plain = begins ? 0 : plain_length(text + i, length - i);
        buffer_append(out, text + i, plain);
        i += plain;
    }
}

static void separate(struct buffer *out, char separator)
{
    if (separator != '\0')
        buffer_append_byte(out, separator);
}

void csv_cell(
    struct buffer *out, char separator, const char *text, size_t length)
{
    separate(out, separator);
    if (length == 0)
        return;
    bool quoted = needs_quotes(text, length);
    if (quoted)
        buffer_append_byte(out, '"');
    if (text[0] == '\t' || text[0] == '\r' || text[0] == '\n')
        buffer_append_byte(out, '\'');
    append_inside(out, text, length);
    if (quoted)
        buffer_append_byte(out, '"');
}

/* Digits, and perhaps one point and digits behind it. */
static bool is_number(const char *text, size_t length)
{
    size_t points = 0;
    for (size_t i = 0; i < length; i++) {
        bool point = text[i] == '.' && i > 0 && i + 1 < length;
        points += point;
        if (!point && (text[i] < '0' || text[i] > '9'))
            return false;
    }
    return length > 0 && points <= 1;
}

void csv_number(struct buffer *out, char separator, char mark, const char *text,
    size_t length)
{
    if (!is_number(text, length)) {
        csv_cell(out, separator, text, length);
        return;
    }
    separate(out, separator);
    for (size_t i = 0; i < length; i++)
        buffer_append_byte(out, text[i] == '.' ? mark : text[i]);
}

void csv_end_row(struct buffer *out)
{
    buffer_append_text(out, "\r\n");
}
