/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "pool.h"

#include <string.h>

enum {
    DEPTH_MAX = 100
};

struct reader {
    struct pool *pool;
    const char *at, *end;
    int depth;
};

static const struct value absent = {.kind = VALUE_ABSENT};

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL &&
           *reader->at != '\0')
        reader->at++;
}

static bool take(struct reader *reader, char byte)
{
    if (reader->at == reader->end || *reader->at != byte)
        return false;
    reader->at++;
    return true;
}

static bool take_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length ||
        memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static bool take_digits(struct reader *reader)
{
    const char *begin = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return reader->at > begin;
}

static bool take_number(struct reader *reader)
{
    take(reader, '-');
    if (!take(reader, '0') && !take_digits(reader))
        return false;
    if (take(reader, '.') && !take_digits(reader))
        return false;
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+'))
            take(reader, '-');
        return take_digits(reader);
    }
    return true;
}

static int hex_digit(char byte)
{
    const char *digits = "0123456789abcdef";
    char small = (char)(byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
    const char *found = small == '\0' ? NULL : strchr(digits, small);
    return found == NULL ? -1 : (int)(found - digits);
}

static bool take_escape(struct reader *reader)
{
    if (!take(reader, 'u')) {
        bool good = reader->at < reader->end && *reader->at != '\0' &&
                    strchr("\"\\/bfnrt", *reader->at) != NULL;
        reader->at += good;
        return good;
    }
    for (int i = 0; i < 4; i++, reader->at++) {
        if (reader->at == reader->end || hex_digit(*reader->at) < 0)
            return false;
    }
    return true;
}

/* Behind the first quote; `text` and `length` get what lies before the last. */
static bool take_string(
    struct reader *reader, const char **text, size_t *length)
{
    *text = reader->at;
    while (reader->at < reader->end && *reader->at != '"') {
        if ((unsigned char)*reader->at < ' ')
            return false;
        if (*reader->at++ == '\\' && !take_escape(reader))
            return false;
    }
    *length = (size_t)(reader->at - *text);
    return take(reader, '"');
}

static struct value *read_value(struct reader *reader);

static struct value *read_member(struct reader *reader)
{
    const char *name;
    size_t length;
    skip_blanks(reader);
    if (!take(reader, '"') || !take_string(reader, &name, &length))
        return NULL;
    skip_blanks(reader);
    if (!take(reader, ':'))
        return NULL;
    struct value *value = read_value(reader);
    if (value != NULL) {
        value->name = name;
        value->name_length = length;
    }
    return value;
}

static bool read_elements(
    struct reader *reader, struct value *parent, char closing)
{
    struct value **end = &parent->first;
    skip_blanks(reader);
    if (take(reader, closing))
        return true;
    do {
        *end = parent->kind == VALUE_OBJECT ? read_member(reader)
                                            : read_value(reader);
        if (*end == NULL)
            return false;
        end = &(*end)->next;
        skip_blanks(reader);
    } while (take(reader, ','));
    return take(reader, closing);
}

static bool read_into(struct reader *reader, struct value *value)
{
    if (take(reader, '"')) {
        value->kind = VALUE_STRING;
        return take_string(reader, &value->text, &value->length);
    }
    if (take(reader, '{')) {
        value->kind = VALUE_OBJECT;
        return read_elements(reader, value, '}');
    }
    if (take(reader, '[')) {
        value->kind = VALUE_ARRAY;
        return read_elements(reader, value, ']');
    }
    static const char *const words[] = {
        [VALUE_NULL] = "null", [VALUE_FALSE] = "false", [VALUE_TRUE] = "true"};
    for (int i = VALUE_NULL; i <= VALUE_TRUE; i++) {
        value->kind = (enum value_kind)i;
        if (take_word(reader, words[i]))
            return true;
    }
    value->kind = VALUE_NUMBER;
    return take_number(reader);
}

static struct value *read_value(struct reader *reader)
{
    skip_blanks(reader);
    struct value *value = pool_take(reader->pool, sizeof *value);
    const char *begin = reader->at;
    if (++reader->depth > DEPTH_MAX || !read_into(reader, value))
        return NULL;
    reader->depth--;
    if (value->kind != VALUE_STRING) {
        value->text = begin;
        value->length = (size_t)(reader->at - begin);
    }
    return value;
}

const struct value *value_read(
    struct pool *pool, const char *text, size_t length)
{
    if (text == NULL)
        return NULL;
    struct reader reader = {pool, text, text + length, 0};
    const struct value *value = read_value(&reader);
    skip_blanks(&reader);
    return reader.at == reader.end ? value : NULL;
}

const struct value *value_member(const struct value *object, const char *name)
{
    if (object == NULL || object->kind != VALUE_OBJECT)
        return &absent;
    for (const struct value *at = object->first; at != NULL; at = at->next) {
        if (at->name_length == strlen(name) &&
            memcmp(at->name, name, at->name_length) == 0)
            return at;
    }
    return &absent;
}

bool value_is_given(const struct value *value)
{
    return value->kind != VALUE_ABSENT && value->kind != VALUE_NULL;
}

bool value_is_text(const struct value *value, const char *text)
{
    return value->kind == VALUE_STRING && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

int64_t value_number(const struct value *value, int64_t other)
{
    if (value->kind != VALUE_NUMBER || value->length > 18)
        return other;
    int64_t number = 0;
    size_t i = *value->text == '-';
    for (; i < value->length; i++) {
        if (value->text[i] < '0' || value->text[i] > '9')
            return other;
        number = (number * 10) + (value->text[i] - '0');
    }
    return *value->text == '-' ? -number : number;
}

/* --- Strings -------------------------------------------------------------- */

static size_t put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    size_t length = 2;
    length += code >= 0x800;
    length += code >= 0x10000;
    for (size_t i = length; --i > 0; code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)((0xf00U >> length) | code);
    return length;
}

static uint32_t hex_four(const char *text)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++)
        code = (code << 4) | (uint32_t)hex_digit(text[i]);
    return code;
}

