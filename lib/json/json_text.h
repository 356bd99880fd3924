/* SPDX-License-Identifier: MIT */
/* The characters of a JSON string, from what stands between its quotes in a
 * text that passed json_check: every escape is a whole one. */
#ifndef STOFLOW_JSON_TEXT_H
#define STOFLOW_JSON_TEXT_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the characters as UTF-8 (may hold NUL bytes). */
void json_text_append(struct buffer *out, const char *inside, size_t length);

/* Whether they are exactly those of the C string `text`. */
bool json_text_equals(const char *inside, size_t length, const char *text);

#endif
