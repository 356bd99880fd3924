/* SPDX-License-Identifier: MIT */
#include "decimal.h"

/* 0.DIGITS times ten to the power of `point`, no zero at either end of the
 * digits: every number has one such form only. */
struct decimal {
    char digits[DECIMAL_TEXT_MAX];
    int count;
    int point;
};

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Reads digits before or behind the point; NULL if there is none. */
static const char *scan_digits(
    const char *at, const char *end, struct decimal *number, bool behind_point)
{
    if (!is_digit(at, end))
        return NULL;
    for (; is_digit(at, end); at++) {
        bool leading_zero = number->count == 0 && *at == '0';
        if (!leading_zero)
            number->digits[number->count++] = *at;
        if (behind_point && leading_zero)
            number->point--;
        if (!behind_point && !leading_zero)
            number->point++;
    }
    return at;
}

/* Reads what follows an 'e'; NULL if that is not a whole number. Exponents
 * beyond any price stop growing before they could overflow. */
static const char *scan_exponent(
    const char *at, const char *end, struct decimal *number)
{
    int exponent = 0;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (!is_digit(at, end))
        return NULL;
    for (; is_digit(at, end); at++) {
        if (exponent < 10000)
            exponent = (exponent * 10) + (*at - '0');
    }
    number->point += negative ? -exponent : exponent;
    return at;
}

static enum error scan(const char *at, size_t length, struct decimal *number)
{
    const char *end = at + length;
    if (length > DECIMAL_TEXT_MAX)
        return ERROR_RANGE;
    at = scan_digits(at, end, number, false);
    if (at != NULL && at < end && *at == '.')
        at = scan_digits(at + 1, end, number, true);
    if (at != NULL && at < end && (*at == 'e' || *at == 'E'))
        at = scan_exponent(at + 1, end, number);
    if (at != end)
        return ERROR_SYNTAX;
    while (number->count > 0 && number->digits[number->count - 1] == '0')
        number->count--;
    if (number->count == 0)
        number->point = 0;
    return ERROR_NONE;
}

/* The digit that stands for ten to the power of `power`. */
static char digit_at(const struct decimal *number, int power)
{
    int index = number->point - 1 - power;
    bool is_written = index >= 0 && index < number->count;
    return is_written ? number->digits[index] : '0';
}

enum error decimal_normalise(
    char out[DECIMAL_LENGTH + 1], const char *text, size_t length)
{
    struct decimal number = {.count = 0};
    enum error error = scan(text, length, &number);
    if (error != ERROR_NONE)
        return error;
    int whole = number.point < 1 ? 1 : number.point;
    int fraction = number.count - number.point;
    if (fraction < 2)
        fraction = 2;
    if (whole > DECIMAL_WHOLE_MAX || fraction > DECIMAL_FRACTION_MAX)
        return ERROR_RANGE;
    for (int power = whole - 1; power >= 0; power--)
        *out++ = digit_at(&number, power);
    *out++ = '.';
    for (int power = -1; power >= -fraction; power--)
        *out++ = digit_at(&number, power);
    *out = '\0';
    return ERROR_NONE;
}
