/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include "buffer.h"
#include "cancel_mark.h"
#include "clock.h"
#include "config.h"
#include "draft.h"
#include "error.h"
#include "find.h"
#include "json_write.h"
#include "name.h"
#include "progress.h"
#include "spool.h"
#include "task.h"

#include <stddef.h>
#include <stdint.h>

static void write_moment(struct buffer *out, const char *key, int64_t moment)
{
    char text[CLOCK_ISO_LENGTH + 1];
    clock_format_iso(text, moment);
    json_member_text(out, key, text);
}

static void write_head(
    struct buffer *out, const struct task *task, enum task_state state)
{
    json_member_text(out, "task_id", task->name.id);
    json_member_integer(out, "user_id", task->user);
    json_member_text(out, "action", task->name.action);
    json_member_text(out, "status", task_state_text(state));
    json_member_integer(out, "priority", task->name.priority);
    json_member_integer(out, "timeout", task->timeout);
    write_moment(out, "created_at", task_created_at(&task->name, &task->draft));
    json_member_integer(out, "attempts", task->attempts);
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
        write_moment(out, "started_at", task->claimed);
    write_moment(out, "deadline", lease->deadline);
    if (whole)
        json_member_text(out, "lease", lease->lease);
    write_progress(out, account, lease);
    json_member_boolean(out, "cancel_requested",
        cancel_mark_look(account, task->name.id) == ERROR_NONE);
}

static void write_task(struct buffer *out, const struct account *account,
    const struct task *task, const struct task_place *place, bool whole)
{
    buffer_append_byte(out, '{');
    write_head(out, task, place->state);
    if (place->state == TASK_EXECUTING)
        write_executing(out, account, task, &place->lease, whole);
    else if (task->name.created > clock_now())
        write_moment(out, "not_before", task->name.created);
    if (whole) {
        size_t length;
        const char *params = draft_params(&task->draft, &length);
        json_member_raw(out, "params", params, length);
    }
    buffer_append_byte(out, '}');
}

enum error summary_write_live(struct buffer *out, const struct account *account,
    const struct task_place *place, bool whole)
{
    struct task task;
    struct task_fault fault;
    const struct task_name *name = &place->lease.task;
    enum error error = task_load(account, place->path, name, &task, &fault);
    if (error == ERROR_SYNTAX || error == ERROR_TYPE ||
        error == ERROR_TOO_LARGE) {
        task_from_name(&task, account, name);
        error = ERROR_NONE;
    }
    if (error != ERROR_NONE)
        return error;
    if (place->state == TASK_PENDING)
        task_set_pending(&task);
    write_task(out, account, &task, place, whole);
    task_free(&task);
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}
