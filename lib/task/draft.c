/* SPDX-License-Identifier: MIT */
#include "draft.h"

#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "json.h"
#include "json_shape.h"
#include "name.h"
#include "number.h"

#include <stdint.h>
#include <string.h>

void draft_init(struct draft *draft)
{
    memset(draft, 0, sizeof *draft);
    draft->priority = PRIORITY_DEFAULT;
    draft->retries = UNSET;
    draft->params = (struct json_value){NULL, -1};
    draft->then = (struct json_value){NULL, -1};
}

enum error draft_set_user(struct draft *draft, const char *value, size_t length)
{
    int64_t number;
    enum error error = number_parse(value, length, &number);
    if (error == ERROR_NONE && number < 1)
        error = ERROR_RANGE;
    if (error == ERROR_NONE)
        draft->user = number;
    return error;
}

static enum error set_text(char *out, const char *value, size_t length,
    bool (*valid)(const char *text, size_t length))
{
    if (!valid(value, length))
        return ERROR_SYNTAX;
    memcpy(out, value, length);
    out[length] = '\0';
    return ERROR_NONE;
}

enum error draft_set_action(
    struct draft *draft, const char *value, size_t length)
{
    return set_text(draft->action, value, length, action_is_valid);
}

enum error draft_set_id(struct draft *draft, const char *value, size_t length)
{
    return set_text(draft->id, value, length, id_is_valid);
}

enum error draft_set_priority(struct draft *draft, int64_t priority)
{
    if (priority < 0 || priority > PRIORITY_MAX)
        return ERROR_RANGE;
    draft->priority = (int)priority;
    return ERROR_NONE;
}

enum error draft_set_timeout(struct draft *draft, int64_t timeout)
{
    if (timeout < 1 || timeout > TIMEOUT_MAX)
        return ERROR_RANGE;
    draft->timeout = (int)timeout;
    return ERROR_NONE;
}

enum error draft_set_retries(struct draft *draft, int64_t retries)
{
    if (retries < 0 || retries > RETRIES_MAX)
        return ERROR_RANGE;
    draft->retries = (int)retries;
    return ERROR_NONE;
}

enum error draft_set_expires_in(struct draft *draft, int64_t seconds)
{
    if (seconds < 1 || seconds > EXPIRE_MAX)
        return ERROR_RANGE;
    draft->expires_in = (int)seconds;
    return ERROR_NONE;
}

enum error draft_set_not_before(
    struct draft *draft, const char *value, size_t length)
{
    return clock_parse_rfc3339(value, length, &draft->not_before);
}

int64_t draft_due(const struct draft *draft, int64_t came)
{
    return draft->not_before > came ? draft->not_before : came;
}

static enum error read_user(struct draft *draft, struct json_value value)
{
    int64_t number;
    enum error error = json_integer(value, &number);
    if (error == ERROR_NONE && number < 1)
        error = ERROR_RANGE;
    if (error == ERROR_NONE)
        draft->user = number;
    return error;
}

static enum error read_number(struct draft *draft, struct json_value value,
    enum error (*set)(struct draft *draft, int64_t number))
{
    int64_t number;
    enum error error = json_integer(value, &number);
    return error != ERROR_NONE ? error : set(draft, number);
}

static enum error read_priority(struct draft *draft, struct json_value value)
{
    return read_number(draft, value, draft_set_priority);
}

static enum error read_timeout(struct draft *draft, struct json_value value)
{
    return read_number(draft, value, draft_set_timeout);
}

static enum error read_retries(struct draft *draft, struct json_value value)
{
    return read_number(draft, value, draft_set_retries);
}

static enum error read_expires_in(struct draft *draft, struct json_value value)
{
    return read_number(draft, value, draft_set_expires_in);
}

/* Tries that a finished record counts. Nobody's word depends on it, so a
 * strange value is not worth a refusal. */
static enum error read_attempts(struct draft *draft, struct json_value value)
{
    int64_t number;
    if (json_integer(value, &number) == ERROR_NONE && number > 0 &&
        number <= GENERATION_MAX)
        draft->attempts = (int)number;
    return ERROR_NONE;
}

static enum error read_text(struct draft *draft, struct json_value value,
    enum error (*set)(struct draft *draft, const char *text, size_t length))
{
    struct buffer text = BUFFER_EMPTY;
    enum error error = json_string(value, &text);
    if (error == ERROR_NONE)
        error = set(draft, buffer_text(&text), text.length);
    buffer_free(&text);
    return error;
}

static enum error read_action(struct draft *draft, struct json_value value)
{
    return read_text(draft, value, draft_set_action);
}

static enum error read_id(struct draft *draft, struct json_value value)
{
    return read_text(draft, value, draft_set_id);
}

static enum error read_not_before(struct draft *draft, struct json_value value)
{
    return read_text(draft, value, draft_set_not_before);
}

/* Ours, in files that we wrote; what else stands there says nothing. */
static enum error read_created(struct draft *draft, struct json_value value)
{
    json_moment(value, &draft->created);
    return ERROR_NONE;
}

/* As a record says it; in any other file it is a member like any unknown. */
static enum error read_status(struct draft *draft, struct json_value value)
{
    draft->finished = json_string_equals(value, "completed") ||
                      json_string_equals(value, "failed");
    return ERROR_NONE;
}

static enum error read_then(struct draft *draft, struct json_value value)
{
    if (!json_is(value, JSON_OBJECT))
        return ERROR_TYPE;
    draft->then = value;
    return ERROR_NONE;
}

static enum error read_params(struct draft *draft, struct json_value value)
{
    if (!json_is(value, JSON_OBJECT))
        return ERROR_TYPE;
    draft->params = value;
    return ERROR_NONE;
}

struct member_row {
    const char *name;
    enum error (*read)(struct draft *draft, struct json_value value);
    const char *reason;
};

static const struct member_row members[] = {
    {"user_id", read_user, "must be a whole number from 1 to 2^63-1"},
    {"action", read_action,
        "must be a string of 1 to 50 characters a-z, 0-9 and _"},
    {"task_id", read_id,
        "must be a string of 1 to 64 characters A-Z, a-z, 0-9, _ and -"},
    {"priority", read_priority, "must be a whole number from 0 to 999"},
    {"timeout", read_timeout,
        "must be a whole number of seconds from 1 to 86400"},
    {"params", read_params, "must be an object"},
    {"not_before", read_not_before,
        "must be a date and time as 2024-12-07T10:00:15Z"},
    {"expires_in", read_expires_in,
        "must be a whole number of seconds from 1 to 31622400"},
    {"retries", read_retries, "must be a whole number from 0 to 1000"},
    {"then", read_then, "must be an object"},
    {"attempts", read_attempts, ""},
    {"created_at", read_created, ""},
    {"status", read_status, ""},
};

enum error draft_read(
    struct draft *draft, struct json_value object, struct draft_fault *fault)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct json_value value = json_member(object, members[i].name);
        if (!json_is_given(value))
            continue; /* null says "not given", as the guide's optionals do */
        enum error error = members[i].read(draft, value);
        if (error != ERROR_NONE) {
            fault->member = members[i].name;
            fault->reason = members[i].reason;
            return error;
        }
    }
    return ERROR_NONE;
}

const char *draft_params(const struct draft *draft, size_t *length)
{
    if (json_is(draft->params, JSON_OBJECT))
        return json_raw(draft->params, length);
    *length = 2;
    return "{}";
}
