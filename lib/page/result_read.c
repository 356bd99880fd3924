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

/* What is no text is kept as the JSON it is: it may say more than none. */
static bool read_error(
    struct program *program, struct json_value object, struct result_body *body)
{
    static const char none_given[] = "The plugin gave no reason";
    struct json_value value = json_member(object, "error");
    if (body->verdict.completed)
        return true;
    if (json_is(value, JSON_STRING)) {
        json_string(value, &body->error);
    } else if (json_is_given(value)) {
        size_t length;
        const char *raw = json_raw(value, &length);
        buffer_append(&body->error, raw, length);
    }
    if (body->error.length == 0)
        buffer_append_text(&body->error, none_given);
    if (body->error.failed) {
        problem_set_error(&program->reply, ERROR_MEMORY, "Reading the body");
        return false;
    }
    body->verdict.error = buffer_text(&body->error);
    body->verdict.error_length = body->error.length;
    return true;
}

static void read_executed_at(struct json_value object, struct verdict *verdict)
{
    struct json_value value = json_member(object, "executed_at");
    if (json_is(value, JSON_STRING))
        verdict->executed_at = json_raw(value, &verdict->executed_at_length);
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
    read_executed_at(object, &body->verdict);
    body->verdict.execution_time_ms =
        body_take_count(object, "execution_time_ms");
    return read_success(program, object, &body->verdict) &&
           read_error(program, object, body) &&
           body_read_lease(program, object, &body->lease);
}

void result_free(struct result_body *body)
{
    buffer_free(&body->error);
    buffer_free(&body->lease);
}
