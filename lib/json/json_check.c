/* SPDX-License-Identifier: MIT */
#include "json_check.h"

#include "error.h"
#include "json.h"
#include "json_reader.h"

#include <limits.h>
#include <stddef.h>

static bool check_value(struct json_reader *reader);

static void skip_space(struct json_reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    reader->at = at;
}

static bool count_value(struct json_reader *reader)
{
    if (reader->values == JSON_VALUES_MAX)
        return json_fail(reader, ERROR_TOO_LARGE, "too many values");
    reader->values++;
    return true;
}

/* Goes one level down, past the opening bracket. */
static bool enter(struct json_reader *reader)
{
    if (reader->depth == JSON_DEPTH_MAX)
        return json_fail(reader, ERROR_TOO_LARGE, "nested too deeply");
    reader->depth++;
    reader->at++;
    skip_space(reader);
    return true;
}

static bool leave(struct json_reader *reader)
{
    reader->depth--;
    return true;
}

static bool check_array(struct json_reader *reader)
{
    if (!enter(reader))
        return false;
    if (json_take(reader, ']'))
        return leave(reader);
    for (;;) {
        if (!check_value(reader))
            return false;
        skip_space(reader);
        if (json_take(reader, ']'))
            return leave(reader);
        if (!json_take(reader, ','))
            return json_fail_syntax(reader, "a comma or ] is missing");
        skip_space(reader);
    }
}

static bool check_member(struct json_reader *reader)
{
    if (json_peek(reader) != '"')
        return json_fail_syntax(reader, "a key in quotes is missing");
    if (!count_value(reader) || !json_check_string(reader))
        return false;
    skip_space(reader);
    if (!json_take(reader, ':'))
        return json_fail_syntax(reader, "a colon is missing");
    skip_space(reader);
    return check_value(reader);
}

static bool check_object(struct json_reader *reader)
{
    if (!enter(reader))
        return false;
    if (json_take(reader, '}'))
        return leave(reader);
    for (;;) {
        if (!check_member(reader))
            return false;
        skip_space(reader);
        if (json_take(reader, '}'))
            return leave(reader);
        if (!json_take(reader, ','))
            return json_fail_syntax(reader, "a comma or } is missing");
        skip_space(reader);
    }
}

/* Calls itself through arrays and objects, JSON_DEPTH_MAX deep at most. */
static bool check_value(struct json_reader *reader)
{
    if (!count_value(reader))
        return false;
    int byte = json_peek(reader);
    switch (byte) {
    case '{':
        return check_object(reader);
    case '[':
        return check_array(reader);
    case '"':
        return json_check_string(reader);
    case 't':
        return json_check_word(reader, "true");
    case 'f':
        return json_check_word(reader, "false");
    case 'n':
        return json_check_word(reader, "null");
    default:
        if (byte != '-' && (byte < '0' || byte > '9'))
            return json_fail_syntax(reader, "a value is missing");
        return json_check_number(reader);
    }
}

static bool check_text(struct json_reader *reader)
{
    skip_space(reader);
    if (!check_value(reader))
        return false;
    skip_space(reader);
    return reader->at == reader->end ||
           json_fail_syntax(reader, "more text after the value");
}

enum error json_check(
    const char *text, size_t length, size_t *values, struct json_fault *fault)
{
    if (length > INT_MAX) {
        *fault = (struct json_fault){INT_MAX, "the text is too long"};
        return ERROR_TOO_LARGE;
    }
    struct json_reader reader = {text, text + length, 0, 0, ERROR_NONE, NULL};
    if (!check_text(&reader)) {
        *fault = (struct json_fault){(size_t)(reader.at - text), reader.reason};
        return reader.error;
    }
    *values = reader.values;
    return ERROR_NONE;
}
