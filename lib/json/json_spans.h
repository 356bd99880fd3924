/* SPDX-License-Identifier: MIT */
/* The members of one object as they stand in its text: for who reads a few of
 * each of a hundred thousand lines. A text is checked as json_parse checks it,
 * but there is no token for each value, and memory is used again for the next.
 */
#ifndef STOFLOW_JSON_SPANS_H
#define STOFLOW_JSON_SPANS_H

#include "buffer.h"
#include "error.h"
#include "json.h"
#include "json_check.h"

#include <stdbool.h>
#include <stddef.h>

/* Begin with JSON_SPANS_EMPTY. */
struct json_spans {
    const char *text; /* what was read: the caller's, or `mended` */
    size_t length;
    struct buffer list; /* struct json_span, in the order of the text */
    struct buffer mended;
};

#define JSON_SPANS_EMPTY {NULL, 0, BUFFER_EMPTY, BUFFER_EMPTY}

/* Reads text[0..length), of which it takes and mends what json_parse does, and
 * whose errors it gives. There are no members where it is no object. Valid
 * until the next, and as long as the text is. */
enum error json_spans_read(struct json_spans *spans, const char *text,
    size_t length, struct json_fault *fault);
void json_spans_free(struct json_spans *spans);

/* All members; how many. */
const struct json_span *json_spans_all(
    const struct json_spans *spans, size_t *count);

/* The member called `key`, of several the last one, as json_member has it; an
 * absent value if there is none. */
struct json_span json_spans_find(
    const struct json_spans *spans, const char *key);

bool json_span_has_key(const struct json_span *span, const char *key);
enum json_type json_span_type(const struct json_span *span);

/* The characters of a string, in `memory` where some are escaped, or a number
 * as it stands; none of anything else. A lack of memory shows there. */
const char *json_span_text(
    const struct json_span *span, struct buffer *memory, size_t *length);

#endif
