/* SPDX-License-Identifier: MIT */
/* Looking for words in what plugins and servers say. */
#ifndef STOFLOW_PHRASE_H
#define STOFLOW_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

/* An ASCII capital letter as a small one, any other byte as it is. */
char phrase_lower(char byte);

/* Whether text[0..length) holds the phrase, ASCII letters in either case. */
bool phrase_is_in(const char *text, size_t length, const char *phrase);

#endif
