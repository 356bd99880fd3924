/* SPDX-License-Identifier: MIT */
/* Whole numbers in decimal, without the leniency of strtol and atoi. */
#ifndef STOFLOW_NUMBER_H
#define STOFLOW_NUMBER_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* Reads all of text[0..length): an optional '-' and digits, no leading zero,
 * no blanks, no "-0". ERROR_SYNTAX, or ERROR_RANGE if it does not fit; *number
 * is then unchanged. */
enum error number_parse(const char *text, size_t length, int64_t *number);

enum number_sizes {
    NUMBER_LENGTH_MAX = 20 /* -9223372036854775808 */
};

/* The number as number_parse reads it, without a NUL byte; how many characters
 * that are. By hand: a poll that formats nothing does not touch the pages that
 * printf(3) lies and works in. */
size_t number_format(char out[NUMBER_LENGTH_MAX], int64_t number);

#endif
