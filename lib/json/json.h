/* SPDX-License-Identifier: MIT */
/* Reading JSON: strict RFC 8259, no copy of the text, big integers exact. A
 * byte order mark in front of the text is passed over, as section 8.1 allows.
 *
 * json_parse checks the whole text first (json_check.h), because jsmn by
 * itself accepts much that is not JSON, and only then lets jsmn cut it into
 * tokens. A value is a pair (document, token) passed by value; it stays valid
 * as long as the document and its text do. An absent value answers every
 * question with "no", so look-ups may be chained without checks between.
 *
 * Every text that is read is Unicode: a half of a surrogate pair (json_mend.h)
 * is read as U+FFFD, also by who takes a value as it stands. */
#ifndef STOFLOW_JSON_H
#define STOFLOW_JSON_H

#include "buffer.h"
#include "error.h"
#include "json_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jsmntok;

enum json_type {
    JSON_ABSENT, /* no such member, or past the end */
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_document {
    const char *text; /* what was parsed: the caller's, or `mended` */
    size_t length;
    struct jsmntok *tokens; /* owned */
    int count;
    char *mended; /* owned; NULL where the text was good as it stood */
};

struct json_value {
    const struct json_document *document;
    int token; /* < 0: absent */
};

/* Parses text[0..length), but for a byte order mark at its beginning, or a copy
 * of it in which halves of surrogate pairs are mended: what goes on as it
 * stands must come out of the document, not of the text that was given.
 * ERROR_SYNTAX (not JSON; *fault says where), ERROR_TOO_LARGE (deeper than
 * JSON_DEPTH_MAX, more than JSON_VALUES_MAX values, or over INT_MAX bytes;
 * *fault says where) or ERROR_MEMORY; after an error the document holds nothing
 * and needs no json_free. */
enum error json_parse(struct json_document *document, const char *text,
    size_t length, struct json_fault *fault);

/* The same for a text of our own files, by the limits of json_check_own. */
enum error json_parse_own(struct json_document *document, const char *text,
    size_t length, struct json_fault *fault);
void json_free(struct json_document *document);

/* The whole text as one value. */
struct json_value json_root(const struct json_document *document);

enum json_type json_type(struct json_value value);
bool json_is(struct json_value value, enum json_type type);

/* Neither absent nor null. */
bool json_is_given(struct json_value value);

/* The member called `key` (compared after decoding escapes) of an object; of
 * members with the same key the last one, as JavaScript and Python do.
 * Absent if there is none or `object` is not an object. */
struct json_value json_member(struct json_value object, const char *key);

/* Walks an array's elements or an object's member values in order:
 * for (v = json_first(a); json_type(v) != JSON_ABSENT; v = json_next(v)). */
struct json_value json_first(struct json_value container);
struct json_value json_next(struct json_value value);

/* Whether `value` is an object's member and its key, decoded, is `key`. */
bool json_has_key(struct json_value value, const char *key);

/* The key of an object's member as it stands in the text, with its quotes. */
const char *json_raw_key(struct json_value value, size_t *length);

/* Appends the decoded key of an object's member. */
void json_append_key(struct buffer *out, struct json_value value);

/* How many elements or members; 0 for anything else. */
size_t json_size(struct json_value container);

/* The value as it stands in the text (a string with its quotes). Not
 * NUL-terminated. "" and 0 for an absent one. */
const char *json_raw(struct json_value value, size_t *length);

/* A whole number written without fraction or exponent. ERROR_TYPE if it is
 * not that, ERROR_RANGE if it does not fit; *out is then unchanged. */
enum error json_integer(struct json_value value, int64_t *out);

/* ERROR_TYPE if not true or false; *out is then unchanged. */
enum error json_boolean(struct json_value value, bool *out);

/* A string that is a moment as clock_format_iso writes one; its characters need
 * no escape. ERROR_TYPE if not a string, ERROR_SYNTAX if not such a moment;
 * *out is then unchanged. */
enum error json_moment(struct json_value value, int64_t *out);

/* Appends the decoded characters of a string as UTF-8 (may hold NUL bytes).
 * ERROR_TYPE if not a string; nothing is then appended. ERROR_MEMORY where
 * `out` has failed, now or before: what it holds says nothing of the string. */
enum error json_string(struct json_value value, struct buffer *out);

/* Whether the value is a string that decodes to exactly `text`. */
bool json_string_equals(struct json_value value, const char *text);

#endif
