/* SPDX-License-Identifier: MIT */
/* POST /api/tasks/create: queues a task. Either everything stands in one JSON
 * body, or the query names user_id and action and the body is the params. */
#include "action.h"
#include "buffer.h"
#include "clock.h"
#include "draft.h"
#include "draft_query.h"
#include "enqueue.h"
#include "error.h"
#include "file.h"
#include "find.h"
#include "idempotency.h"
#include "json.h"
#include "json_write.h"
#include "name.h"
#include "path.h"
#include "photo_params.h"
#include "problem.h"
#include "program.h"
#include "query.h"
#include "reply.h"

#include <string.h>

static bool refuse_field(
    struct program *program, const char *name, const char *reason)
{
    problem_set(
        &program->reply, PROBLEM_INVALID_FIELD, "\"%s\" %s.", name, reason);
    return false;
}

static bool read_query(struct program *program, struct draft *draft)
{
    struct draft_fault fault;
    return draft_read_query(draft, &program->request.query, &fault) ==
               ERROR_NONE ||
           refuse_field(program, fault.member, fault.reason);
}

static bool read_body(
    struct program *program, struct draft *draft, struct json_value object)
{
    struct draft_fault fault;
    if (query_get(&program->request.query, "action") != NULL) {
        draft->params = object;
        return true;
    }
    enum error error = draft_read(draft, object, &fault);
    if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the body");
        return false;
    }
    return error == ERROR_NONE ||
           refuse_field(program, fault.member, fault.reason);
}

static bool check_draft(struct program *program, struct draft *draft)
{
    if (draft->user == 0)
        draft->user = program->caller.user;
    if (draft->user == 0)
        return refuse_field(program, "user_id",
            "is missing, and the token is good for all users");
    program->account.user = draft->user;
    if (draft->action[0] == '\0')
        return refuse_field(program, "action", "is missing");
    /* It names a task that we make and answer for, and nobody is asked again
     * then: that is for our own programs alone. */
    if (json_is(draft->then, JSON_OBJECT))
        return refuse_field(program, "then", "cannot be set by a client");
    if (program_may_see(program, draft->user))
        return true;
    problem_set(&program->reply, PROBLEM_WRONG_USER,
        "\"user_id\" is not that of the token.");
    return false;
}

static bool check_params(struct program *program, const struct draft *draft)
{
    struct json_misfit misfit;
    return action_check_params(draft->action, draft->params, &misfit) ==
               ERROR_NONE ||
           refuse_field(program, misfit.member, misfit.reason);
}

static void write_created(
    struct program *program, const struct draft *draft, const char *id)
{
    char moment[CLOCK_ISO_LENGTH + 1];
    struct reply *reply = &program->reply;
    program_note_task(program, id);
    reply->status = 201;
    buffer_append_byte(&reply->body, '{');
    json_member_text(&reply->body, "task_id", id);
    if (draft->not_before != 0) {
        clock_format_iso(moment, draft->not_before);
        json_member_text(&reply->body, "not_before", moment);
    }
    buffer_append_text(&reply->body, "}\n");
}

/* The program that made the task may have died before it was safe, or have
 * moved it since; so the folder it lies in is made safe before the answer. */
static void repeat_created(struct program *program, const struct draft *draft,
    const struct task_place *standing)
{
    static const enum spool_directory places[] = {
        SPOOL_PENDING,   /* TASK_PENDING */
        SPOOL_EXECUTING, /* TASK_EXECUTING */
        SPOOL_DONE,      /* TASK_COMPLETED */
        SPOOL_DONE,      /* TASK_FAILED */
    };
    struct path folder = path_of_user(places[standing->state], draft->user);
    enum error error = directory_sync(program->spool.directory, folder.text);
    if (error == ERROR_NONE)
        write_created(program, draft, draft->id);
    else
        problem_set_error(&program->reply, error, "Creating the task");
}

/* What stands under the ID is what this very request made before, if it bears
 * an Idempotency-Key and asks for the same. */
static void refuse_or_repeat(struct program *program, const struct draft *draft,
    const struct task_place *standing)
{
    struct reply *reply = &program->reply;
    const char *state = task_state_text(standing->state);
    if (idempotency_key(program->request.environment) == NULL) {
        problem_set(reply, PROBLEM_TASK_EXISTS,
            "Task %s exists already: it is %s.", draft->id, state);
    } else if (idempotency_agrees(&program->spool, standing, draft)) {
        repeat_created(program, draft, standing);
    } else {
        problem_set(reply, PROBLEM_KEY_REUSED,
            "This Idempotency-Key made another task, %s; it is %s.", draft->id,
            state);
    }
}

static void create(struct program *program, const struct draft *draft)
{
    struct task_name name;
    struct task_place standing;
    enum error error = enqueue_task(&program->account, draft, &name, &standing);
    if (error == ERROR_EXISTS)
        refuse_or_repeat(program, draft, &standing);
    else if (error != ERROR_NONE)
        problem_set_error(&program->reply, error, "Creating the task");
    else
        write_created(program, draft, name.id);
}

/* Without a task_id of its own the task is named after the key. */
static bool read_key(struct program *program, struct draft *draft)
{
    const char *key = idempotency_key(program->request.environment);
    if (key == NULL || draft->id[0] != '\0' ||
        idempotency_id(key, draft->id) == ERROR_NONE)
        return true;
    problem_set(&program->reply, PROBLEM_BAD_REQUEST,
        "Idempotency-Key must be 1 to 255 printable ASCII characters.");
    return false;
}

static void answer(struct program *program)
{
    struct buffer body = BUFFER_EMPTY;
    struct json_document document;
    struct draft draft;
    draft_init(&draft);
    bool only_params = query_get(&program->request.query, "action") != NULL;
    if (!program_read_object(program, only_params, &body, &document))
        return;
    struct photo_params params = PHOTO_PARAMS_NONE;
    if (read_body(program, &draft, json_root(&document)) &&
        read_query(program, &draft) && check_draft(program, &draft) &&
        check_params(program, &draft) && read_key(program, &draft) &&
        photo_params_take(program, &draft, &params))
        create(program, &draft);
    photo_params_free(&params);
    json_free(&document);
    buffer_free(&body);
}

int main(void)
{
    return program_run("create-task", answer, false);
}
