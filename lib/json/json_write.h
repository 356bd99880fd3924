/* SPDX-License-Identifier: MIT */
/* Composing JSON into a buffer. Nothing here can produce text that is not
 * JSON, except json_write_raw, which trusts its caller. */
#ifndef STOFLOW_JSON_WRITE_H
#define STOFLOW_JSON_WRITE_H

#include "buffer.h"

#include <stddef.h>
#include <stdint.h>

/* A quoted string of `length` bytes. Quotes, backslashes and control
 * characters are escaped; bytes that are not UTF-8 become U+FFFD, so that a
 * hostile file name can be quoted in an answer. */
void json_write_string(struct buffer *out, const char *bytes, size_t length);

/* The same for a C string; NULL is written as null. */
void json_write_text(struct buffer *out, const char *text);

void json_write_integer(struct buffer *out, int64_t number);

/* Text that is already one JSON value, copied as it stands: so that numbers
 * beyond 2^53 and a seller's own spelling survive exactly. */
void json_write_raw(struct buffer *out, const char *json, size_t length);

/* Members of an object: writes a comma unless the last byte in `out` opens
 * the object, then "key": and the value. Keys are ours and need no escapes. */
void json_member_key(struct buffer *out, const char *key);
void json_member_text(struct buffer *out, const char *key, const char *text);
void json_member_string(
    struct buffer *out, const char *key, const char *bytes, size_t length);
void json_member_integer(struct buffer *out, const char *key, int64_t number);
void json_member_raw(
    struct buffer *out, const char *key, const char *json, size_t length);
/* As clock_format_iso writes it. */
void json_member_moment(struct buffer *out, const char *key, int64_t moment);
void json_member_null(struct buffer *out, const char *key);
void json_member_boolean(struct buffer *out, const char *key, int truth);

/* Appends json[0..length) without the white space between its tokens, so that
 * two spellings of the same value by the same writer compare equal. The text
 * must have passed json_check. */
void json_write_compact(struct buffer *out, const char *json, size_t length);

#endif
