/* SPDX-License-Identifier: MIT */
/* The inside of json_check: a place in a text, and the checks of what holds no
 * other value. Nothing but json_check*.c includes this. */
#ifndef STOFLOW_JSON_READER_H
#define STOFLOW_JSON_READER_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* Each check begins at the first byte of what it checks, leaves `at` behind
 * its last, and after a false leaves it at the first byte that no valid text
 * could have there: that is the offset of the fault. */
struct json_reader {
    const char *at;
    const char *end;
    size_t values;
    int depth;
    enum error error;
    const char *reason;
};

/* Both return false. Past the end of the text every syntax error has the same
 * reason, whatever is passed. */
bool json_fail(
    struct json_reader *reader, enum error error, const char *reason);
bool json_fail_syntax(struct json_reader *reader, const char *reason);

/* A literal name, a number, a string from its opening quote on. */
bool json_check_word(struct json_reader *reader, const char *word);
bool json_check_number(struct json_reader *reader);
bool json_check_string(struct json_reader *reader);

/* The next byte, or -1 at the end. */
static inline int json_peek(const struct json_reader *reader)
{
    return reader->at < reader->end ? (unsigned char)*reader->at : -1;
}

/* Steps over the next byte if it is this one. */
static inline bool json_take(struct json_reader *reader, int byte)
{
    if (json_peek(reader) != byte)
        return false;
    reader->at++;
    return true;
}

#endif
