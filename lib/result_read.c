/* SPDX-License-Identifier: MIT */
#include "result_read.h"

#include "name.h"
#include "program.h"

#include <string.h>

static bool is_given(struct json_value value)
{
    return !json_is(value, JSON_ABSENT) && !json_is(value, JSON_NULL);
}

static bool refuse(
    struct program *program, const char *member, const char *reason)
{
    problem_set(
        &program->reply, PROBLEM_INVALID_FIELD, "\"%s\" %s.", member, reason);
    return false;
}

static bool read_text(struct program *program, struct json_value object,
    const char *member, struct buffer *out)
{
    struct json_value value = json_member(object, member);
    if (!is_given(value))
        return true;
    enum error error = json_string(value, out);
    if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the body");
        return false;
    }
    return error == ERROR_NONE || refuse(program, member, "must be a string");
}

static bool read_success(
    struct program *program, struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "success");
    if (json_is(value, JSON_ABSENT))
        return refuse(program, "success", "is missing");
    return json_boolean(value, &verdict->completed) == ERROR_NONE ||
           refuse(program, "success", "must be true or false");
}

static bool read_error(
    struct program *program, struct json_value object, struct result_body *body)
{
    if (!read_text(program, object, "error", &body->error))
        return false;
    if (body->verdict.completed)
        return true;
    static const char none_given[] = "The plugin gave no reason";
    if (body->error.length == 0)
        buffer_append_text(&body->error, none_given);
    body->verdict.error = buffer_text(&body->error);
    body->verdict.error_length = body->error.length;
    return true;
}

static bool read_time_taken(
    struct program *program, struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "execution_time_ms");
    int64_t number;
    verdict->execution_time_ms = -1;
    if (!is_given(value))
        return true;
    if (json_integer(value, &number) != ERROR_NONE || number < 0)
        return refuse(program, "execution_time_ms",
            "must be a whole number of milliseconds, not negative");
    verdict->execution_time_ms = number;
    return true;
}

static bool read_executed_at(
    struct program *program, struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "executed_at");
    if (!is_given(value))
        return true;
    if (!json_is(value, JSON_STRING))
        return refuse(program, "executed_at", "must be a string");
    verdict->executed_at = json_raw(value, &verdict->executed_at_length);
    return true;
}

static bool read_lease(
    struct program *program, struct json_value object, struct result_body *body)
{
    if (!read_text(program, object, "lease", &body->lease))
        return false;
    return !is_given(json_member(object, "lease")) ||
           lease_is_valid(buffer_text(&body->lease), body->lease.length) ||
           refuse(program, "lease", "must be 1 to 32 characters a-z and 0-9");
}

static void read_data(struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "data");
    if (is_given(value))
        verdict->result = json_raw(value, &verdict->result_length);
}

bool result_read(
    struct program *program, struct json_value object, struct result_body *body)
{
    memset(body, 0, sizeof *body);
    read_data(object, &body->verdict);
    return read_success(program, object, &body->verdict) &&
           read_error(program, object, body) &&
           read_time_taken(program, object, &body->verdict) &&
           read_executed_at(program, object, &body->verdict) &&
           read_lease(program, object, body);
}

void result_free(struct result_body *body)
{
    buffer_free(&body->error);
    buffer_free(&body->lease);
}
