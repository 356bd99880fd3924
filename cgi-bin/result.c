/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/tasks/{id}/result: what became of a task. */
#include "action.h"
#include "block.h"
#include "cancel_mark.h"
#include "clock.h"
#include "file.h"
#include "find.h"
#include "json_write.h"
#include "log.h"
#include "program.h"
#include "record.h"
#include "requeue.h"
#include "result_read.h"
#include "task.h"
#include "verdict.h"
#include "withdraw.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
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

/* A result on its way. */
struct delivery {
    struct program *program;
    int64_t user;
    const struct result_body *body;
    struct task_place place; /* where the task was found last */
    bool is_news;            /* not what was posted before */
};

/* The first result stands. The same once more gets the same answer, but not
 * before it is certain that the first is safe: the program that took it may
 * have died before its fsync. */
static void compare(const struct delivery *delivery)
{
    struct program *program = delivery->program;
    const struct spool *spool = &program->spool;
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    bool agrees = false;
    enum error error = record_open(
        spool, delivery->place.path, SIZE_MAX / 4, &text, &document);
    if (error == ERROR_NONE) {
        agrees = record_agrees(json_root(&document), &delivery->body->verdict);
        json_free(&document);
        buffer_free(&text);
    } else if (error == ERROR_SYNTAX || error == ERROR_TOO_LARGE) {
        error = ERROR_NONE; /* spoilt by hand: it still says "done" */
    }
    if (error == ERROR_NONE && agrees) {
        error = directory_sync(
            spool->directory, path_of_user(SPOOL_DONE, delivery->user).text);
    }
    if (error != ERROR_NONE)
        problem_set_error(&program->reply, error, "Reading the record");
    else if (agrees)
        write_received(&program->reply);
    else
        refuse_contradiction(program, delivery->user, &delivery->place);
}

static enum error speak(const struct delivery *delivery,
    const struct task *task, const struct path *entry)
{
    struct program *program = delivery->program;
    const struct verdict *verdict = &delivery->body->verdict;
    enum error error = verdict_give(&program->spool, task, entry, verdict);
    if (error == ERROR_NONE && verdict->completed &&
        action_ingest(task->name.action) != INGEST_NONE)
        program->ingest_user = task->user;
    return error;
}

/* Whether this failure is worth another try, and the task may have one. One
 * that waits already has been put off by this very result before, or by its
 * deadline: its next try is to come in any case. */
static bool is_worth_a_try(
    const struct delivery *delivery, const struct task *task)
{
    const struct config *config = &delivery->program->config;
    const struct verdict *verdict = &delivery->body->verdict;
    int most = delivery->place.state == TASK_PENDING ? GENERATION_MAX
                                                     : config->retry.most;
    return !verdict->completed && config->retry.most > 0 &&
           task->name.generation < most && task->text.length > 0 &&
           task->text.length <= config->max_body &&
           !withdraw_is_lease(delivery->place.lease.lease) &&
           requeue_is_worth(
               config, task, verdict->error, verdict->error_length);
}

/* ERROR_NONE: the task may be put off. ERROR_EXISTS: its end was asked for, so
 * that this failure is its end. ERROR_BUSY: another word on it was being given
 * at this moment, or when a program died; look again. */
static enum error look_for_objections(const struct delivery *delivery)
{
    const struct spool *spool = &delivery->program->spool;
    const char *id = delivery->program->id;
    enum error error = cancel_mark_look(spool, delivery->user, id);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    error = verdict_finish_other(spool, delivery->user, id);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    return error == ERROR_NONE ? ERROR_BUSY : error;
}

/* Who put it off before may have died before that was safe. */
static enum error make_pending_safe(const struct delivery *delivery)
{
    static const enum spool_directory places[] = {
        SPOOL_PENDING, SPOOL_EXECUTING};
    enum error error = ERROR_NONE;
    for (int i = 0; i < 2 && error == ERROR_NONE; i++) {
        error = directory_sync(delivery->program->spool.directory,
            path_of_user(places[i], delivery->user).text);
        if (error == ERROR_NOT_FOUND)
            error = ERROR_NONE; /* nobody was ever handed anything */
    }
    return error;
}

/* The text of the failure may hold anything, so it is not logged. */
static enum error put_off(
    const struct delivery *delivery, const struct task *task)
{
    const struct program *program = delivery->program;
    const struct task_place *place = &delivery->place;
    int64_t due;
    char when[CLOCK_ISO_LENGTH + 1];
    if (place->state == TASK_PENDING)
        return make_pending_safe(delivery);
    enum error error = requeue_later(&program->spool, &program->config,
        delivery->user, place->path, &place->lease, &due);
    if (error != ERROR_NONE)
        return error;
    clock_format_iso(when, due);
    log_event(&program->spool, "retry",
        "user %" PRId64 ": task %s (%s) failed on try %d; it comes again at %s",
        delivery->user, program->id, task->name.action,
        task->name.generation + 1, when);
    return ERROR_NONE;
}

