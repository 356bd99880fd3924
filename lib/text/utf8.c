/* SPDX-License-Identifier: MIT */
#include "utf8.h"

#include <string.h>

/* One row of the table in RFC 3629 section 4: the range of the first byte, the
 * range of the second, and the whole length. Later bytes are 80..BF. */
struct form {
    unsigned char first_low, first_high, second_low, second_high;
    size_t length;
};

static const struct form forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3}, /* lower ones would be overlong */
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, /* higher ones are surrogates */
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, /* lower ones would be overlong */
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4}, /* higher ones are past U+10FFFF */
};

static const struct form *form_of(unsigned char first)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (first >= forms[i].first_low && first <= forms[i].first_high)
            return &forms[i];
    }
    return NULL;
}

bool utf8_character(const char *bytes, size_t length, size_t *used)
{
    *used = 0;
    if (length == 0)
        return false;
    unsigned char first = (unsigned char)bytes[0];
    const struct form *form = form_of(first);
    if (first >= 0x80 && form == NULL)
        return false;
    *used = 1;
    if (first < 0x80)
        return true;
    unsigned char low = form->second_low;
    unsigned char high = form->second_high;
    while (*used < form->length && *used < length) {
        unsigned char byte = (unsigned char)bytes[*used];
        if (byte < low || byte > high)
            return false;
        ++*used;
        low = 0x80;
        high = 0xBF;
    }
    return *used == form->length;
}

static size_t encoded_length(unsigned long code)
{
    if (code < 0x80)
        return 1;
    if (code < 0x800)
        return 2;
    return code < 0x10000 ? 3 : 4;
}

size_t utf8_encode(char out[4], unsigned long code)
{
    static const unsigned char marks[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    size_t length = encoded_length(code);
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(marks[length] | code);
    return length;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Bytes that the first `characters` characters take. */
static size_t prefix_length(const char *text, size_t length, size_t characters)
{
    size_t i = 0;
    while (i < length && characters > 0) {
        characters--;
        i++;
        while (i < length && is_continuation(text[i]))
            i++;
    }
    return i;
}

void utf8_append_cut(
    struct buffer *out, const char *text, size_t length, size_t most)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    if (prefix_length(text, length, most) == length) {
        buffer_append(out, text, length);
        return;
    }
    buffer_append(out, text, prefix_length(text, length, most - 1));
    buffer_append_text(out, ellipsis);
}

/* The code point of a whole character. */
static unsigned long code_of(const char *character, size_t length)
{
    static const unsigned char marks[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    unsigned long code = (unsigned char)character[0] ^ marks[length];
    for (size_t i = 1; i < length; i++)
        code = (code << 6) | ((unsigned char)character[i] & 0x3FU);
    return code;
}

static bool is_obeyed(const char *character, size_t length)
{
    static const struct {
        unsigned long first, last;
    } ranges[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F},
        {0x2028, 0x202E}, {0x2066, 0x2069}};
    unsigned long code = code_of(character, length);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

size_t utf8_visible(const char *text, size_t length)
{
    size_t i = 0;
    size_t used;
    while (i < length && utf8_character(text + i, length - i, &used) &&
           !is_obeyed(text + i, used))
        i += used;
    return i;
}

void utf8_append_visible(struct buffer *out, const char *text, size_t length)
{
    size_t i = 0;
    while (i < length) {
        size_t visible = utf8_visible(text + i, length - i);
        buffer_append(out, text + i, visible);
        i += visible;
        if (i < length)
            buffer_append_format(out, "\\%03o", (unsigned char)text[i++]);
    }
}

void utf8_hide(char *text, size_t length, char instead)
{
    for (size_t i = 0; i < length; i++) {
        i += utf8_visible(text + i, length - i);
        if (i < length)
            text[i] = instead;
    }
}

size_t utf8_mark(const char *text, size_t length)
{
    static const char mark[] = "\xEF\xBB\xBF";
    bool marked = length >= 3 && memcmp(text, mark, 3) == 0;
    return marked ? 3 : 0;
}

/* What a text may begin with that is not UTF-8, by a character for each byte:
 * 0, E and F stand for the bytes 00, FE and FF, and x for any other. */
struct beginning {
    const char *bytes;
    const char *phrase;
};

#define UTF16 "the text is UTF-16 instead of UTF-8"
#define UTF32 "the text is UTF-32 instead of UTF-8"

static const struct beginning beginnings[] = {
    {"FE00", UTF32},
    {"00EF", UTF32},
    {"x000", UTF32},
    {"000x", UTF32},
    {"FE", UTF16},
    {"EF", UTF16},
    {"x0x0", UTF16},
    {"0x0x", UTF16},
};

static char byte_class(unsigned char byte)
{
    if (byte == 0)
        return '0';
    if (byte < 0xFE)
        return 'x';
    return byte == 0xFE ? 'E' : 'F';
}

static bool begins_with(const char *text, size_t length, const char *bytes)
{
    size_t count = strlen(bytes);
    for (size_t i = 0; i < count; i++) {
        if (i == length || byte_class((unsigned char)text[i]) != bytes[i])
            return false;
    }
    return true;
}

const char *utf8_other(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (begins_with(text, length, beginnings[i].bytes))
            return beginnings[i].phrase;
    }
    return NULL;
}
