/* SPDX-License-Identifier: MIT */
/* Prices: decimal numbers as text, never through a double. */
#ifndef STOFLOW_DECIMAL_H
#define STOFLOW_DECIMAL_H

#include "error.h"

#include <stddef.h>

enum decimal_sizes {
    DECIMAL_WHOLE_MAX = 12,    /* digits before the point */
    DECIMAL_FRACTION_MAX = 20, /* digits behind it */
    DECIMAL_TEXT_MAX = 100,    /* characters read */
    DECIMAL_LENGTH = DECIMAL_WHOLE_MAX + 1 + DECIMAL_FRACTION_MAX
};

/* Reads all of text[0..length), digits with an optional point and exponent
 * ("15", "28.9", "1.5e1"; no sign, no blanks), and writes the same number
 * without exponent, without needless zeros, with two decimals or more
 * ("15.00", "28.90", "15.00"), and a NUL byte. ERROR_SYNTAX if it is not such
 * a number, ERROR_RANGE if it needs more digits than above; `out` is then
 * unchanged. */
enum error decimal_normalise(
    char out[DECIMAL_LENGTH + 1], const char *text, size_t length);

#endif
