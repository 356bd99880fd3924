/* SPDX-License-Identifier: MIT */
#include "json_string.h"

#include "buffer.h"
#include "utf8.h"

#include <string.h>

/* The four hexadecimal digits at `at`; 0 if the text ends before them. */
static unsigned long hex_code(const char *at, const char *end)
{
    static const char digits[] = "0123456789abcdef";
    unsigned long code = 0;
    if (end - at < 4)
        return 0;
    for (int i = 0; i < 4; i++) {
        int lower = at[i] | 0x20; /* leaves digits as they are */
        const char *digit = memchr(digits, lower, 16);
        code =
            (code * 16) + (digit == NULL ? 0 : (unsigned long)(digit - digits));
    }
    return code;
}

/* Decodes the escape whose `u` stands at `at`, with the second half of a
 * surrogate pair (RFC 8259 section 7), and returns where it ends. */
static const char *decode_unicode(
    const char *at, const char *end, char out[4], size_t *length)
{
    unsigned long code = hex_code(at + 1, end);
    size_t used = 5;
    if (code >= 0xD800 && code < 0xDC00) {
        unsigned long low = end - at > 7 ? hex_code(at + 7, end) : 0;
        code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
        used = 11;
    }
    *length = utf8_encode(out, code);
    return (size_t)(end - at) < used ? end : at + used;
}

/* Decodes the escape whose backslash stands at `at`. */
static const char *decode_escape(
    const char *at, const char *end, char out[4], size_t *length)
{
    static const char names[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    at++;
    *length = 0;
    if (at == end)
        return end;
    if (*at == 'u')
        return decode_unicode(at, end, out, length);
    const char *name = memchr(names, *at, sizeof names - 1);
    out[0] = name == NULL ? *at : meanings[name - names];
    *length = 1;
    return at + 1;
}

/* The bytes before the next backslash stand for themselves. */
static size_t plain_length(const char *at, const char *end)
{
    const char *backslash = memchr(at, '\\', (size_t)(end - at));
    return (size_t)((backslash == NULL ? end : backslash) - at);
}

void json_string_decode(struct buffer *out, const char *inside, size_t length)
{
    const char *at = inside;
    const char *end = inside + length;
    while (at < end) {
        size_t plain = plain_length(at, end);
        buffer_append(out, at, plain);
        at += plain;
        if (at < end) {
            char bytes[4];
            size_t count;
            at = decode_escape(at, end, bytes, &count);
            buffer_append(out, bytes, count);
        }
    }
}

/* Steps over `length` bytes of *text if they are these. */
static bool step_over(
    const char **text, const char *text_end, const char *bytes, size_t length)
{
    if ((size_t)(text_end - *text) < length ||
        memcmp(*text, bytes, length) != 0)
        return false;
    *text += length;
    return true;
}

bool json_string_matches(const char *inside, size_t length, const char *text)
{
    const char *at = inside;
    const char *end = inside + length;
    const char *text_end = text + strlen(text);
    while (at < end) {
        char bytes[4];
        const char *part = at;
        size_t count = plain_length(at, end);
        if (count > 0) {
            at += count;
        } else {
            at = decode_escape(at, end, bytes, &count);
            part = bytes;
        }
        if (!step_over(&text, text_end, part, count))
            return false;
    }
    return text == text_end;
}
