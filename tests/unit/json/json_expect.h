/* SPDX-License-Identifier: MIT */
/* What several tests need of JSON. */
#ifndef STOFLOW_JSON_EXPECT_H
#define STOFLOW_JSON_EXPECT_H

#include "error.h"
#include "json.h"

#include <stddef.h>

/* A text with its unprintable bytes as <hexadecimal>, cut to what fits.
 * Static storage, overwritten by the next call. */
const char *json_shown(const char *text, size_t length);

/* The text, parsed; to be freed with json_free. Fails the test if it is not
 * JSON. */
struct json_document json_parsed(const char *text);

/* Fails the test unless the value stands so in its text. */
void json_expect_raw(struct json_value value, const char *want);

/* json_check on a copy in memory of exactly that size, so that sanitizers see
 * any byte read behind the text. */
enum error json_check_copy(
    const char *text, size_t length, struct json_fault *fault);

/* Fails the test unless `offset` is where the text first goes wrong: every
 * shorter piece of it can still become JSON, and every longer one fails at the
 * same place. */
void json_expect_fault_in_all_prefixes(
    const char *text, size_t length, size_t offset);

#endif
