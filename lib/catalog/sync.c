/* SPDX-License-Identifier: MIT */
#include "sync.h"

#include "clock.h"
#include "draft.h"
#include "file.h"
#include "find.h"
#include "follow.h"
#include "ingest.h"
#include "json.h"
#include "lease.h"
#include "queue_ids.h"
#include "random.h"
#include "seller.h"
#include "spool_lock.h"
#include "task.h"

#include <string.h>

#define LISTING "get_all_products"
#define WHO "get_user_data"

/* A look at the tasks of a user that may be a sync. */
struct look {
    const struct account *account;
    struct sync *sync;
};

/* Whether the task is one that syncs, or that a sync follows. */
static bool is_sync(const struct look *look, const struct task *task,
    char next_task_id[ID_LENGTH_MAX + 1])
{
    struct draft next;
    next_task_id[0] = '\0';
    if (strcmp(task->name.action, LISTING) == 0) {
        return !seller_differs(
            look->account, json_member(task->draft.params, "user_id"));
    }
    if (follow_read(task->draft.then, &next) != ERROR_NONE)
        return false;
    memcpy(next_task_id, next.id, sizeof next.id);
    return true;
}

/* ERROR_EXISTS: this is it. A file that is no task is none, and one that has
 * moved is looked for where it went. */
static enum error consider(
    struct look *look, const struct task_name *name, struct path path)
{
    struct task task;
    struct task_fault fault;
    if (strcmp(name->action, LISTING) != 0 && strcmp(name->action, WHO) != 0)
        return ERROR_NONE;
    /* A task that was handed out before is under way, though it may have to
     * wait a little until it is again. */
    if (name->created > clock_now() && name->generation == 0)
        return ERROR_NONE;
    enum error error = task_load(look->account, path, name, &task, &fault);
    if (error == ERROR_NOT_FOUND || task_is_spoilt(error))
        return ERROR_NONE;
    if (error != ERROR_NONE)
        return error;
    struct sync *sync = look->sync;
    bool found = is_sync(look, &task, sync->next_task_id);
    if (found)
        memcpy(sync->task_id, name->id, sizeof sync->task_id);
    task_free(&task);
    if (found)
        error = file_secure(look->account->spool->directory, path.text);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    return found && error == ERROR_NONE ? ERROR_EXISTS : error;
}

static enum error visit_queued(void *context, const struct task_name *task)
{
    struct look *look = context;
    return consider(look, task,
        account_path(
            look->account, SPOOL_PENDING, name_format_queued(task).text));
}

static enum error visit_pending(void *context, const char *name)
{
    struct task_name task;
    return name_parse_queued(name, &task) == ERROR_NONE
               ? visit_queued(context, &task)
               : ERROR_NONE;
}

static enum error visit_executing(void *context, const char *name)
{
    struct look *look = context;
    struct lease_name lease;
    if (name_parse_executing(name, &lease) != ERROR_NONE)
        return ERROR_NONE;
    return consider(
        look, &lease.task, account_path(look->account, SPOOL_EXECUTING, name));
}

/* ERROR_BUSY: the index does not tell. */
static enum error look_by_index(struct look *look)
{
    enum error error =
        queue_ids_each(look->account, LISTING, visit_queued, look);
    return error == ERROR_NONE
               ? queue_ids_each(look->account, WHO, visit_queued, look)
               : error;
}

/* The program that made the task may have died before it was safe: what is told
 * of is made safe first. ERROR_EXISTS: it is there. */
static enum error look_in(struct look *look, enum spool_directory directory,
    spool_name_function *visit)
{
    struct path folder = account_folder(look->account, directory);
    enum error error =
        directory == SPOOL_PENDING ? look_by_index(look) : ERROR_BUSY;
    if (error == ERROR_BUSY)
        error = spool_each_name(look->account->spool, folder, visit, look);
    if (error == ERROR_EXISTS) {
        error = directory_sync(look->account->spool->directory, folder.text);
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    }
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* ERROR_EXISTS: there is one, *look->sync says which. */
static enum error find_under_way(struct look *look)
{
    enum error error = look_in(look, SPOOL_PENDING, visit_pending);
    return error == ERROR_NONE ? look_in(look, SPOOL_EXECUTING, visit_executing)
                               : error;
}

/* Tasks go from pending/ to executing/ and on to ingest/, and a result that is
 * taken in may put what follows into pending/: looked for in this order, none
 * is missed, unless more results wait than a request takes in; then two may be
 * under way, which is harmless. A lease that has ended is no sync under way. */
static enum error look_everywhere(struct look *look)
{
    struct lease_report leases = {0};
    unsigned taken;
    enum error error = lease_settle(look->account, LEASES_PER_POLL, &leases);
    if (error == ERROR_NONE)
        error = find_under_way(look);
    if (error == ERROR_NONE) {
        error = ingest_user(look->account, INGEST_IN_PASSING, &taken);
    }
    return error == ERROR_NONE ? find_under_way(look) : error;
}

/* The wardrobe is not known: whoever is logged in will tell. */
static enum error ask_first(
    const struct look *look, struct draft *draft, struct task_name *name)
{
    struct task_place standing;
    enum error error = random_uuid(look->sync->next_task_id);
    return error == ERROR_NONE ? follow_ask(look->account, draft,
                                     look->sync->next_task_id, name, &standing)
                               : error;
}

static enum error begin(const struct look *look, int priority)
{
    struct draft draft;
    struct task_name name;
    uint64_t number;
    enum error error = seller_look_up(look->account, &number);
    if (error != ERROR_NONE)
        return error;
    draft_init(&draft);
    draft.priority = priority;
    look->sync->next_task_id[0] = '\0';
    error = number == 0 ? ask_first(look, &draft, &name)
                        : follow_list(look->account, &draft, number, &name);
    if (error != ERROR_NONE)
        return error;
    look->sync->started = true;
    memcpy(look->sync->task_id, name.id, sizeof name.id);
    return ERROR_NONE;
}

enum error sync_start(
    const struct account *account, int priority, struct sync *sync)
{
    struct look look = {account, sync};
    memset(sync, 0, sizeof *sync);
    int lock = account_lock(account, "sync");
    enum error error = look_everywhere(&look);
    if (error == ERROR_NONE)
        error = begin(&look, priority);
    spool_unlock(lock);
    return error == ERROR_EXISTS ? ERROR_NONE : error;
}
