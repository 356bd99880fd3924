/* SPDX-License-Identifier: MIT */
#include "claim_take.h"

#include "action.h"
#include "claim.h"
#include "clock.h"
#include "error.h"
#include "file.h"
#include "find.h"
#include "name.h"
#include "path.h"
#include "queue.h"
#include "queue_change.h"
#include "random.h"
#include "reject.h"
#include "spool.h"
#include "task.h"
#include "verdict.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static enum error choose_lease(const char *receive_id, struct claim *claim)
{
    claim->lease.task = claim->task.name;
    claim->lease.deadline = clock_now() + (claim->task.timeout * clock_second);
    if (receive_id[0] == '\0')
        return random_lease(claim->lease.lease);
    snprintf(claim->lease.lease, sizeof claim->lease.lease, "%s", receive_id);
    return ERROR_NONE;
}

/* Renames, and decides the doubtful: a network file system may report a
 * failure for a rename that was done, but nobody else can have made the
 * target, whose name bears our lease. */
static enum error rename_to_executing(
    const struct account *account, struct path from, struct path to)
{
    enum error error =
        file_rename(account->spool->directory, from.text, to.text);
    if (error == ERROR_NOT_FOUND &&
        file_exists(account->spool->directory, from.text)) {
        error = account_make_folder(account, SPOOL_EXECUTING);
        if (error == ERROR_NONE)
            error = file_rename(account->spool->directory, from.text, to.text);
    }
    if (error != ERROR_NONE && file_exists(account->spool->directory, to.text))
        error = ERROR_NONE;
    return error;
}

enum error claim_make_safe(
    const struct account *account, const struct task *task, struct path entry)
{
    if (action_is_repeatable(task->name.action, task->draft.params))
        return ERROR_NONE;
    enum error error = file_secure(account->spool->directory, entry.text);
    if (error == ERROR_NONE) {
        error = account_sync_folder(account, SPOOL_EXECUTING);
    }
    if (error == ERROR_NONE) {
        error = account_sync_folder(account, SPOOL_PENDING);
    }
    return error;
}

/* If it cannot, it waits for its deadline. */
void claim_give_back(
    const struct account *account, struct path entry, const char *name)
{
    struct path pending = account_path(account, SPOOL_PENDING, name);
    queue_change_rename(account, entry, pending, name);
}

/* A task that turns out to be done (its pending name was left by a crash, or
 * its late result came a moment ago) is not handed out. */
static bool is_done(
    const struct account *account, const struct claim *claim, struct path entry)
{
    if (verdict_stands(account, claim->task.name.id, false) != ERROR_NONE)
        return false;
    verdict_clear_entry(account, entry);
    return true;
}

static void reject_candidate(
    struct queue *queue, struct path from, const char *name, const char *reason)
{
    if (reject_file(queue->account->spool, from, name, reason) == ERROR_NONE)
        queue_took(queue);
}

static bool is_unfit(enum error error)
{
    return error == ERROR_SYNTAX || error == ERROR_TYPE ||
           error == ERROR_TOO_LARGE;
}

enum error claim_load(struct queue *queue, const char *name,
    const struct task_name *parsed, struct task *task)
{
    struct task_fault fault = {
        "It is no regular file, or larger than max_body."};
    struct path from = account_path(queue->account, SPOOL_PENDING, name);
    enum error error = task_load(queue->account, from, parsed, task, &fault);
    if (error == ERROR_NOT_FOUND)
        queue_missed(queue);
    if (is_unfit(error)) {
        reject_candidate(queue, from, name, fault.reason);
        error = ERROR_NOT_FOUND;
    }
    return error;
}

/* A queued name whose task is executing already is a copy made by hand, or
 * what a file system left of a rename: executing stands before pending. One
 * that is gone by now has just been claimed by another poll. */
static bool refuse_second(
    struct queue *queue, const struct task *task, const char *name)
{
    struct task_place place;
    struct path from = account_path(queue->account, SPOOL_PENDING, name);
    if (find_executing(queue->account, task->name.id, &place) != ERROR_NONE)
        return false;
    if (file_exists(queue->account->spool->directory, from.text))
        reject_candidate(
            queue, from, name, "A task with this ID is executing already.");
    else
        queue_missed(queue);
    return true;
}

enum error claim_take(struct queue *queue, const char *name,
    const char *receive_id, struct claim *claim, struct path *entry)
{
    const struct spool *spool = queue->account->spool;
    struct path from = account_path(queue->account, SPOOL_PENDING, name);
    if (refuse_second(queue, &claim->task, name))
        return ERROR_NOT_FOUND;
    enum error error = choose_lease(receive_id, claim);
    if (error != ERROR_NONE)
        return error;
    struct name executing = name_format_executing(&claim->lease);
    *entry = account_path(queue->account, SPOOL_EXECUTING, executing.text);
    error = rename_to_executing(queue->account, from, *entry);
    if (error == ERROR_NOT_FOUND)
        queue_missed(queue);
    if (error != ERROR_NONE)
        return error;
    queue_took(queue);
    /* The mtime of an executing file says since when (started_at). */
    claim->task.claimed = clock_now();
    struct timespec now = clock_to_timespec(claim->task.claimed);
    const struct timespec times[2] = {now, now};
    utimensat(spool->directory, entry->text, times, AT_SYMLINK_NOFOLLOW);
    return is_done(queue->account, claim, *entry) ? ERROR_NOT_FOUND
                                                  : ERROR_NONE;
}
