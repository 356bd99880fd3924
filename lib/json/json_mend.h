/* SPDX-License-Identifier: MIT */
/* Halves of surrogate pairs: an escape such as \ud83d whose other half does not
 * follow, as whoever cuts a text in the middle of an emoji writes it. The
 * grammar allows it, but it is no character (RFC 8259 section 8.2). */
#ifndef STOFLOW_JSON_MEND_H
#define STOFLOW_JSON_MEND_H

#include <stddef.h>

/* In text that passed json_check_grammar, makes each half \ufffd, the
 * replacement character. The text stays as long as it was, and every byte but
 * those of halves stays where it stands. */
void json_mend(char *text, size_t length);

#endif
