/* SPDX-License-Identifier: MIT */
#include "json_write.h"

#include "clock.h"
#include "utf8.h"

#include <string.h>

static void write_escape(struct buffer *out, unsigned char byte)
{
    static const char bytes[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    const char *short_form = memchr(bytes, byte, sizeof bytes - 1);
    if (short_form == NULL) {
        buffer_append_format(out, "\\u%04x", byte);
        return;
    }
    char escape[2] = {'\\', names[short_form - bytes]};
    buffer_append(out, escape, sizeof escape);
}

/* How many bytes from here on may stand in a string as they are. */
static size_t plain_length(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length) {
        unsigned char byte = (unsigned char)bytes[at];
        size_t used = 1;
        if (byte < ' ' || byte == '"' || byte == '\\')
            break;
        if (byte >= 0x80 && !utf8_character(bytes + at, length - at, &used))
            break;
        at += used;
    }
    return at;
}

/* Writes what plain_length stopped at and returns how many bytes that was. Of
 * a broken character, the part that could have begun one becomes a single
 * U+FFFD (Unicode 15 section 3.9, "substitution of maximal subparts"). */
static size_t write_special(
    struct buffer *out, const char *bytes, size_t length)
{
    unsigned char byte = (unsigned char)bytes[0];
    if (byte < 0x80) {
        write_escape(out, byte);
        return 1;
    }
    size_t used;
    utf8_character(bytes, length, &used);
    buffer_append_text(out, "\xEF\xBF\xBD");
    return used == 0 ? 1 : used;
}

void json_write_string(struct buffer *out, const char *bytes, size_t length)
{
    buffer_append_byte(out, '"');
    while (length > 0) {
        size_t used = plain_length(bytes, length);
        buffer_append(out, bytes, used);
        if (used < length)
            used += write_special(out, bytes + used, length - used);
        bytes += used;
        length -= used;
    }
    buffer_append_byte(out, '"');
}

void json_write_text(struct buffer *out, const char *text)
{
    if (text == NULL)
        buffer_append_text(out, "null");
    else
        json_write_string(out, text, strlen(text));
}

void json_write_integer(struct buffer *out, int64_t number)
{
    buffer_append_integer(out, number);
}

void json_write_raw(struct buffer *out, const char *json, size_t length)
{
    buffer_append(out, json, length);
}

void json_member_key(struct buffer *out, const char *key)
{
    if (out->length > 0 && out->data[out->length - 1] != '{')
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '"');
    buffer_append_text(out, key);
    buffer_append_text(out, "\":");
}

void json_member_text(struct buffer *out, const char *key, const char *text)
{
    json_member_key(out, key);
    json_write_text(out, text);
}

void json_member_string(
    struct buffer *out, const char *key, const char *bytes, size_t length)
{
    json_member_key(out, key);
    json_write_string(out, bytes, length);
}

void json_member_integer(struct buffer *out, const char *key, int64_t number)
{
    json_member_key(out, key);
    json_write_integer(out, number);
}

void json_member_raw(
    struct buffer *out, const char *key, const char *json, size_t length)
{
    json_member_key(out, key);
    json_write_raw(out, json, length);
}

void json_member_moment(struct buffer *out, const char *key, int64_t moment)
{
    char text[CLOCK_ISO_LENGTH + 1];
    clock_format_iso(text, moment);
    json_member_string(out, key, text, CLOCK_ISO_LENGTH);
}

void json_member_null(struct buffer *out, const char *key)
{
    json_member_key(out, key);
    buffer_append_text(out, "null");
}

void json_member_boolean(struct buffer *out, const char *key, int truth)
{
    json_member_key(out, key);
    buffer_append_text(out, truth ? "true" : "false");
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* The end of the string that begins at `at`, behind its quote. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        if (*at == '\\' && end - at > 1)
            at++;
    }
    return at < end ? at + 1 : end;
}

void json_write_compact(struct buffer *out, const char *json, size_t length)
{
    const char *end = json + length;
    while (json < end) {
        while (json < end && is_space(*json))
            json++;
        const char *start = json;
        while (json < end && !is_space(*json))
            json = *json == '"' ? string_end(json, end) : json + 1;
        buffer_append(out, start, (size_t)(json - start));
    }
}
