/* SPDX-License-Identifier: MIT */
/* GET /api/plugin/tasks: the next task for the plugin to carry out. */
#include "claim.h"
#include "json_write.h"
#include "program.h"

#include <string.h>

static void write_task(struct buffer *out, const struct claim *claim)
{
    const struct task *task = &claim->task;
    size_t length;
    const char *params = draft_params(&task->draft, &length);
    buffer_append_byte(out, '{');
    json_member_text(out, "task_id", task->name.id);
    json_member_text(out, "action", task->name.action);
    json_member_raw(out, "params", params, length);
    json_member_integer(out, "priority", task->name.priority);
    json_member_integer(out, "timeout", task->timeout);
    json_member_text(out, "lease", claim->lease.lease);
    buffer_append_text(out, "}\n");
}

static void write_nothing(struct buffer *out)
{
    buffer_append_byte(out, '{');
    json_member_null(out, "task_id");
    json_member_text(out, "message", "No pending tasks");
    buffer_append_text(out, "}\n");
}

/* The receive_id of the query, "" if there is none; NULL after having set the
 * problem. */
static const char *receive_id(struct program *program)
{
    const char *id = query_get(&program->request.query, "receive_id");
    if (id == NULL)
        return "";
    if (receive_id_is_valid(id, strlen(id)))
        return id;
    problem_set(&program->reply, PROBLEM_INVALID_FIELD,
        "\"receive_id\" must be 8 to 32 characters a-z and 0-9.");
    return NULL;
}

static void answer(struct program *program)
{
    struct claim claim;
    int64_t user = program_user(program);
    const char *received = user == 0 ? NULL : receive_id(program);
    if (received == NULL)
        return;
    enum error error =
        claim_next(&program->spool, &program->config, user, received, &claim);
    if (claim.refresh_due)
        program->refresh_user = user;
    if (error == ERROR_NOT_FOUND) {
        write_nothing(&program->reply.body);
    } else if (error != ERROR_NONE) {
        problem_set_error(&program->reply, error, "Fetching the next task");
    } else {
        write_task(&program->reply.body, &claim);
        task_free(&claim.task);
    }
}

int main(void)
{
    return program_run("next-task", answer, false);
}
