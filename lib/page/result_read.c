/* SPDX-License-Identifier: MIT */
#include "result_read.h"

#include "body.h"
#include "item_id.h"
#include "json_write.h"
#include "program.h"
#include "utf8.h"

#include <inttypes.h>
#include <string.h>

enum {
    LOGIN_MAX = 100 /* characters kept */
};

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

static void write_account(
    struct buffer *out, uint64_t number, struct json_value name)
{
    struct buffer login = BUFFER_EMPTY;
    struct buffer cut = BUFFER_EMPTY;
    buffer_append_format(out, "{\"id\":%" PRIu64, number);
    if (json_is(name, JSON_STRING)) {
        json_string(name, &login);
        utf8_append_cut(&cut, buffer_text(&login), login.length, LOGIN_MAX);
        json_member_string(out, "login", buffer_text(&cut), cut.length);
    }
    buffer_append_byte(out, '}');
    out->failed = out->failed || login.failed || cut.failed;
    buffer_free(&cut);
    buffer_free(&login);
}

/* Who was signed in at Vinted meanwhile, written anew from what is known of it.
 * What is odd is not told; but what was told is not lost for a lack of memory,
 * since another's result would then be taken in. */
static bool read_account(
    struct program *program, struct json_value object, struct result_body *body)
{
    struct json_value account = json_member(object, "account");
    uint64_t number;
    if (item_id_read(json_member(account, "id"), &number) != ERROR_NONE)
        return true;
    write_account(&body->account, number, json_member(account, "login"));
    if (body->account.failed) {
        problem_set_error(&program->reply, ERROR_MEMORY, "Reading the body");
        return false;
    }
    body->verdict.account = buffer_text(&body->account);
    body->verdict.account_length = body->account.length;
    return true;
}

/* Why a list is not whole: told before the result, too, for who reads no more
 * of a record than its head. */
static bool read_partial(
    struct program *program, struct json_value object, struct result_body *body)
{
    struct json_value data = json_member(object, "data");
    struct json_value reason = json_member(data, "reason");
    bool complete;
    if (json_boolean(json_member(data, "complete"), &complete) != ERROR_NONE ||
        complete || !json_is(reason, JSON_STRING))
        return true;
    json_string(reason, &body->partial);
    if (body->partial.failed) {
        problem_set_error(&program->reply, ERROR_MEMORY, "Reading the body");
        return false;
    }
    body->verdict.partial = buffer_text(&body->partial);
    body->verdict.partial_length = body->partial.length;
    return true;
}

static void read_requests(struct json_value object, struct verdict *verdict)
{
    verdict->requests = body_take_count(object, "requests");
}

/* The plugin has sent something that changes Vinted, and does not know what
 * became of it. Plugins of before there was such a code say so in words. */
static bool is_unknown(const struct result_body *body, struct json_value object)
{
    static const char interrupted[] = "Interrompu : le navigateur s'est arr";
    struct json_value code = json_member(json_member(object, "data"), "code");
    return !body->verdict.completed &&
           (json_string_equals(code, "unknown") ||
               strncmp(buffer_text(&body->error), interrupted,
                   sizeof interrupted - 1) == 0);
}

bool result_read(
    struct program *program, struct json_value object, struct result_body *body)
{
    memset(body, 0, sizeof *body);
    read_data(object, &body->verdict);
    read_executed_at(object, &body->verdict);
    body->verdict.execution_time_ms =
        body_take_count(object, "execution_time_ms");
    read_requests(object, &body->verdict);
    if (!read_success(program, object, &body->verdict) ||
        !read_error(program, object, body))
        return false;
    body->verdict.unknown = is_unknown(body, object);
    return read_account(program, object, body) &&
           read_partial(program, object, body) &&
           body_read_lease(program, object, &body->lease);
}

void result_free(struct result_body *body)
{
    buffer_free(&body->error);
    buffer_free(&body->account);
    buffer_free(&body->partial);
    buffer_free(&body->lease);
}
