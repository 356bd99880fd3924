/* SPDX-License-Identifier: MIT */
#include "result_read.h"

#include "body.h"
#include "program.h"

#include <string.h>

static bool read_success(
    struct program *program, struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "success");
    if (json_is(value, JSON_ABSENT))
        return problem_refuse(&program->reply, "success", "is missing");
    return json_boolean(value, &verdict->completed) == ERROR_NONE ||
           problem_refuse(&program->reply, "success", "must be true or false");
}

static bool read_error(
    struct program *program, struct json_value object, struct result_body *body)
{
    if (!body_read_text(program, object, "error", &body->error))
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
    verdict->execution_time_ms = -1;
    return body_read_count(program, object, "execution_time_ms",
        "must be a whole number of milliseconds, not negative",
        &verdict->execution_time_ms);
}

static bool read_executed_at(
    struct program *program, struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "executed_at");
    if (!json_is_given(value))
        return true;
    if (!json_is(value, JSON_STRING))
        return problem_refuse(
            &program->reply, "executed_at", "must be a string");
    verdict->executed_at = json_raw(value, &verdict->executed_at_length);
    return true;
}

static void read_data(struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "data");
    if (json_is_given(value))
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
           body_read_lease(program, object, &body->lease);
}

void result_free(struct result_body *body)
{
    buffer_free(&body->error);
    buffer_free(&body->lease);
}
