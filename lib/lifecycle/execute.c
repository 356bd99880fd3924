/* SPDX-License-Identifier: MIT */
#include "execute.h"

#include "cancel.h"
#include "clock.h"
#include "enqueue.h"
#include "wakeup.h"

#include <string.h>

enum {
    /* Seconds a plugin may be at it after nobody waits any more: so it is
     * told to stop, and does not find that its lease is lost. */
    GRACE = 10
};

static enum error queue(struct execution *execution)
{
    struct draft *draft = &execution->draft;
    struct task_name name;
    struct task_place standing;
    int seconds = execution->wait > 0 ? (int)execution->wait : 1;
    draft->priority = PRIORITY_MAX;
    draft->retries = 0;
    draft->timeout = seconds + GRACE;
    /* If we are killed while we wait, it must not be carried out hours
     * later. */
    draft->expires_in = seconds;
    enum error error =
        enqueue_task(execution->account, draft, &name, &standing);
    if (error == ERROR_NONE)
        memcpy(execution->id, name.id, sizeof execution->id);
    return error;
}

static enum error find_record(
    const struct execution *execution, struct task_place *place)
{
    return find_done(execution->account, execution->id, place);
}

/* A plugin may answer just before the task is cancelled. */
static enum error withdraw(
    struct execution *execution, struct task_place *place)
{
    enum cancel_outcome outcome;
    enum error error = cancel_task(execution->account, execution->id, &outcome);
    if (error == ERROR_NONE && outcome == CANCEL_TOO_LATE)
        return find_record(execution, place);
    execution->withdrawn = error == ERROR_NONE || error == ERROR_NOT_FOUND;
    return ERROR_INCOMPLETE;
}

/* Who is told of an error may ask again, and it must not be done twice then. */
static enum error give_up(
    struct execution *execution, struct task_place *place, enum error why)
{
    enum error error = withdraw(execution, place);
    return error == ERROR_INCOMPLETE ? why : error;
}

static enum error wait(struct execution *execution, struct wakeup *wakeup,
    struct task_place *place)
{
    int64_t until = clock_steady() + (execution->wait * clock_second);
    for (;;) {
        wakeup_watch_done(wakeup, execution->root, execution->account->user);
        enum error error = find_record(execution, place);
        if (error == ERROR_NONE)
            return error;
        if (error != ERROR_NOT_FOUND)
            return give_up(execution, place, error);
        if (clock_steady() >= until)
            return withdraw(execution, place);
        wakeup_wait(wakeup, until);
    }
}

enum error execute_task(struct execution *execution, struct task_place *place)
{
    struct wakeup wakeup;
    execution->withdrawn = false;
    if (!wakeup_open(&wakeup, execution->account->spool, "executor",
            execution->account->config->max_waiters))
        return ERROR_BUSY;
    enum error error = account_make_folder(execution->account, SPOOL_DONE);
    if (error == ERROR_NONE)
        error = queue(execution);
    if (error == ERROR_NONE)
        error = wait(execution, &wakeup, place);
    wakeup_close(&wakeup);
    return error;
}