static enum error put_off_or_speak(
    struct delivery *delivery, const struct task *task)
{
    enum error error = ERROR_EXISTS;
    if (is_worth_a_try(delivery, task))
        error = look_for_objections(delivery);
    if (error == ERROR_NONE) {
        delivery->is_news = delivery->place.state == TASK_EXECUTING;
        return put_off(delivery, task);
    }
    if (error != ERROR_EXISTS)
        return error;
    delivery->is_news = true;
    return speak(delivery, task, &delivery->place.path);
}

/* ERROR_NOT_FOUND: it moved meanwhile. */
static enum error give(struct delivery *delivery)
{
    struct task task;
    struct task_fault fault;
    struct program *program = delivery->program;
    const struct task_place *place = &delivery->place;
    /* The task was accepted; a smaller max_body since is no reason to lose
     * its result. */
    struct config lenient = program->config;
    lenient.max_body = SIZE_MAX / 4;
    const struct task_name *name = &place->lease.task;
    enum error error = task_load(&program->spool, &lenient, place->path,
        delivery->user, name, &task, &fault);
    if (error == ERROR_SYNTAX || error == ERROR_TYPE) {
        /* Somebody has spoilt the file; that is no reason, either. */
        log_event(&program->spool, "spoilt", "%s", place->path.text);
        task_from_name(&task, &program->config, delivery->user, name);
        error = ERROR_NONE;
    }
    if (error != ERROR_NONE)
        return error;
    if (place->state == TASK_PENDING)
        task_set_pending(&task);
    error = put_off_or_speak(delivery, &task);
    task_free(&task);
    return error;
}

/* A failure that only we declared gives way to the plugin's own word. */
static enum error give_over_failure(struct delivery *delivery)
{
    struct task task;
    struct program *program = delivery->program;
    enum error error =
        verdict_stands(&program->spool, delivery->user, program->id, true);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    error = record_load_task(&program->spool, delivery->place.path,
        delivery->user, program->id, &task);
    if (error != ERROR_NONE)
        return error;
    delivery->is_news = true;
    error = speak(delivery, &task, NULL);
    task_free(&task);
    return error;
}

static bool lease_is_wrong(const struct delivery *delivery)
{
    const struct task_place *place = &delivery->place;
    const struct buffer *lease = &delivery->body->lease;
    return place->state == TASK_EXECUTING && lease->length > 0 &&
           strcmp(place->lease.lease, buffer_text(lease)) != 0;
}

static enum error receive_once(struct delivery *delivery)
{
    struct program *program = delivery->program;
    struct task_place *place = &delivery->place;
    *place = (struct task_place){.state = TASK_PENDING};
    enum error error =
        find_task(&program->spool, delivery->user, program->id, place);
    if (error != ERROR_NONE)
        return error;
    if (lease_is_wrong(delivery))
        return ERROR_CONFLICT;
    if (place->state == TASK_COMPLETED || place->state == TASK_FAILED)
        error = give_over_failure(delivery);
    else
        error = give(delivery);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

static void answer_error(struct delivery *delivery, enum error error)
{
    struct program *program = delivery->program;
    if (error == ERROR_EXISTS) {
        error = find_done(
            &program->spool, delivery->user, program->id, &delivery->place);
        if (error == ERROR_NONE) {
            compare(delivery);
            return;
        }
    }
    if (error == ERROR_NOT_FOUND)
        program_unknown_task(program);
    else if (error == ERROR_CONFLICT)
        problem_set(&program->reply, PROBLEM_LEASE_LOST,
            "Task %s is executing under another lease.", program->id);
    else
        problem_set_error(&program->reply, error, "Saving the result");
}

static void receive(struct program *program, int64_t user,
    const struct result_body *body, struct json_value object)
{
    struct delivery delivery = {.program = program, .user = user, .body = body};
    enum error error = ERROR_BUSY;
    /* A task may move between the look and the verdict: requeued, or claimed
     * again. A few looks are enough; each needs a deadline to pass. */
    for (int look = 0; look < 5 && error == ERROR_BUSY; look++)
        error = receive_once(&delivery);
    if (error != ERROR_NONE) {
        answer_error(&delivery, error);
        return;
    }
    write_received(&program->reply);
    if (delivery.is_news)
        block_heed(&program->spool, user, program->id, block_judge(object));
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct result_body body;
    if (!program_read_object(program, false, &text, &document))
        return;
    if (result_read(program, json_root(&document), &body)) {
        int64_t user = program_owner(program);
        if (user != 0)
            receive(program, user, &body, json_root(&document));
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
