/* SPDX-License-Identifier: MIT */
#include "csv.h"

#include <string.h>

static bool holds_any(const char *text, size_t length, const char *bytes)
{
    for (; *bytes != '\0'; bytes++) {
        if (memchr(text, *bytes, length) != NULL)
            return true;
    }
    return false;
}

/* Blanks at the ends are kept by the RFC, but cut by many a reader. */
static bool needs_quotes(const char *text, size_t length)
{
    return holds_any(text, length, ",\"\r\n") || text[0] == ' ' ||
           text[length - 1] == ' ';
}

/* Up to the next byte that cannot stand as it is. */
static size_t plain_length(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && text[i] != '"' && text[i] != '\0')
        i++;
    return i;
}

static void append_inside(struct buffer *out, const char *text, size_t length)
{
    while (length > 0) {
        size_t plain = plain_length(text, length);
        buffer_append(out, text, plain);
        if (plain == length)
            return;
        buffer_append_text(out, text[plain] == '"' ? "\"\"" : "\xef\xbf\xbd");
        text += plain + 1;
        length -= plain + 1;
    }
}

void csv_cell(struct buffer *out, bool first, const char *text, size_t length)
{
    if (!first)
        buffer_append_byte(out, ',');
    if (length == 0)
        return;
    bool quoted = needs_quotes(text, length);
    if (quoted)
        buffer_append_byte(out, '"');
    if (holds_any(text, 1, "=+-@\t\r\n"))
        buffer_append_byte(out, '\'');
    append_inside(out, text, length);
    if (quoted)
        buffer_append_byte(out, '"');
}

void csv_end_row(struct buffer *out)
{
    buffer_append_text(out, "\r\n");
}
