/* SPDX-License-Identifier: MIT */
/* JSON as the checker reads it: RFC 8259, by code of its own. */
#ifndef SIMULATE_VALUE_H
#define SIMULATE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

enum value_kind {
    VALUE_ABSENT,
    VALUE_NULL,
    VALUE_FALSE,
    VALUE_TRUE,
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_OBJECT
};

struct value {
    enum value_kind kind;
    const char *text; /* as it is written; of a string what is in its quotes */
    size_t length;
    const char *name; /* of a member, as it is written in its quotes */
    size_t name_length;
    struct value *first, *next; /* of an array or object; beside it */
};

/* NULL: that is no JSON text. The result refers to `text`. */
const struct value *value_read(
    struct pool *pool, const char *text, size_t length);

/* The member of that name; what is no object has none. Never NULL: it may be
 * VALUE_ABSENT. */
const struct value *value_member(const struct value *object, const char *name);

/* Neither absent nor null. */
bool value_is_given(const struct value *value);

bool value_is_text(const struct value *value, const char *text);

/* The string; NULL if it is none. */
const char *value_string(struct pool *pool, const struct value *value);

/* A whole number, or `other`. */
int64_t value_number(const struct value *value, int64_t other);

/* Equal for equal values, whatever their layout and escapes; never 0. */
uint64_t value_digest(const struct value *value);

/* The digest of some bytes, going on from `digest` (0 to begin); never 0. */
uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t length);

/* Of what is in a file, but for the end of its last line: where a loss of power
 * takes no more, it is what it was. */
uint64_t digest_file(const char *bytes, size_t length);
uint64_t digest_text(const char *text); /* 0 for NULL and "" */

#endif
