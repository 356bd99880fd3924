/* SPDX-License-Identifier: MIT */
#include "delivery.h"

#include "action.h"
#include "cancel_mark.h"
#include "clock.h"
#include "file.h"
#include "last_failure.h"
#include "locate.h"
#include "log.h"
#include "past_lease.h"
#include "requeue.h"
#include "verdict.h"

#include <string.h>

/* The lease that was given, or the one the task was found under; "": none. */
static const char *find_lease(const struct delivery *delivery)
{
    const struct task_place *place = &delivery->place;
    if (delivery->body->lease.length > 0)
        return buffer_text(&delivery->body->lease);
    return place->state == TASK_EXECUTING &&
                   !lease_is_withdrawal(place->lease.lease)
               ? place->lease.lease
               : "";
}

/* `verdict` points into `text` then. Where no lease was given for a task whose
 * end was not the plugin's word, each of those that the record bears may have
 * been it.
 */
static void set_leases(const struct delivery *delivery, const struct task *task,
    struct verdict *verdict, struct buffer *text)
{
    const char *lease = find_lease(delivery);
    if (lease[0] != '\0') {
        buffer_append_format(text, "[\"%s\"]", lease);
        verdict->leases = text->failed ? NULL : text->data;
        verdict->leases_length = text->length;
    } else if (delivery->place.state == TASK_FAILED ||
               delivery->place.state == TASK_COMPLETED) {
        struct json_value leases =
            json_member(json_root(&task->document), "leases");
        if (json_is_given(leases))
            verdict->leases = json_raw(leases, &verdict->leases_length);
    }
}

static enum error speak(struct delivery *delivery, const struct task *task,
    const struct path *entry)
{
    struct verdict verdict = delivery->body->verdict;
    struct buffer leases = BUFFER_EMPTY;
    delivery->is_news = true;
    set_leases(delivery, task, &verdict, &leases);
    enum error error = verdict_give(delivery->account, task, entry, &verdict);
    buffer_free(&leases);
    delivery->ingest =
        error == ERROR_NONE &&
        (verdict.completed ? action_ingest(task->name.action,
                                 task->draft.params) != INGEST_NONE
                           : verdict.unknown);
    return error;
}

/* Whether this failure is worth another try, and the task may have one. One
 * that waits already has been put off by this very result before, or by its
 * deadline: its next try is to come in any case. */
static bool is_worth_a_try(
    const struct delivery *delivery, const struct task *task)
{
    const struct config *config = delivery->account->config;
    const struct verdict *verdict = &delivery->body->verdict;
    int most = delivery->place.state == TASK_PENDING ? GENERATION_MAX
                                                     : config->retry.most;
    return !verdict->completed && !verdict->unknown && config->retry.most > 0 &&
           task->name.generation < most && task->text.length > 0 &&
           !lease_is_withdrawal(delivery->place.lease.lease) &&
           requeue_is_worth(
               delivery->account, task, verdict->error, verdict->error_length);
}

/* ERROR_NONE: the task may be put off. ERROR_EXISTS: its end was asked for, so
 * that this failure is its end. ERROR_BUSY: another word on it was being given
 * at this moment, or when a program died; look again. */
static enum error look_for_objections(const struct delivery *delivery)
{
    const char *id = delivery->id;
    enum error error = cancel_mark_look(delivery->account, id);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    error = verdict_finish_other(delivery->account, id);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    return error == ERROR_NONE ? ERROR_BUSY : error;
}

/* With its record, power loss would bring back the end that a retry, which may
 * not have answered yet, has taken from it. */
