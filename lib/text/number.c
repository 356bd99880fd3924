/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <string.h>

/* Accumulates negative: the range of int64_t reaches further that way. */
static enum error parse_digits(
    const char *text, size_t length, int64_t *negative)
{
    int64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9)
            return ERROR_SYNTAX;
        if (number < (INT64_MIN + digit) / 10)
            return ERROR_RANGE;
        number = (number * 10) - digit;
    }
    *negative = number;
    return ERROR_NONE;
}

enum error number_parse(const char *text, size_t length, int64_t *number)
{
    bool minus = length > 0 && text[0] == '-';
    const char *digits = minus ? text + 1 : text;
    size_t count = minus ? length - 1 : length;
    int64_t negative;
    if (count == 0 || (digits[0] == '0' && (count > 1 || minus)))
        return ERROR_SYNTAX;
    enum error error = parse_digits(digits, count, &negative);
    if (error != ERROR_NONE)
        return error;
    if (!minus && negative == INT64_MIN)
        return ERROR_RANGE;
    *number = minus ? negative : -negative;
    return ERROR_NONE;
}

size_t number_format(char out[NUMBER_LENGTH_MAX], int64_t number)
{
    char digits[NUMBER_LENGTH_MAX];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + (rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        digits[--at] = '-';
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}
