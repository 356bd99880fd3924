/* SPDX-License-Identifier: MIT */
#include "json_check.h"

#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* A place in a text. Each check begins at the first byte of what it checks,
 * leaves `at` behind its last, and after a false leaves it at the first byte
 * that no valid text could have there: that is the offset of the fault. */
struct reader {
    const char *at;
    const char *end;
    size_t values;
    size_t values_max;
    bool takes_halves;
    int depth;
    int depth_max;
    json_meet_member *meet; /* NULL: nobody wants to know */
    void *context;
    enum error error;
    const char *reason;
};

/* Both return false. Past the end of the text every syntax error has the same
 * reason, whatever is passed. */
static bool fail(struct reader *reader, enum error error, const char *reason)
{
    reader->error = error;
    reader->reason = reason;
    return false;
}

static bool fail_syntax(struct reader *reader, const char *reason)
{
    if (reader->at == reader->end)
        reason = "the text ends too early";
    return fail(reader, ERROR_SYNTAX, reason);
}

/* The next byte, or -1 at the end. */
static int peek(const struct reader *reader)
{
    return reader->at < reader->end ? (unsigned char)*reader->at : -1;
}

/* Steps over the next byte if it is this one. */
static bool take(struct reader *reader, int byte)
{
    if (peek(reader) != byte)
        return false;
    reader->at++;
    return true;
}

