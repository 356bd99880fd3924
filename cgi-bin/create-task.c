/* SPDX-License-Identifier: MIT */
/* POST /api/tasks/create: queues a task. Either everything stands in one JSON
 * body, or the query names user_id and action and the body is the params. */
#include "draft.h"
#include "enqueue.h"
#include "file.h"
#include "idempotency.h"
#include "json_write.h"
#include "number.h"
#include "program.h"

#include <string.h>

struct query_field {
    const char *name;
    enum error (*set)(struct draft *draft, const char *value, size_t length);
    const char *reason;
};

static enum error set_priority(
    struct draft *draft, const char *value, size_t length)
{
    int64_t number;
    enum error error = number_parse(value, length, &number);
    return error == ERROR_NONE ? draft_set_priority(draft, number) : error;
}

static enum error set_timeout(
    struct draft *draft, const char *value, size_t length)
{
    int64_t number;
    enum error error = number_parse(value, length, &number);
    return error == ERROR_NONE ? draft_set_timeout(draft, number) : error;
}

static const struct query_field fields[] = {
    {"user_id", draft_set_user, "must be a whole number from 1 to 2^63-1"},
    {"action", draft_set_action, "must be 1 to 50 characters a-z, 0-9 and _"},
    {"task_id", draft_set_id,
        "must be 1 to 64 characters A-Z, a-z, 0-9, _ and -"},
    {"priority", set_priority, "must be a whole number from 0 to 999"},
    {"timeout", set_timeout,
        "must be a whole number of seconds from 1 to 86400"},
};

static bool refuse_field(
    struct program *program, const char *name, const char *reason)
{
    problem_set(
        &program->reply, PROBLEM_INVALID_FIELD, "\"%s\" %s.", name, reason);
    return false;
}

static bool read_query(struct program *program, struct draft *draft)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *value = query_get(&program->request.query, fields[i].name);
        if (value != NULL &&
            fields[i].set(draft, value, strlen(value)) != ERROR_NONE)
            return refuse_field(program, fields[i].name, fields[i].reason);
    }
    return true;
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
    program->user = draft->user;
    if (draft->action[0] == '\0')
        return refuse_field(program, "action", "is missing");
    if (program_may_see(program, draft->user))
        return true;
    problem_set(&program->reply, PROBLEM_WRONG_USER,
        "\"user_id\" is not that of the token.");
    return false;
}

static void write_created(struct program *program, const char *id)
{
    struct reply *reply = &program->reply;
    program_note_task(program, id);
    reply->status = 201;
    buffer_append_byte(&reply->body, '{');
    json_member_text(&reply->body, "task_id", id);
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
        write_created(program, draft->id);
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
    if (idempotency_key() == NULL) {
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
    enum error error = enqueue_task(
        &program->spool, &program->config, draft, &name, &standing);
    if (error == ERROR_EXISTS)
        refuse_or_repeat(program, draft, &standing);
    else if (error != ERROR_NONE)
        problem_set_error(&program->reply, error, "Creating the task");
    else
        write_created(program, name.id);
}

/* Without a task_id of its own the task is named after the key. */
static bool read_key(struct program *program, struct draft *draft)
{
    const char *key = idempotency_key();
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
    if (read_body(program, &draft, json_root(&document)) &&
        read_query(program, &draft) && check_draft(program, &draft) &&
        read_key(program, &draft))
        create(program, &draft);
    json_free(&document);
    buffer_free(&body);
}

int main(void)
{
    return program_run("create-task", answer, false);
}
