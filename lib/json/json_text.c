/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include "utf8.h"

#include <string.h>

/* The four hexadecimal digits at `at`. */
static unsigned long hex_code(const char *at)
{
    unsigned long code = 0;
    for (int i = 0; i < 4; i++) {
        int lower = at[i] | 0x20; /* leaves digits as they are */
        int digit = lower <= '9' ? lower - '0' : lower - 'a' + 10;
        code = (code * 16) + (unsigned long)digit;
    }
    return code;
}

/* Decodes the escape whose `u` stands at `at`, with the second half of a
 * surrogate pair (RFC 8259 section 7), and returns where it ends. */
static const char *decode_unicode(const char *at, char out[4], size_t *length)
{
    unsigned long code = hex_code(at + 1);
    bool is_pair = code >= 0xD800 && code < 0xDC00;
    if (is_pair)
        code = 0x10000 + ((code & 0x3FF) << 10) + (hex_code(at + 7) & 0x3FF);
    *length = utf8_encode(out, code);
    return at + (is_pair ? 11 : 5);
}

/* Decodes the escape whose backslash stands at `at`. */
static const char *decode_escape(const char *at, char out[4], size_t *length)
{
    static const char names[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    at++;
    if (*at == 'u')
        return decode_unicode(at, out, length);
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

void json_text_append(struct buffer *out, const char *inside, size_t length)
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
            at = decode_escape(at, bytes, &count);
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

bool json_text_equals(const char *inside, size_t length, const char *text)
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
            at = decode_escape(at, bytes, &count);
            part = bytes;
        }
        if (!step_over(&text, text_end, part, count))
            return false;
    }
    return text == text_end;
}
