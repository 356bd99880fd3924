/* SPDX-License-Identifier: MIT */
#include "csv.h"

#include <limits.h>
#include <string.h>

/* What a byte may be, by the table below. */
enum {
    SEPARATES = 1,
    QUOTES = 2,
    ENDS = 4,   /* a NUL byte, which cannot stand as it is */
    STARTS = 8, /* perhaps a formula */
    BLANK = 16
};

/* By which of those that separate a table is told apart is a setting of the
 * spreadsheet's, and a line break ends a row wherever a cell is not seen to be
 * quoted. */
static const unsigned char kinds[UCHAR_MAX + 1] = {
    ['\0'] = ENDS,
    ['\t'] = SEPARATES,
    ['\n'] = SEPARATES,
    ['\r'] = SEPARATES,
    [' '] = BLANK,
    ['"'] = QUOTES,
    ['%'] = STARTS,
    ['+'] = STARTS,
    [','] = SEPARATES,
    ['-'] = STARTS,
    [';'] = SEPARATES,
    ['='] = STARTS,
    ['@'] = STARTS,
    ['|'] = SEPARATES | STARTS,
    [0xef] = STARTS,
};

static unsigned kind_of(char byte)
{
    return kinds[(unsigned char)byte];
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
    if ((kind_of(text[0]) & STARTS) == 0)
        return false;
    for (size_t i = 0; i < sizeof starters / sizeof starters[0]; i++) {
        size_t wanted = strlen(starters[i]);
        if (wanted <= length && memcmp(text, starters[i], wanted) == 0)
            return true;
    }
    return false;
}

/* All that its bytes are. */
static unsigned kinds_of(const char *text, size_t length)
{
    unsigned all = 0;
    for (size_t i = 0; i < length; i++)
        all |= kind_of(text[i]);
    return all;
}

/* Blanks at the ends are kept by the RFC, but cut by many a reader. */
static bool needs_quotes(const char *text, size_t length, unsigned all)
{
    return (all & (QUOTES | SEPARATES)) != 0 || text[0] == ' ' ||
           text[length - 1] == ' ';
}

/* Up to the next byte after which a cell may begin, or that cannot stand as it
 * is. */
static size_t plain_length(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && (kind_of(text[i]) & (QUOTES | ENDS | SEPARATES)) == 0)
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
        unsigned kind = kind_of(text[i]);
        if (begins && starts_formula(text + i, length - i))
            buffer_append_byte(out, '\'');
        begins = (kind & SEPARATES) != 0 ||
                 (begins && (kind & (BLANK | QUOTES)) != 0);
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
    unsigned all = kinds_of(text, length);
    bool quoted = needs_quotes(text, length, all);
    if (!quoted && (all & ~(unsigned)BLANK) == 0) {
        buffer_append(out, text, length);
        return;
    }
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
    size_t start = out->length;
    buffer_append(out, text, length);
    char *point = mark == '.' || out->failed
                      ? NULL
                      : memchr(out->data + start, '.', length);
    if (point != NULL)
        *point = mark;
}

void csv_end_row(struct buffer *out)
{
    buffer_append_text(out, "\r\n");
}