static bool check_word(struct reader *reader, const char *word)
{
    for (; *word != '\0'; word++) {
        if (!take(reader, *word))
            return fail_syntax(reader, "an unknown word");
    }
    return true;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool check_digits(struct reader *reader)
{
    if (!is_digit(peek(reader)))
        return fail_syntax(reader, "a digit is missing");
    while (is_digit(peek(reader)))
        reader->at++;
    return true;
}

/* Grammar of RFC 8259 section 6: no digit may follow a leading zero. */
static bool check_number(struct reader *reader)
{
    take(reader, '-');
    if (!take(reader, '0') && !check_digits(reader))
        return false;
    if (take(reader, '.') && !check_digits(reader))
        return false;
    if (!take(reader, 'e') && !take(reader, 'E'))
        return true;
    if (!take(reader, '+'))
        take(reader, '-');
    return check_digits(reader);
}

static int hex_value(int byte)
{
    if (is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* One hexadecimal digit; *digit receives its value. */
static bool check_hex(
    struct reader *reader, int lowest, int highest, int *digit)
{
    *digit = hex_value(peek(reader));
    if (*digit < 0)
        return fail_syntax(reader, "a hexadecimal digit is missing");
    if (*digit < lowest || *digit > highest)
        return fail_syntax(reader, "half of a surrogate pair");
    reader->at++;
    return true;
}

/* The rest of an escape after \uD800..\uDBFF: \uDC00..\uDFFF must follow. */
static bool check_low_surrogate(struct reader *reader)
{
    int digit;
    if (!take(reader, '\\') || !take(reader, 'u'))
        return fail_syntax(reader, "half of a surrogate pair");
    return check_hex(reader, 0xD, 0xD, &digit) &&
           check_hex(reader, 0xC, 0xF, &digit) &&
           check_hex(reader, 0, 0xF, &digit) &&
           check_hex(reader, 0, 0xF, &digit);
}

static bool check_any_code(struct reader *reader)
{
    int digit;
    int left = 4;
    while (left > 0 && check_hex(reader, 0, 0xF, &digit))
        left--;
    return left == 0;
}

static bool check_unicode_escape(struct reader *reader)
{
    int first, second, digit;
    if (reader->takes_halves)
        return check_any_code(reader);
    if (!check_hex(reader, 0, 0xF, &first) ||
        !check_hex(reader, 0, first == 0xD ? 0xB : 0xF, &second) ||
        !check_hex(reader, 0, 0xF, &digit) ||
        !check_hex(reader, 0, 0xF, &digit))
        return false;
    return first != 0xD || second < 8 || check_low_surrogate(reader);
}

static bool check_escape(struct reader *reader)
{
    reader->at++;
    int byte = peek(reader);
    if (byte <= 0 || strchr("\"\\/bfnrtu", byte) == NULL)
        return fail_syntax(reader, "an unknown escape");
    reader->at++;
    return byte != 'u' || check_unicode_escape(reader);
}

static bool check_utf8(struct reader *reader)
{
    size_t used;
    bool whole =
        utf8_character(reader->at, (size_t)(reader->end - reader->at), &used);
    reader->at += used;
    return whole || fail_syntax(reader, "not UTF-8");
}

/* Whether none of eight bytes is a quote, a backslash, a control character or
 * beyond ASCII. Subtracting from every byte at once sets the top bit of one
 * that was too small; a borrow can only come out of such a byte, and a top bit
 * that was already set ends the run as well. */
static bool is_plain_word(const char *bytes)
{
    static const uint64_t each = 0x0101010101010101;
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    uint64_t stops = word | (word - each * ' ') |
                     ((word ^ (each * '"')) - each) |
                     ((word ^ (each * '\\')) - each);
    return (stops & (each * 0x80)) == 0;
}

static bool is_plain(char byte)
{
    unsigned char code = (unsigned char)byte;
    return code >= ' ' && code < 0x80 && code != '"' && code != '\\';
}

static void skip_plain(struct reader *reader)
{
    const char *at = reader->at;
    while (reader->end - at >= 8 && is_plain_word(at))
        at += 8;
    while (at < reader->end && is_plain(*at))
        at++;
    reader->at = at;
}

static bool check_string(struct reader *reader)
{
    reader->at++;
    for (;;) {
        skip_plain(reader);
        int byte = peek(reader);
        if (take(reader, '"'))
            return true;
        if (byte < ' ')
            return fail_syntax(reader, "a control character in a string");
        if (byte == '\\' ? !check_escape(reader) : !check_utf8(reader))
            return false;
    }
}

static bool check_value(struct reader *reader);

static void skip_space(struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    reader->at = at;
}

static bool count_value(struct reader *reader)
{
    if (reader->values == reader->values_max)
        return fail(reader, ERROR_TOO_LARGE, "too many values");
    reader->values++;
    return true;
}

/* Goes one level down, past the opening bracket. */
static bool enter(struct reader *reader)
{
    if (reader->depth == reader->depth_max)
        return fail(reader, ERROR_TOO_LARGE, "nested too deeply");
    reader->depth++;
    reader->at++;
    skip_space(reader);
    return true;
}

static bool leave(struct reader *reader)
{
    reader->depth--;
    return true;
}

static bool check_array(struct reader *reader)
{
    if (!enter(reader))
        return false;
    if (take(reader, ']'))
        return leave(reader);
    for (;;) {
        if (!check_value(reader))
            return false;
        skip_space(reader);
        if (take(reader, ']'))
            return leave(reader);
        if (!take(reader, ','))
            return fail_syntax(reader, "a comma or ] is missing");
        skip_space(reader);
    }
}

/* What was met between these places. */
static void tell(const struct reader *reader, const char *key,
    const char *key_end, const char *text)
{
    if (reader->depth == 1 && reader->meet != NULL)
        reader->meet(reader->context,
            &(struct json_span){key + 1, (size_t)(key_end - key) - 2, text,
                (size_t)(reader->at - text)});
}

static bool check_member(struct reader *reader)
{
    const char *key = reader->at;
    if (peek(reader) != '"')
        return fail_syntax(reader, "a key in quotes is missing");
    if (!count_value(reader) || !check_string(reader))
        return false;
    const char *key_end = reader->at;
    skip_space(reader);
    if (!take(reader, ':'))
        return fail_syntax(reader, "a colon is missing");
    skip_space(reader);
    const char *text = reader->at;
    if (!check_value(reader))
        return false;
    tell(reader, key, key_end, text);
    return true;
}

static bool check_object(struct reader *reader)
{
    if (!enter(reader))
        return false;
    if (take(reader, '}'))
        return leave(reader);
    for (;;) {
        if (!check_member(reader))
            return false;
        skip_space(reader);
        if (take(reader, '}'))
            return leave(reader);
        if (!take(reader, ','))
            return fail_syntax(reader, "a comma or } is missing");
        skip_space(reader);
    }
}

/* Calls itself through arrays and objects, depth_max deep at most. */
static bool check_value(struct reader *reader)
{
    if (!count_value(reader))
        return false;
    int byte = peek(reader);
    switch (byte) {
    case '{':
        return check_object(reader);
    case '[':
        return check_array(reader);
    case '"':
        return check_string(reader);
    case 't':
        return check_word(reader, "true");
    case 'f':
        return check_word(reader, "false");
    case 'n':
        return check_word(reader, "null");
    default:
        if (byte != '-' && (byte < '0' || byte > '9'))
            return fail_syntax(reader, "a value is missing");
        return check_number(reader);
    }
}

static bool check_text(struct reader *reader)
{
    skip_space(reader);
    if (!check_value(reader))
        return false;
    skip_space(reader);
    return reader->at == reader->end ||
           fail_syntax(reader, "more text after the value");
}

static const struct reader outside = {
    .values_max = JSON_VALUES_MAX, .depth_max = JSON_DEPTH_MAX};
static const struct reader ours = {
    .values_max = SIZE_MAX, .depth_max = JSON_OWN_DEPTH_MAX};

static enum error check(struct reader reader, const char *text, size_t length,
    size_t *values, struct json_fault *fault)
{
    if (length > STORED_MOST) {
        *fault = (struct json_fault){STORED_MOST, "the text is too long"};
        return ERROR_TOO_LARGE;
    }
    reader.at = text;
    reader.end = text + length;
    if (!check_text(&reader)) {
        const char *other = utf8_other(text, length);
        *fault = (struct json_fault){(size_t)(reader.at - text), reader.reason};
        if (other != NULL)
            *fault = (struct json_fault){0, other};
        return reader.error;
    }
    *values = reader.values;
    return ERROR_NONE;
}

enum error json_check(
    const char *text, size_t length, size_t *values, struct json_fault *fault)
{
    return check(outside, text, length, values, fault);
}

enum error json_check_own(
    const char *text, size_t length, size_t *values, struct json_fault *fault)
{
    return check(ours, text, length, values, fault);
}

enum error json_check_members(const char *text, size_t length,
    json_meet_member *meet, void *context, struct json_fault *fault)
{
    size_t values;
    struct reader reader = outside;
    reader.meet = meet;
    reader.context = context;
    return check(reader, text, length, &values, fault);
}

enum error json_check_grammar(const char *text, size_t length, bool own,
    size_t *values, struct json_fault *fault)
{
    struct reader reader = own ? ours : outside;
    reader.takes_halves = true;
    return check(reader, text, length, values, fault);
}
