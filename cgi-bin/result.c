/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/tasks/{id}/result: what became of a task. */
#include "action.h"
#include "file.h"
#include "find.h"
#include "json_write.h"
#include "log.h"
#include "program.h"
#include "record.h"
#include "result_read.h"
#include "task.h"
#include "verdict.h"

#include <inttypes.h>
#include <string.h>

static void write_received(struct reply *reply)
{
    buffer_append_byte(&reply->body, '{');
    json_member_text(&reply->body, "status", "received");
    json_member_text(&reply->body, "message", "Task result saved successfully");
    buffer_append_text(&reply->body, "}\n");
}

static void refuse_contradiction(
    struct program *program, int64_t user, const struct task_place *place)
{
    const char *state = task_state_text(place->state);
    log_event(&program->spool, "conflict",
        "user %" PRId64 ": a second result for task %s contradicts the one "
        "recorded (%s)",
        user, program->id, state);
    problem_set(&program->reply, PROBLEM_RESULT_CONFLICT,
        "Task %s is recorded as %s already, with another result; the first "
        "one stands.",
        program->id, state);
}

/* The first result stands. The same once more gets the same answer, but not
 * before it is certain that the first is safe: the program that took it may
 * have died before its fsync. */
static void compare(struct program *program, int64_t user,
    const struct task_place *place, const struct verdict *verdict)
{
    const struct spool *spool = &program->spool;
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    bool agrees = false;
    enum error error = file_read(
        spool->directory, place->path.text, SIZE_MAX / 4, &text, NULL);
    if (error == ERROR_NONE && json_parse(&document, buffer_text(&text),
                                   text.length, &fault) == ERROR_NONE) {
        agrees = record_agrees(json_root(&document), verdict);
        json_free(&document);
    }
    buffer_free(&text);
    if (error == ERROR_NONE && agrees) {
        error = directory_sync(
            spool->directory, path_of_user(SPOOL_DONE, user).text);
    }
    if (error != ERROR_NONE)
        problem_set_error(&program->reply, error, "Reading the record");
    else if (agrees)
        write_received(&program->reply);
    else
        refuse_contradiction(program, user, place);
}

static enum error speak(struct program *program, const struct task *task,
    const struct path *entry, const struct verdict *verdict)
{
    enum error error = verdict_give(&program->spool, task, entry, verdict);
    if (error == ERROR_NONE && verdict->completed &&
        action_ingest(task->name.action) != INGEST_NONE)
        program->ingest_user = task->user;
    return error;
}

/* ERROR_NOT_FOUND: it moved meanwhile. */
static enum error give(struct program *program, int64_t user,
    const struct task_place *place, const struct verdict *verdict)
{
    struct task task;
    struct task_fault fault;
    /* The task was accepted; a smaller max_body since is no reason to lose
     * its result. */
    struct config lenient = program->config;
    lenient.max_body = SIZE_MAX / 4;
    const struct task_name *name = &place->lease.task;
    enum error error = task_load(
        &program->spool, &lenient, place->path, user, name, &task, &fault);
    if (error == ERROR_SYNTAX || error == ERROR_TYPE) {
        /* Somebody has spoilt the file; that is no reason, either. */
        log_event(&program->spool, "spoilt", "%s", place->path.text);
        task_from_name(&task, &program->config, user, name);
        error = ERROR_NONE;
    }
    if (error != ERROR_NONE)
        return error;
    if (place->state == TASK_PENDING)
        task_set_pending(&task);
    error = speak(program, &task, &place->path, verdict);
    task_free(&task);
    return error;
}

/* A failure that only we declared gives way to the plugin's own word. */
static enum error give_over_failure(struct program *program, int64_t user,
    const struct task_place *place, const struct verdict *verdict)
{
    struct task task;
    enum error error = verdict_stands(&program->spool, user, program->id, true);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    error = record_load_task(
        &program->spool, place->path, user, program->id, &task);
    if (error != ERROR_NONE)
        return error;
    error = speak(program, &task, NULL, verdict);
    task_free(&task);
    return error;
}

static bool lease_is_wrong(
    const struct task_place *place, const struct result_body *body)
{
    return place->state == TASK_EXECUTING && body->lease.length > 0 &&
           strcmp(place->lease.lease, buffer_text(&body->lease)) != 0;
}

static enum error receive_once(struct program *program, int64_t user,
    struct task_place *place, const struct result_body *body)
{
    enum error error = find_task(&program->spool, user, program->id, place);
    if (error != ERROR_NONE)
        return error;
    if (lease_is_wrong(place, body))
        return ERROR_CONFLICT;
    if (place->state == TASK_COMPLETED || place->state == TASK_FAILED)
        error = give_over_failure(program, user, place, &body->verdict);
    else
        error = give(program, user, place, &body->verdict);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

static void receive(
    struct program *program, int64_t user, const struct result_body *body)
{
    struct task_place place;
    enum error error = ERROR_BUSY;
    /* A task may move between the look and the verdict: requeued, or claimed
     * again. A few looks are enough; each needs a deadline to pass. */
    for (int look = 0; look < 5 && error == ERROR_BUSY; look++)
        error = receive_once(program, user, &place, body);
    if (error == ERROR_EXISTS)
        error = find_done(&program->spool, user, program->id, &place);
    else if (error == ERROR_NONE) {
        write_received(&program->reply);
        return;
    } else if (error == ERROR_NOT_FOUND) {
        problem_set(&program->reply, PROBLEM_UNKNOWN_TASK, "Task not found");
        return;
    }
    if (error == ERROR_NONE)
        compare(program, user, &place, &body->verdict);
    else if (error == ERROR_CONFLICT)
        problem_set(&program->reply, PROBLEM_LEASE_LOST,
            "Task %s is executing under another lease.", program->id);
    else
        problem_set_error(&program->reply, error, "Saving the result");
}

/* Whose task it is: the token's user's, or anybody's for a token good for
 * all. 0 after having set the problem. */
static int64_t owner(struct program *program)
{
    int64_t user = program->caller.user;
    if (user != 0 || query_get(&program->request.query, "user_id") != NULL)
        return program_user(program);
    enum error error = find_owner(&program->spool, program->id, &user);
    if (error == ERROR_NOT_FOUND)
        problem_set(&program->reply, PROBLEM_UNKNOWN_TASK, "Task not found");
    else if (error == ERROR_CONFLICT)
        problem_set(&program->reply, PROBLEM_AMBIGUOUS_TASK,
            "Several users have a task %s; say which with user_id=.",
            program->id);
    else if (error != ERROR_NONE)
        problem_set_error(&program->reply, error, "Finding the task");
    if (error != ERROR_NONE)
        return 0;
    program->user = user;
    return user;
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct result_body body;
    if (!program_read_object(program, false, &text, &document))
        return;
    if (result_read(program, json_root(&document), &body)) {
        int64_t user = owner(program);
        if (user != 0)
            receive(program, user, &body);
    }
    result_free(&body);
    json_free(&document);
    buffer_free(&text);
}

/* Goes on with the defaults where etc/stoflow.ini is wrong: plugins turn a
 * 5xx for a success into a failure. */
int main(void)
{
    return program_run("result", answer, true);
}
