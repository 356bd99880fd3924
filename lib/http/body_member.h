/* SPDX-License-Identifier: MIT */
/* Members of a request's body. Each function is true if the member is right or
 * not given (null stands for that), and false after having set the problem that
 * names it. */
#ifndef STOFLOW_BODY_MEMBER_H
#define STOFLOW_BODY_MEMBER_H

#include "buffer.h"
#include "json.h"
#include "program.h"

#include <stdbool.h>
#include <stdint.h>

/* Neither absent nor null. */
bool body_is_given(struct json_value value);

/* Sets the problem "MEMBER REASON." and returns false. */
bool body_refuse(
    struct program *program, const char *member, const char *reason);

/* Appends a string to `out`. */
bool body_read_text(struct program *program, struct json_value object,
    const char *member, struct buffer *out);

/* A whole number that is not negative; `reason` says what it must be. *number
 * is unchanged where none is given. */
bool body_read_count(struct program *program, struct json_value object,
    const char *member, const char *reason, int64_t *number);

/* The member "lease", appended to `out`. */
bool body_read_lease(
    struct program *program, struct json_value object, struct buffer *out);

#endif
