/* SPDX-License-Identifier: MIT */
/* POST /api/tasks/create: queues a task. Either everything stands in one JSON
 * body, or the query names user_id and action and the body is the params. */
#include "pages.h"

#include "action.h"
#include "body.h"
#include "buffer.h"
#include "clock.h"
#include "draft.h"
#include "enqueue.h"
#include "error.h"
#include "file.h"
#include "file_fault.h"
#include "find.h"
#include "idempotency.h"
#include "json.h"
#include "json_write.h"
#include "name.h"
#include "number.h"
#include "path.h"
#include "photo_take.h"
#include "problem.h"
#include "query.h"
#include "reply.h"

#include <stdint.h>
#include <string.h>

/* One of the two setters is given. */
struct field_row {
    const char *name;
    enum error (*set_text)(
        struct draft *draft, const char *value, size_t length);
    enum error (*set_number)(struct draft *draft, int64_t number);
    const char *reason;
};

static const struct field_row fields[] = {
    {"user_id", draft_set_user, NULL,
        "must be a whole number from 1 to 2^63-1"},
    {"action", draft_set_action, NULL,
        "must be 1 to 50 characters a-z, 0-9 and _"},
    {"task_id", draft_set_id, NULL,
        "must be 1 to 64 characters A-Z, a-z, 0-9, _ and -"},
    {"priority", NULL, draft_set_priority,
        "must be a whole number from 0 to 999"},
    {"timeout", NULL, draft_set_timeout,
        "must be a whole number of seconds from 1 to 86400"},
    {"not_before", draft_set_not_before, NULL,
        "must be a date and time as 2024-12-07T10:00:15Z; a + in it is sent as "
        "%2B"},
    {"expires_in", NULL, draft_set_expires_in,
        "must be a whole number of seconds from 1 to 31622400"},
    {"retries", NULL, draft_set_retries,
        "must be a whole number from 0 to 1000"},
};

static enum error set_field(
    const struct field_row *row, struct draft *draft, const char *value)
{
    int64_t number;
    size_t length = strlen(value);
    if (row->set_text != NULL)
        return row->set_text(draft, value, length);
    enum error error = number_parse(value, length, &number);
    return error == ERROR_NONE ? row->set_number(draft, number) : error;
}

/* The known parameters, of which the body may hold others; unknown ones are
 * ignored. */
static bool read_query(struct program *program, struct draft *draft)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *value = query_get(&program->request.query, fields[i].name);
        if (value != NULL && set_field(&fields[i], draft, value) != ERROR_NONE)
            return problem_refuse(
                &program->reply, fields[i].name, fields[i].reason);
    }
    return true;
}

static bool check_query(struct program *program, struct json_value object)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!body_check_query(program, object, fields[i].name))
            return false;
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
        body_set_error(program, error, "Reading the body");
        return false;
    }
    if (error != ERROR_NONE)
        return problem_refuse(&program->reply, fault.member, fault.reason);
    return check_query(program, object);
}

static bool check_draft(struct program *program, struct draft *draft)
{
    if (draft->user == 0)
        draft->user = program->caller.user;
    if (draft->user == 0)
        return problem_refuse(&program->reply, "user_id",
            "is missing, and the token is good for all users");
    program->account.user = draft->user;
    if (draft->action[0] == '\0')
        return problem_refuse(&program->reply, "action", "is missing");
    /* It names a task that we make and answer for, and nobody is asked again
     * then: that is for our own programs alone. */
    if (json_is(draft->then, JSON_OBJECT))
        return problem_refuse(
            &program->reply, "then", "cannot be set by a client");
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
           problem_refuse(&program->reply, misfit.member, misfit.reason);
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

/* The program that made the task may have died before it was safe. */
static void repeat_created(struct program *program, const struct draft *draft,
    struct task_place *standing)
{
    enum error error =
        enqueue_make_safe(&program->account, draft->id, standing);
    if (error == ERROR_NONE)
        write_created(program, draft, draft->id);
    else
        file_fault_set_folder(program, error, "Creating the task");
}

static void refuse_key(struct program *program)
{
    problem_set(&program->reply, PROBLEM_KEY_REUSED,
        "This Idempotency-Key was sent with another request before. The same "
        "request gets the same answer; another one needs another key.");
}

static void refuse_id(struct program *program, const struct draft *draft,
    const struct task_place *standing)
{
    problem_set(&program->reply, PROBLEM_TASK_EXISTS,
        "Task %s exists already: it is %s.", draft->id,
        task_state_text(standing->state));
}

/* What stands under the ID is what this very request made before, if it bears
 * an Idempotency-Key and asks for the same. Where that cannot be told, neither
 * can the client be told that it does not. */
static void refuse_or_repeat(struct program *program, const struct draft *draft,
    struct task_place *standing)
{
    if (draft->key[0] == '\0') {
        refuse_id(program, draft, standing);
        return;
    }
    enum error error = idempotency_compare(&program->account, draft, standing);
    if (error == ERROR_NONE)
        repeat_created(program, draft, standing);
    else if (error != ERROR_CONFLICT)
        file_fault_set(program, error, standing->path, "Reading the task");
    else if (strcmp(draft->key, draft->id) == 0)
        refuse_key(program);
    else
        refuse_id(program, draft, standing);
}

static void create(struct program *program, const struct draft *draft)
{
    struct task_name name;
    struct task_place standing;
    program_note_task(program, draft->id);
    enum error error = enqueue_task(&program->account, draft, &name, &standing);
    if (error == ERROR_EXISTS)
        refuse_or_repeat(program, draft, &standing);
    else if (error == ERROR_CONFLICT)
        refuse_key(program);
    else if (error != ERROR_NONE)
        file_fault_set_folder(program, error, "Creating the task");
    else
        write_created(program, draft, name.id);
}

/* Before a photo is taken, whose URL depends on the host that was asked. The
 * digest is ours to set, whatever the body says. */
static bool read_key(struct program *program, struct draft *draft)
{
    const char *key = idempotency_key(program->gateway->environment);
    draft->request_digest[0] = '\0';
    enum error error = key == NULL ? ERROR_NONE : idempotency_set(draft, key);
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_MEMORY) {
        body_set_error(program, error, "Reading the body");
        return false;
    }
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
    if (!body_read_object(program, only_params, &body, &document))
        return;
    struct photo_params params = PHOTO_PARAMS_NONE;
    if (read_body(program, &draft, json_root(&document)) &&
        read_query(program, &draft) && check_draft(program, &draft) &&
        check_params(program, &draft) && read_key(program, &draft) &&
        photo_take_params(program, &draft, &params))
        create(program, &draft);
    photo_params_free(&params);
    json_free(&document);
    buffer_free(&body);
}

const struct page page_create_task = {"create-task", answer, false};
