/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "cancel_mark.h"
#include "file.h"
#include "find.h"
#include "name.h"
#include "past_lease.h"
#include "path.h"
#include "withdraw.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct progress_walk {
    struct sweep *sweep;
    const struct account *account;
    unsigned removed;
    unsigned cancelled;
};

/* The ID in front of the suffix. False if the name is not ID and suffix. */
static bool take_id(
    const char *name, const char *suffix, char id[ID_LENGTH_MAX + 1])
{
    size_t end = strlen(suffix);
    size_t length = strlen(name);
    if (length <= end || strcmp(name + length - end, suffix) != 0 ||
        !id_is_valid(name, length - end))
        return false;
    memcpy(id, name, length - end);
    id[length - end] = '\0';
    return true;
}

/* Somebody asked for the end of a task just before it was taken back from its
 * plugin, and the program that should have heeded that died. */
static enum error withdraw(
    struct progress_walk *walk, const struct task_place *place, const char *id)
{
    const struct sweep *sweep = walk->sweep;
    struct name name = name_format_queued(&place->lease.task);
    if (sweep->dry_run) {
        walk->cancelled++;
        return ERROR_NONE;
    }
    enum error error =
        withdraw_pending(walk->account, name.text, WITHDRAW_CANCELLED);
    if (error == ERROR_NONE) {
        walk->cancelled++;
        error = cancel_mark_remove(walk->account, id);
    }
    return error;
}

/* Whether the file is still the one that was there before we looked for its
 * task: another may have been made since, of the task's next try. */
static bool is_same(const struct sweep *sweep, const struct path *path,
    const struct stat *before)
{
    struct stat now;
    return fstatat(sweep->spool->directory, path->text, &now,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           now.st_ino == before->st_ino &&
           now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
}

static enum error remove_same(struct progress_walk *walk,
    const struct path *path, const struct stat *before)
{
    const struct sweep *sweep = walk->sweep;
    if (!is_same(sweep, path, before))
        return ERROR_NOT_FOUND;
    enum error error = sweep->dry_run
                           ? ERROR_NONE
                           : file_remove(sweep->spool->directory, path->text);
    walk->removed += error == ERROR_NONE;
    return error;
}

/* What a file in progress/ is about, by its name. */
struct said {
    char id[ID_LENGTH_MAX + 1];
    bool is_mark;          /* it asks for the end of the task */
    bool is_failure;       /* it tells why the task was put off */
    struct task_name task; /* whose past leases it tells; generation 0: it does
                            * not */
};

/* False for a name that is none of ours. */
static bool read_name(const char *name, struct said *said)
{
    said->is_mark = take_id(name, ".cancel", said->id);
    said->task.generation = 0;
    said->is_failure = take_id(name, ".failure", said->id);
    if (said->is_mark || said->is_failure || take_id(name, ".json", said->id))
        return true;
    if (past_lease_parse(name, &said->task) != ERROR_NONE)
        return false;
    memcpy(said->id, said->task.id, sizeof said->id);
    return true;
}

/* A note of past leases is made just before the task is taken back. Two that
 * take it back at once make two, for different moments, and one of them is the
 * first to do so. */
static bool is_needed(const struct said *said, const struct task_place *place)
{
    const struct task_name *task = &place->lease.task;
    if (place->state == TASK_COMPLETED || place->state == TASK_FAILED)
        return false;
    if (said->is_failure && task->generation > 0)
        return true;
    if (said->task.generation == 0)
        return place->state == TASK_EXECUTING;
    if (task->generation == said->task.generation)
        return task->created == said->task.created &&
               task->priority == said->task.priority;
    return task->generation == said->task.generation - 1 &&
           place->state == TASK_EXECUTING;
}

static enum error look(struct progress_walk *walk, const char *name)
{
    struct said said;
    struct stat before;
    struct task_place place;
    const struct spool *spool = walk->sweep->spool;
    struct path path = account_path(walk->account, SPOOL_PROGRESS, name);
    if (!read_name(name, &said))
        return ERROR_NONE;
    if (fstatat(spool->directory, path.text, &before, AT_SYMLINK_NOFOLLOW) != 0)
        return error_from_errno(errno);
    enum error error = find_task(walk->account, said.id, &place);
    /* What was moved by hand is yet to be queued: its name says nothing now. */
    if (error == ERROR_NONE && (place.by_hand || is_needed(&said, &place)))
        return ERROR_NONE;
    /* Who brings a task into the queue removes the mark first: one that is
     * still there is about the stay that was found. */
    if (error == ERROR_NONE && place.state == TASK_PENDING && said.is_mark)
        return is_same(walk->sweep, &path, &before)
                   ? withdraw(walk, &place, said.id)
                   : ERROR_NONE;
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    return remove_same(walk, &path, &before);
}

static enum error visit(void *context, const char *name)
{
    struct progress_walk *walk = context;
    enum error error = look(walk, name);
    if (!walk->sweep->dry_run)
        account_fault(walk->account, "progress",
            account_path(walk->account, SPOOL_PROGRESS, name), error);
    return ERROR_NONE;
}

static enum error visit_user(void *context, const struct account *account)
{
    struct progress_walk *walk = context;
    walk->account = account;
    sweep_each_name(
        walk->sweep, account_folder(account, SPOOL_PROGRESS), visit, walk);
    return ERROR_NONE;
}

void sweep_progress(struct sweep *sweep)
{
    struct progress_walk walk = {.sweep = sweep};
    sweep_each(sweep, SPOOL_PROGRESS, visit_user, &walk);
    sweep_tell_count(sweep, "cancelled", walk.cancelled, "task",
        " that came back from a plugin");
    sweep_tell_count(
        sweep, "removed", walk.removed, "report", " on tasks not executing");
}
