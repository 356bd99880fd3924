/* SPDX-License-Identifier: MIT */
#include "problem.h"

#include "json_write.h"

#include <stdarg.h>
#include <stdio.h>

const struct problem_row problem_rows[PROBLEMS] = {
    {PROBLEM_BAD_REQUEST, 400, "bad_request", "Bad request"},
    {PROBLEM_MALFORMED_JSON, 400, "malformed_json", "Malformed JSON"},
    {PROBLEM_TRUNCATED_BODY, 400, "truncated_body", "Truncated body"},
    {PROBLEM_BAD_LENGTH, 400, "bad_content_length", "Bad Content-Length"},
    {PROBLEM_TOKEN_MISSING, 401, "token_missing", "Token missing"},
    {PROBLEM_TOKEN_INVALID, 401, "token_invalid", "Token not known"},
    {PROBLEM_TOKEN_EXPIRED, 401, "token_expired", "Token expired"},
    {PROBLEM_WRONG_SCOPE, 403, "wrong_scope", "Token not made for this"},
    {PROBLEM_WRONG_USER, 403, "wrong_user", "Token of another user"},
    {PROBLEM_ORIGIN, 403, "origin_not_allowed", "Origin not allowed"},
    {PROBLEM_UNKNOWN_ROUTE, 404, "unknown_route", "No such route"},
    {PROBLEM_UNKNOWN_TASK, 404, "unknown_task", "Task not found"},
    {PROBLEM_UNKNOWN_PHOTO, 404, "unknown_photo", "Photo not found"},
    {PROBLEM_METHOD, 405, "method_not_allowed", "Method not allowed"},
    {PROBLEM_TASK_EXISTS, 409, "task_exists", "Task exists already"},
    {PROBLEM_RESULT_CONFLICT, 409, "result_conflict",
        "Another result is recorded"},
    {PROBLEM_LEASE_LOST, 409, "lease_lost", "Lease lost"},
    {PROBLEM_AMBIGUOUS_TASK, 409, "ambiguous_task", "Several such tasks"},
    {PROBLEM_TASK_FINISHED, 409, "task_finished", "Task finished already"},
    {PROBLEM_UNFINISHED, 409, "task_not_finished", "Task not finished yet"},
    {PROBLEM_NOT_REPEATABLE, 409, "not_repeatable", "Not to be done twice"},
    {PROBLEM_OUTCOME_KNOWN, 409, "outcome_known", "Outcome known already"},
    {PROBLEM_LENGTH_REQUIRED, 411, "length_required", "Length required"},
    {PROBLEM_TOO_LARGE, 413, "too_large", "Body too large"},
    {PROBLEM_TOO_LARGE_HERE, 413, "too_large_here", "Too large for this host"},
    {PROBLEM_IMAGE, 415, "unsupported_image", "No image that is taken"},
    {PROBLEM_INVALID_FIELD, 422, "invalid_field", "Invalid field"},
    {PROBLEM_KEY_REUSED, 422, "idempotency_key_reused",
        "Idempotency-Key used before"},
    {PROBLEM_CONFIGURATION, 500, "configuration", "Set up wrongly"},
    {PROBLEM_HOST_LIMIT, 500, "host_limit", "Beyond a limit of this host"},
    {PROBLEM_SPOILT_FILE, 500, "spoilt_file", "A file is spoilt"},
    {PROBLEM_PLUGIN_FAILED, 502, "plugin_failed", "The plugin failed"},
    {PROBLEM_PLUGIN_MISSING, 503, "plugin_not_connected",
        "No plugin is connected"},
    {PROBLEM_UNAVAILABLE, 503, "unavailable", "Try again later"},
    {PROBLEM_PLUGIN_TIMEOUT, 504, "plugin_timeout", "The plugin took too long"},
    {PROBLEM_NO_SPACE, 507, "no_space", "No space left"},
};

static void write_body(
    struct reply *reply, const struct problem_row *row, const char *detail)
{
    struct buffer *body = &reply->body;
    buffer_clear(body);
    buffer_append_byte(body, '{');
    json_member_text(body, "type", "about:blank");
    json_member_text(body, "title", row->title);
    json_member_integer(body, "status", row->status);
    json_member_text(body, "detail", detail);
    json_member_text(body, "code", row->code);
    buffer_append_text(body, "}\n");
}

static void add_headers(struct reply *reply, const struct problem_row *row)
{
    if (row->status == 401)
        reply_header(reply, "WWW-Authenticate", "Bearer");
    if (row->status == 503)
        reply_header(reply, "Retry-After", "5");
    if (row->problem == PROBLEM_NO_SPACE)
        reply_header(reply, "Retry-After", "60");
}

void problem_set(
    struct reply *reply, enum problem problem, const char *format, ...)
{
    char detail[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    const struct problem_row *row = &problem_rows[problem];
    reply->status = row->status;
    reply->content_type = "application/problem+json";
    reply->cache_control = "no-store";
    reply->source = NULL; /* the page's own body is no more */
    write_body(reply, row, detail);
    add_headers(reply, row);
}

/* Of what is not temporary, a name that is missing or there already was put or
 * taken away by another program at this moment. */
static enum problem problem_of(enum error error)
{
    if (error == ERROR_FULL)
        return PROBLEM_NO_SPACE;
    if (error_is_limit(error))
        return PROBLEM_HOST_LIMIT;
    switch (error) {
    case ERROR_SYNTAX:
    case ERROR_TYPE:
    case ERROR_TOO_LARGE:
        return PROBLEM_SPOILT_FILE;
    default:
        return PROBLEM_UNAVAILABLE;
    }
}

void problem_set_error(struct reply *reply, enum error error, const char *doing)
{
    enum problem problem = problem_of(error);
    const char *outlook = "Try again later";
    if (problem == PROBLEM_HOST_LIMIT)
        outlook = "Trying again is of no use until the host raises its limit";
    else if (problem == PROBLEM_SPOILT_FILE)
        outlook = "Trying again is of no use until somebody mends the file";
    problem_set(reply, problem, "%s did not work: %s. %s.", doing,
        error_text(error), outlook);
}

bool problem_refuse(struct reply *reply, const char *name, const char *reason)
{
    problem_set(reply, PROBLEM_INVALID_FIELD, "\"%s\" %s.", name, reason);
    return false;
}
