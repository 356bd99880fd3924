/* SPDX-License-Identifier: MIT */
/* Strict base64 (RFC 4648 section 4) over libb64, which alone would skip
 * foreign bytes, accept padding anywhere and write past its output. */
#ifndef STOFLOW_BASE64_H
#define STOFLOW_BASE64_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>

/* Appends the decoded bytes of text[0..length). ERROR_SYNTAX for a byte
 * outside the alphabet, a length that is no multiple of four, padding
 * elsewhere than at the end or left-over bits that are not zero; ERROR_MEMORY.
 * `out` is unchanged after an error. */
enum error base64_decode(struct buffer *out, const char *text, size_t length);

#endif
