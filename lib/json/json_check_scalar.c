/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "json_reader.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

bool json_fail(struct json_reader *reader, enum error error, const char *reason)
{
    reader->error = error;
    reader->reason = reason;
    return false;
}

bool json_fail_syntax(struct json_reader *reader, const char *reason)
{
    if (reader->at == reader->end)
        reason = "the text ends too early";
    return json_fail(reader, ERROR_SYNTAX, reason);
}

bool json_check_word(struct json_reader *reader, const char *word)
{
    for (; *word != '\0'; word++) {
        if (!json_take(reader, *word))
            return json_fail_syntax(reader, "an unknown word");
    }
    return true;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool check_digits(struct json_reader *reader)
{
    if (!is_digit(json_peek(reader)))
        return json_fail_syntax(reader, "a digit is missing");
    while (is_digit(json_peek(reader)))
        reader->at++;
    return true;
}

/* Grammar of RFC 8259 section 6: no digit may follow a leading zero. */
bool json_check_number(struct json_reader *reader)
{
    json_take(reader, '-');
    if (!json_take(reader, '0') && !check_digits(reader))
        return false;
    if (json_take(reader, '.') && !check_digits(reader))
        return false;
    if (!json_take(reader, 'e') && !json_take(reader, 'E'))
        return true;
    if (!json_take(reader, '+'))
        json_take(reader, '-');
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
    struct json_reader *reader, int lowest, int highest, int *digit)
{
    *digit = hex_value(json_peek(reader));
    if (*digit < 0)
        return json_fail_syntax(reader, "a hexadecimal digit is missing");
    if (*digit < lowest || *digit > highest)
        return json_fail_syntax(reader, "half of a surrogate pair");
    reader->at++;
    return true;
}

/* The rest of an escape after \uD800..\uDBFF: \uDC00..\uDFFF must follow. */
static bool check_low_surrogate(struct json_reader *reader)
{
    int digit;
    if (!json_take(reader, '\\') || !json_take(reader, 'u'))
        return json_fail_syntax(reader, "half of a surrogate pair");
    return check_hex(reader, 0xD, 0xD, &digit) &&
           check_hex(reader, 0xC, 0xF, &digit) &&
           check_hex(reader, 0, 0xF, &digit) &&
           check_hex(reader, 0, 0xF, &digit);
}

static bool check_unicode_escape(struct json_reader *reader)
{
    int first, second, digit;
    if (!check_hex(reader, 0, 0xF, &first) ||
        !check_hex(reader, 0, first == 0xD ? 0xB : 0xF, &second) ||
        !check_hex(reader, 0, 0xF, &digit) ||
        !check_hex(reader, 0, 0xF, &digit))
        return false;
    return first != 0xD || second < 8 || check_low_surrogate(reader);
}

static bool check_escape(struct json_reader *reader)
{
    reader->at++;
    int byte = json_peek(reader);
    if (byte <= 0 || strchr("\"\\/bfnrtu", byte) == NULL)
        return json_fail_syntax(reader, "an unknown escape");
    reader->at++;
    return byte != 'u' || check_unicode_escape(reader);
}

static bool check_utf8(struct json_reader *reader)
{
    size_t used;
    bool whole =
        utf8_character(reader->at, (size_t)(reader->end - reader->at), &used);
    reader->at += used;
    return whole || json_fail_syntax(reader, "not UTF-8");
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

static void skip_plain(struct json_reader *reader)
{
    const char *at = reader->at;
    while (reader->end - at >= 8 && is_plain_word(at))
        at += 8;
    while (at < reader->end && is_plain(*at))
        at++;
    reader->at = at;
}

bool json_check_string(struct json_reader *reader)
{
    reader->at++;
    for (;;) {
        skip_plain(reader);
        int byte = json_peek(reader);
        if (json_take(reader, '"'))
            return true;
        if (byte < ' ')
            return json_fail_syntax(reader, "a control character in a string");
        if (byte == '\\' ? !check_escape(reader) : !check_utf8(reader))
            return false;
    }
}
