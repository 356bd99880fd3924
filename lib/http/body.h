/* SPDX-License-Identifier: MIT */
/* The body of a request, and its members. Functions that return bool are false
 * after having set the problem. */
#ifndef STOFLOW_BODY_H
#define STOFLOW_BODY_H

#include "buffer.h"
#include "json.h"
#include "program.h"

#include <stdbool.h>
#include <stdint.h>

/* Sets the problem of an error that came of what the body asks for. A limit of
 * this host that it is too large for is its fault then: 413, so that who sent
 * it does not send it again. */
void body_set_error(
    struct program *program, enum error error, const char *doing);

/* Reads the body. On true it is to be freed. */
bool body_read(struct program *program, struct buffer *body);

/* Reads a body that was read as one JSON object. `empty_is_object`: an empty
 * body stands for {}. On true the document is to be freed. */
bool body_parse_object(struct program *program, bool empty_is_object,
    const struct buffer *body, struct json_document *document);

/* Both. On true both are to be freed. */
bool body_read_object(struct program *program, bool empty_is_object,
    struct buffer *body, struct json_document *document);

/* Each of these is true, too, where the member is not given. */

/* Appends a string to `out`. */
bool body_read_text(struct program *program, struct json_value object,
    const char *member, struct buffer *out);

/* A whole number that is not negative; `reason` says what it must be. *number
 * is unchanged where none is given. */
bool body_read_count(struct program *program, struct json_value object,
    const char *member, const char *reason, int64_t *number);

/* A member that only informs: a strange value of it is no reason to refuse what
 * it stands beside. The whole of a number; -1 for what is none, negative or
 * beyond 2^53, as a browser counts whose clock was set back. */
int64_t body_take_count(struct json_value object, const char *member);

/* The member "lease", appended to `out`. */
bool body_read_lease(
    struct program *program, struct json_value object, struct buffer *out);

/* What the query may say as well must be the same in both: which of two was
 * meant, nobody can tell. False if `member` is given in both with different
 * values. */
bool body_check_query(
    struct program *program, struct json_value object, const char *member);

#endif
