/* SPDX-License-Identifier: MIT */
/* Searching without the difference between capital and small letters: of ASCII
 * only, in what plugins and servers say, or of all scripts, and without
 * accents, in products. */
#ifndef STOFLOW_FOLD_H
#define STOFLOW_FOLD_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* An ASCII capital letter as a small one, any other byte as it is. In line: a
 * search asks for each byte of a catalogue. */
static inline char fold_ascii(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Whether text[0..length) holds the phrase, ASCII letters in either case. */
bool fold_holds(const char *text, size_t length, const char *phrase);

/* Appends text[0..length) as it is searched: in Unicode's full case folding of
 * its compatibility decomposition (libutf8proc), without accents and without
 * what nobody sees, so that "etat" finds "État", "STRASSE" "straße",
 * "oeuvre" "Œuvre". What is folded already stays. Each character is folded by
 * itself, so that texts may be folded in pieces. NUL bytes, and bytes that are
 * not UTF-8, stay. At most 11 times as long as the text; only ASCII for ASCII.
 */
void fold_append(struct buffer *out, const char *text, size_t length);

#endif
