/* SPDX-License-Identifier: MIT */
/* A second opinion on what JSON is, for tests of the first. */
#ifndef STOFLOW_JSON_ORACLE_H
#define STOFLOW_JSON_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether text[0..length) is JSON by RFC 8259, in UTF-8 by RFC 3629. Written
 * straight from the grammars, without regard to speed or depth, and sharing
 * nothing with lib/. */
bool json_oracle_accepts(const char *text, size_t length);

#endif