static bool is_between(uint32_t code, uint32_t from, uint32_t to)
{
    return code >= from && code <= to;
}

/* Behind "\u": the four digits, and the second half of a pair. A half that
 * stands alone is U+FFFD. */
static uint32_t read_code(const char **at, const char *end)
{
    uint32_t code = hex_four(*at);
    *at += 4;
    if (!is_between(code, 0xd800, 0xdfff))
        return code;
    if (code < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' &&
        (*at)[1] == 'u' && is_between(hex_four(*at + 2), 0xdc00, 0xdfff)) {
        code = 0x10000 + ((code - 0xd800) << 10) + hex_four(*at + 2) - 0xdc00;
        *at += 6;
        return code;
    }
    return 0xfffd;
}

/* One character: its bytes go to `to`, which has room for four. */
static size_t read_character(const char **at, const char *end, char *to)
{
    static const char escapes[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    char byte = *(*at)++;
    if (byte != '\\') {
        *to = byte;
        return 1;
    }
    byte = *(*at)++;
    if (byte == 'u')
        return put_utf8(to, read_code(at, end));
    const char *found = strchr(escapes, byte);
    *to = found == NULL ? byte : meanings[found - escapes];
    return 1;
}

const char *value_string(struct pool *pool, const struct value *value)
{
    if (value->kind != VALUE_STRING)
        return NULL;
    char *text = pool_take(pool, value->length + 1);
    size_t length = 0;
    const char *end = value->text + value->length;
    for (const char *at = value->text; at < end;)
        length += read_character(&at, end, text + length);
    return text;
}

/* --- Digests -------------------------------------------------------------- */

uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    if (digest == 0)
        digest = 0xcbf29ce484222325U;
    for (size_t i = 0; i < length; i++)
        digest = (digest ^ at[i]) * 0x100000001b3U;
    digest ^= digest >> 29;
    return digest == 0 ? 1 : digest;
}

uint64_t digest_file(const char *bytes, size_t length)
{
    while (length > 0 && bytes[length - 1] == '\n')
        length--;
    return digest_bytes(0, bytes, length);
}

uint64_t digest_text(const char *text)
{
    return text == NULL || *text == '\0' ? 0
                                         : digest_bytes(0, text, strlen(text));
}

static uint64_t digest_string(uint64_t digest, const char *text, size_t length)
{
    char bytes[4];
    for (const char *at = text; at < text + length;) {
        size_t count = read_character(&at, text + length, bytes);
        for (size_t i = 0; i < count; i++) /* as if it were not escaped */
            digest = digest_bytes(digest, bytes + i, 1);
    }
    return digest_bytes(digest, "\"", 1);
}

uint64_t value_digest(const struct value *value)
{
    uint64_t digest = digest_bytes(0, &value->kind, sizeof value->kind);
    if (value->kind == VALUE_STRING)
        return digest_string(digest, value->text, value->length);
    if (value->kind == VALUE_NUMBER)
        return digest_bytes(digest, value->text, value->length);
    for (const struct value *at = value->first; at != NULL; at = at->next) {
        uint64_t inner = value_digest(at);
        if (value->kind == VALUE_OBJECT)
            digest = digest_string(digest, at->name, at->name_length);
        digest = digest_bytes(digest, &inner, sizeof inner);
    }
    return digest;
}
