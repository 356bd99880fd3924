/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include "cancel_mark.h"
#include "clock.h"
#include "draft.h"
#include "json.h"
#include "json_write.h"
#include "last_failure.h"
#include "progress.h"
#include "record.h"
#include "task.h"

#include <string.h>

/* Whether the file does not tell, so that only its name does: somebody has
 * spoilt it, or it cannot be read. */
static bool is_untold(enum error error)
{
    return task_is_spoilt(error) || error == ERROR_DENIED || error == ERROR_IO;
}

static void write_told(
    struct buffer *out, const char *name, int64_t value, bool told)
{
    if (told)
        json_member_integer(out, name, value);
    else
        json_member_null(out, name);
}

/* `told`: the task's file could be read. What stands there alone is null where
 * it could not. */
static void write_head(struct buffer *out, const struct task *task,
    enum task_state state, bool told)
{
    json_member_text(out, "task_id", task->name.id);
    json_member_integer(out, "user_id", task->user);
    json_member_text(out, "action", task->name.action);
    json_member_text(out, "status", task_state_text(state));
    json_member_integer(out, "priority", task->name.priority);
    write_told(out, "timeout", task->timeout, told);
    json_member_moment(
        out, "created_at", task_created_at(&task->name, &task->draft));
    write_told(out, "attempts", task->attempts, told);
}

static void write_progress(struct buffer *out, const struct account *account,
    const struct lease_name *lease)
{
    struct progress progress;
    if (progress_load(account, lease, &progress) != ERROR_NONE)
        return;
    json_member_key(out, "progress");
    buffer_append_byte(out, '{');
    progress_write(out, &progress);
    buffer_append_byte(out, '}');
}

static void write_executing(struct buffer *out, const struct account *account,
    const struct task *task, const struct lease_name *lease, bool whole)
{
    if (task->claimed != 0)
        json_member_moment(out, "started_at", task->claimed);
    else
        json_member_null(out, "started_at");
    json_member_moment(out, "deadline", lease->deadline);
    if (whole)
        json_member_text(out, "lease", lease->lease);
    write_progress(out, account, lease);
    json_member_boolean(out, "cancel_requested",
        cancel_mark_look(account, task->name.id) == ERROR_NONE);
}

static void write_state(struct buffer *out, const struct account *account,
    const struct task *task, const struct task_place *place, bool whole)
{
    if (place->state == TASK_EXECUTING)
        write_executing(out, account, task, &place->lease, whole);
    else if (task->name.created > clock_now())
        json_member_moment(out, "not_before", task->name.created);
    last_failure_write(out, account, &task->name);
}

static void write_params(struct buffer *out, const struct draft *draft)
{
    size_t length;
    const char *params = draft_params(draft, &length);
    json_member_raw(out, "params", params, length);
}

enum error summary_write_live(struct buffer *out, const struct account *account,
    const struct task_place *place, bool whole)
{
    struct task task;
    struct task_fault fault;
    const struct task_name *name = &place->lease.task;
    enum error error = task_load(account, place->path, name, &task, &fault);
    bool told = error == ERROR_NONE;
    bool torn = error == ERROR_SYNTAX && fault.is_torn;
    if (torn && place->state == TASK_PENDING)
        return ERROR_NOT_FOUND; /* no task yet, or none any more (husk.h) */
    /* A plugin may have what a loss of power tore behind it: until its
     * deadline that is under way, and the whole of it is what the name says. */
    if (!told && !torn && (whole || !is_untold(error)))
        return error;
    account_stuck(account, place->path, error);
    if (!told)
        task_from_name(&task, account, name);
    if (place->state == TASK_PENDING)
        task_set_pending(&task);
    buffer_append_byte(out, '{');
    write_head(out, &task, place->state, told);
    write_state(out, account, &task, place, whole);
    if (whole && told)
        write_params(out, &task.draft);
    else if (whole)
        json_member_null(out, "params");
    buffer_append_byte(out, '}');
    task_free(&task);
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}

/* A member of a summary that a record holds. */
struct member_row {
    const char *key;
    enum json_type type;
    bool optional;
};

/* In their order. What is not there, or was made something else by hand, is
 * null, but for the last ones, which are then left out. */
static const struct member_row action = {"action", JSON_STRING, false};
static const struct member_row members[] = {
    {"priority", JSON_NUMBER, false},
    {"timeout", JSON_NUMBER, false},
    {"created_at", JSON_STRING, false},
    {"attempts", JSON_NUMBER, false},
    {"started_at", JSON_STRING, false},
    {"completed_at", JSON_STRING, false},
    {"executed_at", JSON_STRING, false},
    {"execution_time_ms", JSON_NUMBER, false},
    {"error", JSON_STRING, false},
    {"declared", JSON_STRING, true},
    {"outcome", JSON_STRING, true},
    {"settled", JSON_STRING, true},
    {"partial", JSON_STRING, true},
};

static void write_member(
    struct buffer *out, struct json_value record, const struct member_row *row)
{
    size_t length;
    struct json_value value = json_member(record, row->key);
    const char *raw = json_raw(value, &length);
    if (json_is(value, row->type))
        json_member_raw(out, row->key, raw, length);
    else if (!row->optional)
        json_member_null(out, row->key);
}

/* What the name says goes before what somebody may have written into it. */
static void write_finished(struct buffer *out, int64_t user, const char *id,
    enum task_state state, struct json_value record)
{
    buffer_append_byte(out, '{');
    json_member_text(out, "task_id", id);
    json_member_integer(out, "user_id", user);
    write_member(out, record, &action);
    json_member_text(out, "status", task_state_text(state));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        write_member(out, record, &members[i]);
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
    if (error == ERROR_NONE)
        error =
            json_parse_own(&document, buffer_text(&head), head.length, &fault);
    if (error == ERROR_NONE)
        record = json_root(&document);
    account_stuck(account, place->path, error);
    if (error == ERROR_NONE || is_untold(error))
        write_finished(out, account->user, id, place->state, record);
    if (error == ERROR_NONE)
        json_free(&document);
    buffer_free(&head);
    if (error != ERROR_NONE && !is_untold(error))
        return error;
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}
