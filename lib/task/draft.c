/* SPDX-License-Identifier: MIT */
#include "draft.h"

#include "clock.h"
#include "config.h"
#include "number.h"

#include <string.h>

enum {
    SPREAD = 999999 /* microseconds */
};

void draft_init(struct draft *draft)
{
    memset(draft, 0, sizeof *draft);
    draft->priority = PRIORITY_DEFAULT;
    draft->retries = UNSET;
    draft->params = (struct json_value){NULL, -1};
    draft->then = (struct json_value){NULL, -1};
}

static enum error set_user(struct draft *draft, int64_t number)
{
    if (number < 1)
        return ERROR_RANGE;
    draft->user = number;
    return ERROR_NONE;
}

enum error draft_set_user(struct draft *draft, const char *value, size_t length)
{
    int64_t number;
    enum error error = number_parse(value, length, &number);
    return error == ERROR_NONE ? set_user(draft, number) : error;
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

static enum error set_number(
    int *out, int64_t number, int64_t least, int64_t most)
{
    if (number < least || number > most)
        return ERROR_RANGE;
    *out = (int)number;
    return ERROR_NONE;
}

enum error draft_set_priority(struct draft *draft, int64_t priority)
{
    return set_number(&draft->priority, priority, 0, PRIORITY_MAX);
}

enum error draft_set_timeout(struct draft *draft, int64_t timeout)
{
    return set_number(&draft->timeout, timeout, 1, TIMEOUT_MAX);
}

enum error draft_set_retries(struct draft *draft, int64_t retries)
{
    return set_number(&draft->retries, retries, 0, RETRIES_MAX);
}

enum error draft_set_expires_in(struct draft *draft, int64_t seconds)
{
    return set_number(&draft->expires_in, seconds, 1, EXPIRE_MAX);
}

enum error draft_set_not_before(
    struct draft *draft, const char *value, size_t length)
{
    return clock_parse_rfc3339(value, length, &draft->not_before);
}

int64_t draft_due(const struct draft *draft, int64_t came)
{
    int64_t due = draft->not_before;
    if (due <= came)
        return came;
    return draft->finished ? due + 1 + (came % SPREAD) : due;
}

/* Tries that a finished record counts. Nobody's word depends on it, so a
 * strange value is not worth a refusal. */
static enum error read_attempts(struct draft *draft, struct json_value value)
{
    int64_t number;
    if (json_integer(value, &number) == ERROR_NONE)
        set_number(&draft->attempts, number, 1, GENERATION_MAX);
    return ERROR_NONE;
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

/* Likewise. */
static enum error read_digest(struct draft *draft, struct json_value value)
{
    size_t length;
    const char *raw = json_raw(value, &length);
    size_t want = sizeof draft->request_digest - 1;
    if (json_is(value, JSON_STRING) && length == want + 2 &&
        strspn(raw + 1, "0123456789abcdef") == want)
        memcpy(draft->request_digest, raw + 1, want);
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

/* How a member is read: as a whole number, as text, or by itself. */
struct member_row {
    const char *name;
    enum error (*set_number)(struct draft *draft, int64_t number);
    enum error (*set_text)(
        struct draft *draft, const char *value, size_t length);
    enum error (*read)(struct draft *draft, struct json_value value);
    const char *reason;
};

#define NUMBER(name, set, reason) {name, set, NULL, NULL, reason}
#define TEXT(name, set, reason) {name, NULL, set, NULL, reason}
#define OTHER(name, read, reason) {name, NULL, NULL, read, reason}

static const struct member_row members[] = {
    NUMBER("user_id", set_user, "must be a whole number from 1 to 2^63-1"),
    TEXT("action", draft_set_action,
        "must be a string of 1 to 50 characters a-z, 0-9 and _"),
    TEXT("task_id", draft_set_id,
        "must be a string of 1 to 64 characters A-Z, a-z, 0-9, _ and -"),
    NUMBER(
        "priority", draft_set_priority, "must be a whole number from 0 to 999"),
    NUMBER("timeout", draft_set_timeout,
        "must be a whole number of seconds from 1 to 86400"),
    OTHER("params", read_params, "must be an object"),
    TEXT("not_before", draft_set_not_before,
        "must be a date and time as 2024-12-07T10:00:15Z"),
    NUMBER("expires_in", draft_set_expires_in,
        "must be a whole number of seconds from 1 to 31622400"),
    NUMBER(
        "retries", draft_set_retries, "must be a whole number from 0 to 1000"),
    OTHER("then", read_then, "must be an object"),
    OTHER("attempts", read_attempts, ""),
    OTHER("created_at", read_created, ""),
    OTHER("status", read_status, ""),
    OTHER("request_digest", read_digest, ""),
};

static enum error read_member(
    struct draft *draft, struct json_value value, const struct member_row *row)
{
    int64_t number;
    if (row->read != NULL)
        return row->read(draft, value);
    if (row->set_number != NULL) {
        enum error error = json_integer(value, &number);
        return error == ERROR_NONE ? row->set_number(draft, number) : error;
    }
    struct buffer text = BUFFER_EMPTY;
    enum error error = json_string(value, &text);
    if (error == ERROR_NONE)
        error = row->set_text(draft, buffer_text(&text), text.length);
    buffer_free(&text);
    return error;
}

enum error draft_read(
    struct draft *draft, struct json_value object, struct draft_fault *fault)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct json_value value = json_member(object, members[i].name);
        if (!json_is_given(value))
            continue; /* null says "not given", as the guide's optionals do */
        enum error error = read_member(draft, value, &members[i]);
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
