/* SPDX-License-Identifier: MIT */
/* What stands between the quotes of a JSON string, and what it means. */
#ifndef STOFLOW_JSON_STRING_H
#define STOFLOW_JSON_STRING_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Both take the bytes between the quotes of a string that passed json_check;
 * of any other text they make nonsense, but read nothing outside of it. */

/* Appends the decoded characters as UTF-8. */
void json_string_decode(struct buffer *out, const char *inside, size_t length);

/* Whether the decoded characters are exactly those of the C string `text`. */
bool json_string_matches(const char *inside, size_t length, const char *text);

#endif
