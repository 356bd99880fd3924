/* SPDX-License-Identifier: MIT */
/* The strictness that jsmn lacks: one pass over a text that accepts exactly
 * the JSON of RFC 8259 in UTF-8 (RFC 3629) whose strings are Unicode: halves of
 * surrogate pairs are refused here, and mended by json_parse. */
#ifndef STOFLOW_JSON_CHECK_H
#define STOFLOW_JSON_CHECK_H

#include "error.h"
#include "storable.h"

#include <stdbool.h>
#include <stddef.h>

/* Where and why a text is not JSON. */
struct json_fault {
    size_t offset;      /* bytes from the start of the text */
    const char *reason; /* English phrase, static storage */
};

/* Checks text[0..length) and counts in *values the tokens jsmn will need:
 * one for each value and each key. Errors as json_parse gives them. Uses no
 * memory but a fixed stack of JSON_OWN_DEPTH_MAX levels. */
enum error json_check(
    const char *text, size_t length, size_t *values, struct json_fault *fault);

/* The same for a text of our own files, which may hold more than any that comes
 * from outside: JSON_OWN_DEPTH_MAX levels, and any number of values. */
enum error json_check_own(
    const char *text, size_t length, size_t *values, struct json_fault *fault);

/* The same, by the limits of ours or of others, but by the grammar alone, which
 * takes halves. */
enum error json_check_grammar(const char *text, size_t length, bool own,
    size_t *values, struct json_fault *fault);

/* A member of an object, as both stand in the text; not NUL-terminated. */
struct json_span {
    const char *key; /* between its quotes */
    size_t key_length;
    const char *text; /* of the value, a string with its quotes */
    size_t length;
};

typedef void json_meet_member(void *context, const struct json_span *member);

/* As json_check, and tells `meet` of each member of the outermost object as it
 * is met. What was told before an error is of no worth. */
enum error json_check_members(const char *text, size_t length,
    json_meet_member *meet, void *context, struct json_fault *fault);

#endif
