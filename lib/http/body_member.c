/* SPDX-License-Identifier: MIT */
#include "body_member.h"

#include "buffer.h"
#include "error.h"
#include "json.h"
#include "name.h"
#include "problem.h"
#include "program.h"

#include <stdint.h>

bool body_is_given(struct json_value value)
{
    return !json_is(value, JSON_ABSENT) && !json_is(value, JSON_NULL);
}

bool body_refuse(
    struct program *program, const char *member, const char *reason)
{
    problem_set(
        &program->reply, PROBLEM_INVALID_FIELD, "\"%s\" %s.", member, reason);
    return false;
}

bool body_read_text(struct program *program, struct json_value object,
    const char *member, struct buffer *out)
{
    struct json_value value = json_member(object, member);
    if (!body_is_given(value))
        return true;
    enum error error = json_string(value, out);
    if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the body");
        return false;
    }
    return error == ERROR_NONE ||
           body_refuse(program, member, "must be a string");
}

bool body_read_count(struct program *program, struct json_value object,
    const char *member, const char *reason, int64_t *number)
{
    struct json_value value = json_member(object, member);
    int64_t count;
    if (!body_is_given(value))
        return true;
    if (json_integer(value, &count) != ERROR_NONE || count < 0)
        return body_refuse(program, member, reason);
    *number = count;
    return true;
}

bool body_read_lease(
    struct program *program, struct json_value object, struct buffer *out)
{
    static const char member[] = "lease";
    if (!body_read_text(program, object, member, out))
        return false;
    return !body_is_given(json_member(object, member)) ||
           lease_is_valid(buffer_text(out), out->length) ||
           body_refuse(
               program, member, "must be 1 to 32 characters a-z and 0-9");
}
