/* SPDX-License-Identifier: MIT */
#include "body.h"

#include "limit.h"
#include "number.h"
#include "query.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN = 60 /* characters of a value that is told back */
};

enum {
    SWOLLEN = 8 /* times its length that what comes of a body may have */
};

/* Not where it cannot be the body: what else is written may be too large. */
static bool is_too_large(const struct program *program, enum error error)
{
    int64_t length = program->request.length;
    if (error == ERROR_FILE_LIMIT)
        return length > 0 && (uint64_t)length >= limit_file() / SWOLLEN;
    return length > 0 && error == ERROR_MEMORY && error_is_limit(error);
}

void body_set_error(
    struct program *program, enum error error, const char *doing)
{
    if (!is_too_large(program, error)) {
        problem_set_error(&program->reply, error, doing);
        return;
    }
    program->limited = true;
    problem_set(&program->reply, PROBLEM_TOO_LARGE_HERE,
        "%s did not work: %s. Send less, or have the host raise its limit.",
        doing, error_text(error));
}

static void refuse_body(struct program *program, enum error error)
{
    struct reply *reply = &program->reply;
    switch (error) {
    case ERROR_NOT_FOUND:
        problem_set(reply, PROBLEM_LENGTH_REQUIRED,
            "Send the body with a Content-Length; a chunked one cannot be "
            "read behind CGI.");
        break;
    case ERROR_SYNTAX:
        problem_set(
            reply, PROBLEM_BAD_LENGTH, "Content-Length is not a whole number.");
        break;
    case ERROR_TOO_LARGE:
        problem_set(reply, PROBLEM_TOO_LARGE,
            "The body has %" PRId64 " bytes; max_body allows %zu.",
            program->request.length, program->config.max_body);
        break;
    case ERROR_INCOMPLETE:
        problem_set(reply, PROBLEM_TRUNCATED_BODY,
            "The body ended after %" PRId64 " of %" PRId64
            " bytes; nothing was changed.",
            program->request.length_read, program->request.length);
        break;
    default:
        body_set_error(program, error, "Reading the body");
        break;
    }
}

bool body_parse_object(struct program *program, bool empty_is_object,
    const struct buffer *body, struct json_document *document)
{
    struct json_fault fault;
    bool stands_for_object = empty_is_object && body->length == 0;
    const char *text = stands_for_object ? "{}" : buffer_text(body);
    enum error error = json_parse(
        document, text, stands_for_object ? 2 : body->length, &fault);
    if (error == ERROR_SYNTAX) {
        problem_set(&program->reply, PROBLEM_MALFORMED_JSON,
            "The body is not JSON: %s at byte %zu.", fault.reason,
            fault.offset);
    } else if (error == ERROR_TOO_LARGE) {
        problem_set(&program->reply, PROBLEM_MALFORMED_JSON,
            "The body is beyond what is read here: %s at byte %zu.",
            fault.reason, fault.offset);
    } else if (error != ERROR_NONE) {
        body_set_error(program, error, "Reading the body");
    } else if (!json_is(json_root(document), JSON_OBJECT)) {
        json_free(document);
        problem_set(&program->reply, PROBLEM_INVALID_FIELD,
            "The body must be a JSON object.");
        return false;
    }
    return error == ERROR_NONE;
}

bool body_read(struct program *program, struct buffer *body)
{
    enum error error =
        request_read_body(&program->request, program->config.max_body, body);
    program->gateway->begin();
    if (error == ERROR_NONE)
        return true;
    refuse_body(program, error);
    buffer_free(body);
    return false;
}

bool body_read_object(struct program *program, bool empty_is_object,
    struct buffer *body, struct json_document *document)
{
    if (!body_read(program, body))
        return false;
    if (body_parse_object(program, empty_is_object, body, document))
        return true;
    buffer_free(body);
    return false;
}

bool body_read_text(struct program *program, struct json_value object,
    const char *member, struct buffer *out)
{
    struct json_value value = json_member(object, member);
    if (!json_is_given(value))
        return true;
    enum error error = json_string(value, out);
    if (error == ERROR_MEMORY) {
        body_set_error(program, error, "Reading the body");
        return false;
    }
    return error == ERROR_NONE ||
           problem_refuse(&program->reply, member, "must be a string");
}

bool body_read_count(struct program *program, struct json_value object,
    const char *member, const char *reason, int64_t *number)
{
    struct json_value value = json_member(object, member);
    int64_t count;
    if (!json_is_given(value))
        return true;
    if (json_integer(value, &count) != ERROR_NONE || count < 0)
        return problem_refuse(&program->reply, member, reason);
    *number = count;
    return true;
}

int64_t body_take_count(struct json_value object, const char *member)
{
    static const double most = 9007199254740992.0;
    struct json_value value = json_member(object, member);
    char text[64] = "";
    size_t length;
    const char *raw = json_raw(value, &length);
    if (!json_is(value, JSON_NUMBER) || length >= sizeof text)
        return -1;
    memcpy(text, raw, length);
    double number = strtod(text, NULL);
    return number >= 0 && number <= most ? (int64_t)number : -1;
}

bool body_read_lease(
    struct program *program, struct json_value object, struct buffer *out)
{
    static const char member[] = "lease";
    if (!body_read_text(program, object, member, out))
        return false;
    return !json_is_given(json_member(object, member)) ||
           lease_is_valid(buffer_text(out), out->length) ||
           problem_refuse(&program->reply, member,
               "must be 1 to 32 characters a-z and 0-9");
}

/* Numbers by what they are, all else by its text. */
static bool is_same(struct json_value value, const char *text)
{
    int64_t number;
    int64_t other;
    if (json_integer(value, &number) == ERROR_NONE)
        return number_parse(text, strlen(text), &other) == ERROR_NONE &&
               number == other;
    return json_string_equals(value, text);
}

bool body_check_query(
    struct program *program, struct json_value object, const char *member)
{
    struct json_value value = json_member(object, member);
    const char *text = query_get(&program->request.query, member);
    size_t length;
    if (!json_is_given(value) || text == NULL || is_same(value, text))
        return true;
    const char *raw = json_raw(value, &length);
    struct buffer given = BUFFER_EMPTY;
    buffer_append_text(&given, "\"");
    utf8_append_cut(&given, text, strlen(text), SHOWN);
    buffer_append_text(&given, "\" in the query and ");
    utf8_append_cut(&given, raw, length, SHOWN);
    problem_set(&program->reply, PROBLEM_INVALID_FIELD,
        "\"%s\" is %s in the body; give it once.", member, buffer_text(&given));
    buffer_free(&given);
    return false;
}
