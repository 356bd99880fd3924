/* SPDX-License-Identifier: MIT */
/* Text without the difference between capital and small letters, for searching:
 * "ÉTAT" is found as "état". Accents stay, so "etat" is another word. */
#ifndef STOFLOW_FOLD_H
#define STOFLOW_FOLD_H

#include "buffer.h"

#include <stddef.h>

/* Appends text[0..length) with Latin letters in small ones, those with accents
 * included, as Unicode's simple case folding has it (CaseFolding.txt, C and S).
 * Other scripts, and bytes that are not UTF-8, stay as they are. */
void fold_append(struct buffer *out, const char *text, size_t length);

#endif
