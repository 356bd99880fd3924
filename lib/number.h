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

#endif
