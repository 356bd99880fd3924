/* SPDX-License-Identifier: MIT */
/* What of json.h concerns values that hold no others. */
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "json_string.h"

#include <stddef.h>
#include <stdint.h>

/* Counts downwards, because INT64_MIN has no positive counterpart. */
static enum error parse_integer(
    const char *digits, const char *end, bool negative, int64_t *out)
{
    int64_t number = 0;
    bool fits = true;
    for (; digits < end; digits++) {
        if (*digits < '0' || *digits > '9')
            return ERROR_TYPE;
        int digit = *digits - '0';
        fits = fits && number >= (INT64_MIN + digit) / 10;
        if (fits)
            number = (number * 10) - digit;
    }
    if (!fits || (!negative && number == INT64_MIN))
        return ERROR_RANGE;
    *out = negative ? number : -number;
    return ERROR_NONE;
}

enum error json_integer(struct json_value value, int64_t *out)
{
    if (!json_is(value, JSON_NUMBER))
        return ERROR_TYPE;
    size_t length;
    const char *text = json_raw(value, &length);
    bool negative = text[0] == '-';
    return parse_integer(text + negative, text + length, negative, out);
}

enum error json_boolean(struct json_value value, bool *out)
{
    if (!json_is(value, JSON_BOOLEAN))
        return ERROR_TYPE;
    size_t length;
    *out = json_raw(value, &length)[0] == 't';
    return ERROR_NONE;
}

enum error json_string(struct json_value value, struct buffer *out)
{
    if (!json_is(value, JSON_STRING))
        return ERROR_TYPE;
    size_t length;
    const char *text = json_raw(value, &length);
    json_string_decode(out, text + 1, length - 2);
    return ERROR_NONE;
}

bool json_string_equals(struct json_value value, const char *text)
{
    if (!json_is(value, JSON_STRING))
        return false;
    size_t length;
    const char *inside = json_raw(value, &length) + 1;
    return json_string_matches(inside, length - 2, text);
}
