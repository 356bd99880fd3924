/* SPDX-License-Identifier: MIT */
#include "execute_answer.h"

#include "json_write.h"
#include "problem.h"

static bool has_completed(struct json_value record)
{
    return json_string_equals(json_member(record, "status"), "completed");
}

/* Why a task has failed, as a C string in `text`; "" if nobody said. */
static const char *read_error(struct json_value record, struct buffer *text)
{
    json_string(json_member(record, "error"), text);
    return buffer_text(text);
}

/* A failure that only we declared is no answer of the plugin's. True after
 * having set the problem. */
static bool is_declared(struct reply *reply, struct json_value record)
{
    struct json_value declared = json_member(record, "declared");
    if (json_is(declared, JSON_ABSENT))
        return false;
    struct buffer why = BUFFER_EMPTY;
    bool cancelled = json_string_equals(declared, "cancelled");
    problem_set(reply,
        cancelled ? PROBLEM_PLUGIN_FAILED : PROBLEM_PLUGIN_TIMEOUT, "%s",
        read_error(record, &why));
    reply->body.failed = reply->body.failed || why.failed;
    buffer_free(&why);
    return true;
}

static void copy(struct buffer *out, struct json_value value)
{
    size_t length;
    const char *raw = json_raw(value, &length);
    buffer_append(out, raw, length);
    buffer_append_byte(out, '\n');
}

void execute_answer_user(struct reply *reply, struct json_value record)
{
    struct buffer why = BUFFER_EMPTY;
    struct json_value result = json_member(record, "result");
    if (is_declared(reply, record))
        return;
    if (has_completed(record) && json_is(result, JSON_OBJECT)) {
        copy(&reply->body, result);
    } else {
        const char *error = read_error(record, &why);
        problem_set(reply, PROBLEM_PLUGIN_FAILED, "%s",
            error[0] == '\0' ? "The plugin gave no user data." : error);
    }
    reply->body.failed = reply->body.failed || why.failed;
    buffer_free(&why);
}

/* Writes the failure's members that every answer ends with. */
static void write_failure(struct buffer *out, struct json_value record)
{
    struct buffer why = BUFFER_EMPTY;
    const char *error = read_error(record, &why);
    json_member_text(
        out, "error", error[0] == '\0' ? "The plugin did not say why." : error);
    out->failed = out->failed || why.failed;
    buffer_free(&why);
    buffer_append_text(out, "}\n");
}

/* A value, or what stands for one that is absent. */
static void write_value(
    struct buffer *out, struct json_value value, const char *otherwise)
{
    size_t length;
    const char *raw = json_raw(value, &length);
    if (length > 0)
        json_write_raw(out, raw, length);
    else
        buffer_append_text(out, otherwise);
}

/* A member of the plugin's answer, or what stands for one it did not give. */
static void write_member(struct buffer *out, struct json_value answer,
    const char *key, const char *otherwise)
{
    json_member_key(out, key);
    write_value(out, json_member(answer, key), otherwise);
}

static const char *success_of(int64_t status)
{
    return status >= 200 && status < 300 ? "true" : "false";
}

static void write_answer(
    struct buffer *out, struct json_value answer, int64_t status)
{
    buffer_append_byte(out, '{');
    write_member(out, answer, "success", success_of(status));
    json_member_integer(out, "status", status);
    write_member(out, answer, "statusText", "\"\"");
    write_member(out, answer, "headers", "{}");
    write_member(out, answer, "data", "null");
    if (!json_is(json_member(answer, "error"), JSON_ABSENT))
        write_member(out, answer, "error", "null");
    buffer_append_text(out, "}\n");
}

static void write_bare_data(struct buffer *out, struct json_value record)
{
    buffer_append_text(out, "{\"success\":true,\"status\":200,"
                            "\"statusText\":\"\",\"headers\":{},\"data\":");
    write_value(out, json_member(record, "result"), "null");
    buffer_append_text(out, "}\n");
}

/* Data of Vinted's own may have a "status", too. */
static bool is_answer(struct json_value result, int64_t *status)
{
    return json_integer(json_member(result, "status"), status) == ERROR_NONE &&
           (!json_is(json_member(result, "success"), JSON_ABSENT) ||
               !json_is(json_member(result, "data"), JSON_ABSENT));
}

void execute_answer_one(struct reply *reply, struct json_value record)
{
    struct buffer *out = &reply->body;
    struct json_value result = json_member(record, "result");
    int64_t status;
    if (is_declared(reply, record))
        return;
    if (!has_completed(record)) {
        buffer_append_text(out, "{\"success\":false,\"status\":0,"
                                "\"statusText\":\"\",\"headers\":{},"
                                "\"data\":null");
        write_failure(out, record);
    } else if (is_answer(result, &status)) {
        write_answer(out, result, status);
    } else {
        write_bare_data(out, record);
    }
}

void execute_answer_list(struct reply *reply, struct json_value record)
{
    struct buffer *out = &reply->body;
    struct json_value result = json_member(record, "result");
    struct json_value results =
        json_is(result, JSON_ARRAY) ? result : json_member(result, "results");
    size_t length;
    const char *raw = json_raw(results, &length);
    if (is_declared(reply, record))
        return;
    if (!has_completed(record) || !json_is(results, JSON_ARRAY)) {
        buffer_append_text(out, "{\"success\":false,\"results\":[]");
        write_failure(out, record);
        return;
    }
    buffer_append_byte(out, '{');
    write_member(out, result, "success", "true");
    json_member_raw(out, "results", raw, length);
    buffer_append_text(out, "}\n");
}
