/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include "buffer.h"
#include "error.h"
#include "find.h"
#include "json.h"
#include "json_write.h"
#include "record.h"
#include "spool.h"

#include <stdint.h>
#include <string.h>

/* A member of a summary that a record holds. */
struct member_row {
    const char *key;
    enum json_type type;
};

/* In their order. What is not there, or was made something else by hand, is
 * null, but for the last, which is then left out. */
static const struct member_row members[] = {
    {"priority", JSON_NUMBER},
    {"timeout", JSON_NUMBER},
    {"created_at", JSON_STRING},
    {"attempts", JSON_NUMBER},
    {"started_at", JSON_STRING},
    {"completed_at", JSON_STRING},
    {"executed_at", JSON_STRING},
    {"execution_time_ms", JSON_NUMBER},
    {"error", JSON_STRING},
    {"declared", JSON_STRING},
};

static void write_member(struct buffer *out, struct json_value record,
    const char *key, enum json_type type)
{
    size_t length;
    struct json_value value = json_member(record, key);
    const char *raw = json_raw(value, &length);
    if (json_is(value, type))
        json_member_raw(out, key, raw, length);
    else if (strcmp(key, "declared") != 0)
        json_member_null(out, key);
}

/* What the name says goes before what somebody may have written into it. */
static void write_summary(struct buffer *out, int64_t user, const char *id,
    enum task_state state, struct json_value record)
{
    buffer_append_byte(out, '{');
    json_member_text(out, "task_id", id);
    json_member_integer(out, "user_id", user);
    write_member(out, record, "action", JSON_STRING);
    json_member_text(out, "status", task_state_text(state));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        write_member(out, record, members[i].key, members[i].type);
    buffer_append_byte(out, '}');
}

enum error summary_write_finished(struct buffer *out,
    const struct account *account, const char *id,
    const struct task_place *place)
{
    struct buffer head = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    struct json_value record = {NULL, -1};
    enum error error = record_read_brief(account->spool, place->path, &head);
    bool spoilt = error == ERROR_TYPE;
    if (error == ERROR_NONE) {
        error = json_parse(&document, buffer_text(&head), head.length, &fault);
        spoilt = error == ERROR_SYNTAX || error == ERROR_TOO_LARGE;
        if (error == ERROR_NONE)
            record = json_root(&document);
    }
    if (error == ERROR_NONE || spoilt)
        write_summary(out, account->user, id, place->state, record);
    if (error == ERROR_NONE)
        json_free(&document);
    buffer_free(&head);
    if (error != ERROR_NONE && !spoilt)
        return error;
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}
