/* SPDX-License-Identifier: MIT */
/* UTF-8 as RFC 3629 section 4 defines it: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
#ifndef STOFLOW_UTF8_H
#define STOFLOW_UTF8_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Looks at the character that bytes[0..length) begins with. True if it is
 * whole: *used is its length, 1 to 4. False if not: *used is how many bytes
 * (0 to 3) could still begin a character, so that bytes[*used] is the first
 * wrong one, or the end came too early if *used equals `length`. */
bool utf8_character(const char *bytes, size_t length, size_t *used);

/* Writes the 1 to 4 bytes of a code point up to 0x10FFFF that is no surrogate,
 * and returns how many. */
size_t utf8_encode(char out[4], unsigned long code);

/* Appends UTF-8 text; of one of more than `most` characters as many, the last
 * an ellipsis, so that the cut shows. */
void utf8_append_cut(
    struct buffer *out, const char *text, size_t length, size_t most);

/* How many bytes the text begins with that a terminal shows and does not obey:
 * whole characters, none of which is a control character (U+0000 to U+001F,
 * U+007F to U+009F), ends a line (U+2028, U+2029), or turns round in which
 * direction what follows is read (Bidi_Control in Unicode: U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069), so that a name may seem to end
 * otherwise than it does. */
size_t utf8_visible(const char *text, size_t length);

/* Appends the text, and each byte that is not visible so as \ooo, in octal, as
 * printf(1) reads it. */
void utf8_append_visible(struct buffer *out, const char *text, size_t length);

/* Puts `instead` for each byte that is not visible so. */
void utf8_hide(char *text, size_t length, char instead);

/* How many bytes the text begins with that only say that it is UTF-8 (the byte
 * order mark, which editors and shells on Windows write): 3 or 0. */
size_t utf8_mark(const char *text, size_t length);

/* A phrase that says in what the text is written, where its first bytes show
 * that it is UTF-16 or UTF-32, as Windows likes to save it: another byte order
 * mark, or ASCII characters among NULs. NULL if they do not. */
const char *utf8_other(const char *text, size_t length);

#endif
