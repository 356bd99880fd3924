/* SPDX-License-Identifier: MIT */
#include "husk.h"

#include "hold.h"
#include "reject.h"
#include "task.h"

#include <string.h>

enum {
    LOOKS_MOST = 5 /* at a task that moves, or comes again, meanwhile */
};

/* ERROR_NONE: it is a husk, and *fault says why. ERROR_EXISTS: it is none, as
 * far as can be told. */
static enum error look_at(const struct account *account,
    const struct task_place *place, struct task_fault *fault)
{
    struct task task;
    enum error error =
        task_load(account, place->path, &place->lease.task, &task, fault);
    if (error == ERROR_NONE)
        task_free(&task);
    if (error == ERROR_NOT_FOUND)
        return error;
    return error == ERROR_SYNTAX && fault->is_torn ? ERROR_NONE : ERROR_EXISTS;
}

static enum error clear_held(
    const struct account *account, const struct task_place *place)
{
    struct task_fault fault;
    enum error error = look_at(account, place, &fault);
    if (error != ERROR_NONE)
        return error;
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

enum error husk_clear_entry(const struct account *account, struct path entry,
    const struct lease_name *lease)
{
    const struct task_place place = {
        .state = TASK_EXECUTING, .path = entry, .lease = *lease};
    return husk_clear(account, &place, false);
}

/* ERROR_EXISTS: it stands. What is none keeps nobody from its ID. */
static enum error judge(
    const struct account *account, const struct task_place *place, bool held)
{
    bool waits = place->state == TASK_PENDING && !place->by_hand;
    if (!waits && !(held && place->state == TASK_EXECUTING))
        return ERROR_EXISTS;
    struct task_fault fault;
    return held || look_at(account, place, &fault) == ERROR_NONE
               ? husk_clear(account, place, held)
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
