/* SPDX-License-Identifier: MIT */
#include "husk.h"

#include "hold.h"
#include "reject.h"
#include "task.h"

#include <string.h>

enum {
    LOOKS_MOST = 5 /* at a task that moves, or comes again, meanwhile */
};

static enum error clear_held(
    const struct account *account, const struct task_place *place)
{
    struct task task;
    struct task_fault fault;
    enum error error =
        task_load(account, place->path, &place->lease.task, &task, &fault);
    if (error == ERROR_NONE)
        task_free(&task);
    if (error == ERROR_NOT_FOUND)
        return error;
    if (error != ERROR_SYNTAX || !fault.is_torn)
        return ERROR_EXISTS;
    /* Nobody copies anything to where a task is executing. */
    if (fault.is_young && place->state == TASK_PENDING)
        return ERROR_BUSY;
    error = reject_file(account->spool, place->path,
        strrchr(place->path.text, '/') + 1, fault.reason);
    /* Back with the power, it would keep a task of this ID from being handed
     * out. Whoever creates that fsyncs where it waits himself. */
    return error == ERROR_NONE && place->state == TASK_EXECUTING
               ? account_sync_folder(account, SPOOL_EXECUTING)
               : error;
}

enum error husk_clear(
    const struct account *account, const struct task_place *place, bool held)
{
    struct hold hold;
    if (held || place->state == TASK_EXECUTING)
        return clear_held(account, place);
    enum error error = hold_take(account, place->lease.task.id, false, &hold);
    if (error != ERROR_NONE)
        return error;
    error = clear_held(account, place);
    hold_release(account->spool, &hold);
    return error;
}

/* Before anybody is kept from an ID by holding it. */
static bool is_torn(
    const struct account *account, const struct task_place *place)
{
    struct task task;
    struct task_fault fault;
    enum error error =
        task_load(account, place->path, &place->lease.task, &task, &fault);
    if (error == ERROR_NONE)
        task_free(&task);
    return error == ERROR_SYNTAX && fault.is_torn;
}

/* ERROR_EXISTS: it stands. */
static enum error judge(
    const struct account *account, const struct task_place *place, bool held)
{
    bool waits = place->state == TASK_PENDING && !place->by_hand;
    if (!waits && !(held && place->state == TASK_EXECUTING))
        return ERROR_EXISTS;
    return held || is_torn(account, place) ? husk_clear(account, place, held)
                                           : ERROR_EXISTS;
}

enum error husk_find_task(const struct account *account, const char *id,
    struct task_place *place, bool held)
{
    for (int look = 0; look < LOOKS_MOST; look++) {
        enum error error = find_task(account, id, place);
        if (error != ERROR_NONE)
            return error;
        error = judge(account, place, held);
        if (error == ERROR_EXISTS)
            return ERROR_NONE;
        if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
            return error;
    }
    return ERROR_BUSY;
}