static enum error make_retry_safe(
    const struct account *account, const struct task *task)
{
    if (!task_is_retried(task))
        return ERROR_NONE;
    enum error error = account_sync_folder(account, SPOOL_DONE);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* Who put it off before may have died before that was safe. */
static enum error make_pending_safe(const struct delivery *delivery)
{
    static const enum spool_directory places[] = {
        SPOOL_PENDING, SPOOL_EXECUTING};
    enum error error = file_secure(
        delivery->account->spool->directory, delivery->place.path.text);
    for (int i = 0; i < 2 && error == ERROR_NONE; i++) {
        error = account_sync_folder(delivery->account, places[i]);
        if (error == ERROR_NOT_FOUND)
            error = ERROR_NONE; /* nobody was ever handed anything */
    }
    return error;
}

/* A verdict stands, and is safe, on a task that has just been put off.
 * ERROR_NONE: its end while it waited, which we have declared. ERROR_BUSY: look
 * again; a time-out was being declared before, and gives way to this failure.
 */
static enum error judge_end(const struct delivery *delivery)
{
    struct task_place place;
    struct task task;
    const struct account *account = delivery->account;
    enum error error = find_done(account, delivery->id, &place);
    if (error == ERROR_NONE)
        error = record_load_task(account, place.path, delivery->id, &task);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND || task_is_spoilt(error) ? ERROR_BUSY
                                                                 : error;
    struct json_value declared =
        json_member(json_root(&task.document), "declared");
    bool has_waited = !json_is(declared, JSON_ABSENT) &&
                      !json_string_equals(declared, "timeout");
    task_free(&task);
    return has_waited ? ERROR_NONE : ERROR_BUSY;
}

/* The text of the failure may hold anything, so no more of it is logged than
 * the phrase that it is known by. */
static void log_put_off(
    const struct delivery *delivery, const struct task *task, int64_t due)
{
    const struct verdict *verdict = &delivery->body->verdict;
    char when[CLOCK_ISO_LENGTH + 1];
    clock_format_iso(when, due);
    account_log(delivery->account, "retry",
        "task %s (%s) failed on try %d (\"%s\"); it comes again at %s",
        delivery->id, task->name.action, task->name.generation + 1,
        config_failure_phrase(
            delivery->account->config, verdict->error, verdict->error_length),
        when);
}

static enum error put_off(
    const struct delivery *delivery, const struct task *task)
{
    const struct task_place *place = &delivery->place;
    int64_t due = 0;
    const struct verdict *verdict = &delivery->body->verdict;
    if (place->state != TASK_PENDING)
        last_failure_note(delivery->account, delivery->id, verdict->error,
            verdict->error_length);
    enum error error = place->state == TASK_PENDING
                           ? make_pending_safe(delivery)
                           : requeue_later(delivery->account, place->path,
                                 &place->lease, &due);
    if (error == ERROR_NONE)
        error = make_retry_safe(delivery->account, task);
    if (error == ERROR_EXISTS)
        error = judge_end(delivery);
    if (error != ERROR_NONE || place->state == TASK_PENDING)
        return error;
    log_put_off(delivery, task, due);
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
    return error == ERROR_EXISTS ? speak(delivery, task, &delivery->place.path)
                                 : error;
}

/* ERROR_NOT_FOUND: it moved meanwhile. */
static enum error give(struct delivery *delivery)
{
    struct task task;
    struct task_fault fault;
    const struct task_place *place = &delivery->place;
    const struct task_name *name = &place->lease.task;
    enum error error =
        task_load(delivery->account, place->path, name, &task, &fault);
    if (task_is_spoilt(error)) {
        /* Somebody has spoilt the file; that is no reason, either. */
        log_event(delivery->account->spool, "spoilt", "%s", place->path.text);
        task_from_name(&task, delivery->account, name);
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
    enum error error = find_undone(delivery->account, delivery->id,
        record_find_word(&delivery->body->verdict));
    if (error != ERROR_NONE)
        return error;
    error = record_load_task(
        delivery->account, delivery->place.path, delivery->id, &task);
    if (error != ERROR_NONE)
        return error;
    bool fits = record_fits_lease(
        json_root(&task.document), buffer_text(&delivery->body->lease));
    error = fits ? speak(delivery, &task, NULL) : ERROR_CONFLICT;
    task_free(&task);
    return error;
}

/* ERROR_EXISTS, or ERROR_NOT_FOUND where the task was queued again since. */
static enum error look_at_record(struct delivery *delivery)
{
    enum error error =
        find_done(delivery->account, delivery->id, &delivery->place);
    return error == ERROR_NONE ? ERROR_EXISTS : error;
}

/* A task that waits, or is just being withdrawn: late work counts under any
 * lease that it was handed out under since it was put into the queue. */
static enum error check_past_lease(const struct delivery *delivery)
{
    struct task_place again;
    const struct account *account = delivery->account;
    const struct task_place *place = &delivery->place;
    if (!past_lease_is_foreign(
            account, &place->lease.task, buffer_text(&delivery->body->lease)))
        return ERROR_NONE;
    if (place->state == TASK_EXECUTING)
        return ERROR_CONFLICT;
    /* Nobody is refused for what an index of the queue says, or for a listing
     * that missed an entry of executing/ because it moved. */
    enum error error = find_executing(account, delivery->id, &again);
    if (error == ERROR_NONE)
        return ERROR_BUSY;
    if (error == ERROR_NOT_FOUND)
        error = file_look(account->spool->directory, place->path.text);
    return error == ERROR_NONE ? ERROR_CONFLICT : error;
}

/* A lease that is given must be one of the task's: ERROR_CONFLICT. A finished
 * task's record tells, which is read later. */
static enum error check_lease(const struct delivery *delivery)
{
    const struct task_place *place = &delivery->place;
    const struct buffer *lease = &delivery->body->lease;
    if (lease->length == 0 || place->state == TASK_COMPLETED ||
        place->state == TASK_FAILED)
        return ERROR_NONE;
    if (place->state == TASK_PENDING || lease_is_withdrawal(place->lease.lease))
        return check_past_lease(delivery);
    return strcmp(place->lease.lease, buffer_text(lease)) == 0 ? ERROR_NONE
                                                               : ERROR_CONFLICT;
}

static enum error carry_out_once(struct delivery *delivery)
{
    struct task_place *place = &delivery->place;
    *place = (struct task_place){.state = TASK_PENDING};
    enum error error = locate_task(delivery->account, delivery->id, place);
    if (error != ERROR_NONE)
        return error;
    bool done = place->state == TASK_COMPLETED || place->state == TASK_FAILED;
    error = check_lease(delivery);
    if (error == ERROR_NONE)
        error = done ? give_over_failure(delivery) : give(delivery);
    if (error == ERROR_EXISTS)
        error = look_at_record(delivery);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

enum error delivery_carry_out(struct delivery *delivery)
{
    enum error error = ERROR_BUSY;
    /* A task may move between the look and the verdict: requeued, or claimed
     * again. A few looks are enough; each needs a deadline to pass. */
    for (int look = 0; look < 5 && error == ERROR_BUSY; look++)
        error = carry_out_once(delivery);
    account_stuck(delivery->account, delivery->place.path, error);
    return error;
}
