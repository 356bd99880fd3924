/* SPDX-License-Identifier: MIT */
/* Searching without the difference between capital and small letters: of ASCII
 * only, in what plugins and servers say, or of all Latin ones, in products. */
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

/* Appends text[0..length) with Latin letters in small ones, those with accents
 * included, as Unicode's simple case folding has it (CaseFolding.txt, C and S):
 * "ÉTAT" is found as "état". Accents stay, so "etat" is another word. Other
 * scripts, and bytes that are not UTF-8, stay as they are. */
void fold_append(struct buffer *out, const char *text, size_t length);

#endif
