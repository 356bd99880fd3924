/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include "action.h"
#include "clock.h"
#include "drop.h"
#include "file.h"
#include "find.h"
#include "lease.h"
#include "log.h"
#include "queue_change.h"
#include "random.h"
#include "reject.h"
#include "verdict.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error choose_lease(const char *receive_id, struct claim *claim)
{
    claim->lease.task = claim->task.name;
    claim->lease.deadline = clock_now() + claim->task.timeout * clock_second;
    if (receive_id[0] == '\0')
        return random_lease(claim->lease.lease);
    snprintf(claim->lease.lease, sizeof claim->lease.lease, "%s", receive_id);
    return ERROR_NONE;
}

/* Renames, and decides the doubtful: a network file system may report a
 * failure for a rename that was done, but nobody else can have made the
 * target, whose name bears our lease. */
static enum error rename_to_executing(
    const struct spool *spool, int64_t user, struct path from, struct path to)
{
    enum error error = file_rename(spool->directory, from.text, to.text);
    if (error == ERROR_NOT_FOUND && file_exists(spool->directory, from.text)) {
        error = spool_make_user(spool, SPOOL_EXECUTING, user);
        if (error == ERROR_NONE)
            error = file_rename(spool->directory, from.text, to.text);
    }
    if (error != ERROR_NONE && file_exists(spool->directory, to.text))
        error = ERROR_NONE;
    return error;
}

/* The claim of what may run only once must survive a power loss: otherwise
 * the task would lie in pending/ again after it has been handed out. The
 * claim of what may be repeated needs no such care. */
static enum error make_claim_safe(
    const struct spool *spool, const struct task *task, struct path entry)
{
    if (action_is_repeatable(task->name.action, task->draft.params))
        return ERROR_NONE;
    enum error error = file_secure(spool->directory, entry.text);
    if (error == ERROR_NONE) {
        error = directory_sync(
            spool->directory, path_of_user(SPOOL_EXECUTING, task->user).text);
    }
    if (error == ERROR_NONE) {
        error = directory_sync(
            spool->directory, path_of_user(SPOOL_PENDING, task->user).text);
    }
    return error;
}

/* Nobody has seen the task yet, so it may go back as if never claimed. If it
 * cannot, it waits for its deadline. */
static void give_back(const struct spool *spool, int64_t user,
    struct path entry, const char *name)
{
    struct path pending = path_in_user(SPOOL_PENDING, user, name);
    queue_change_rename(spool, user, entry, pending, name);
}

/* A task that turns out to be done (its pending name was left by a crash, or
 * its late result came a moment ago) is not handed out. */
static bool is_done(
    const struct spool *spool, const struct claim *claim, struct path entry)
{
    if (verdict_stands(spool, claim->task.user, claim->task.name.id, false) !=
        ERROR_NONE)
        return false;
    verdict_clear_entry(spool, claim->task.user, entry);
    return true;
}

static void reject_candidate(
    struct queue *queue, struct path from, const char *name, const char *reason)
{
    if (reject_file(queue->spool, from, name, reason) == ERROR_NONE)
        queue_took(queue);
}

static bool is_unfit(enum error error)
{
    return error == ERROR_SYNTAX || error == ERROR_TYPE ||
           error == ERROR_TOO_LARGE;
}

/* ERROR_NOT_FOUND: not this one. */
static enum error load_candidate(
    struct queue *queue, const char *name, struct task *task)
{
    struct task_name parsed;
    struct task_fault fault = {
        "It is no regular file, or larger than max_body."};
    struct path from = path_in_user(SPOOL_PENDING, queue->user, name);
    enum error error = name_parse_queued(name, &parsed);
    if (error == ERROR_NONE) {
        error = task_load(queue->spool, queue->config, from, queue->user,
            &parsed, task, &fault);
    }
    if (error == ERROR_NOT_FOUND)
        queue_missed(queue);
    if (is_unfit(error)) {
        reject_candidate(queue, from, name, fault.reason);
        error = ERROR_NOT_FOUND;
    }
    return error;
}

/* Claims the loaded candidate; *entry is then its place. */
static enum error take_candidate(struct queue *queue, const char *name,
    const char *receive_id, struct claim *claim, struct path *entry)
{
    const struct spool *spool = queue->spool;
    struct path from = path_in_user(SPOOL_PENDING, queue->user, name);
    enum error error = choose_lease(receive_id, claim);
    if (error != ERROR_NONE)
        return error;
    struct name executing = name_format_executing(&claim->lease);
    *entry = path_in_user(SPOOL_EXECUTING, queue->user, executing.text);
    error = rename_to_executing(spool, queue->user, from, *entry);
    if (error == ERROR_NOT_FOUND)
        queue_missed(queue);
    if (error != ERROR_NONE)
        return error;
    queue_took(queue);
    /* The mtime of an executing file says since when (started_at). */
    struct timespec times[2];
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[1] = times[0];
    claim->task.claimed = clock_from_timespec(times[0]);
    utimensat(spool->directory, entry->text, times, AT_SYMLINK_NOFOLLOW);
    return is_done(spool, claim, *entry) ? ERROR_NOT_FOUND : ERROR_NONE;
}

/* A queued name whose task is executing already is a copy made by hand, or
 * what a file system left of a rename: executing stands before pending. One
 * that is gone by now has just been claimed by another poll. */
static bool refuse_second(
    struct queue *queue, const struct task *task, const char *name)
{
    struct task_place place;
    struct path from = path_in_user(SPOOL_PENDING, queue->user, name);
    if (find_executing(queue->spool, task->user, task->name.id, &place) !=
        ERROR_NONE)
        return false;
    if (file_exists(queue->spool->directory, from.text))
        reject_candidate(
            queue, from, name, "A task with this ID is executing already.");
    else
        queue_missed(queue);
    return true;
}

static enum error try_candidate(struct queue *queue, const char *candidate,
    const char *receive_id, struct claim *claim)
{
    struct path entry;
    char name[NAME_LENGTH_MAX];
    memcpy(name, candidate, strlen(candidate) + 1);
    enum error error = load_candidate(queue, name, &claim->task);
    if (error != ERROR_NONE)
        return error;
    error = refuse_second(queue, &claim->task, name)
                ? ERROR_NOT_FOUND
                : take_candidate(queue, name, receive_id, claim, &entry);
    if (error == ERROR_NONE) {
        claim->refresh_due = queue->refresh_due;
        queue_close(queue); /* nobody shall wait for the fsyncs below */
        error = make_claim_safe(queue->spool, &claim->task, entry);
        if (error != ERROR_NONE)
            give_back(queue->spool, queue->user, entry, name);
    }
    if (error != ERROR_NONE)
        task_free(&claim->task);
    return error;
}

static enum error claim_from(
    struct queue *queue, const char *receive_id, struct claim *claim)
{
    for (;;) {
        const char *name = queue_next(queue);
        if (name == NULL)
            return ERROR_NOT_FOUND;
        enum error error = try_candidate(queue, name, receive_id, claim);
        if (error != ERROR_NOT_FOUND)
            return error;
    }
}

/* The task that is executing under this receive_id already. */
static enum error receive_again(const struct spool *spool,
    const struct config *config, int64_t user, const char *receive_id,
    struct claim *claim)
{
    struct task_fault fault;
    enum error error = lease_find(spool, user, receive_id, &claim->lease);
    if (error != ERROR_NONE)
        return error;
    struct name name = name_format_executing(&claim->lease);
    struct path entry = path_in_user(SPOOL_EXECUTING, user, name.text);
    error = task_load(
        spool, config, entry, user, &claim->lease.task, &claim->task, &fault);
    if (error != ERROR_NONE)
        return error;
    /* The poll that claimed it may have died before it was safe. */
    error = make_claim_safe(spool, &claim->task, entry);
    if (error != ERROR_NONE)
        task_free(&claim->task);
    return error;
}

static enum error claim_new(const struct spool *spool,
    const struct config *config, int64_t user, const char *receive_id,
    struct claim *claim)
{
    struct queue queue;
    enum error error = queue_open(&queue, spool, config, user);
    if (error != ERROR_NONE)
        return error;
    error = claim_from(&queue, receive_id, claim);
    if (error != ERROR_NONE)
        claim->refresh_due = queue.refresh_due;
    queue_close(&queue);
    return error;
}

/* Two polls with one receive_id at the same moment (a client that repeats
 * before the first answer was sent) must not get two tasks. */
static enum error claim_received(const struct spool *spool,
    const struct config *config, int64_t user, const char *receive_id,
    struct claim *claim)
{
    char lock_name[32];
    snprintf(lock_name, sizeof lock_name, "%" PRId64 ".receive", user);
    int lock = spool_lock(spool, lock_name, true);
    enum error error = receive_again(spool, config, user, receive_id, claim);
    if (error == ERROR_NOT_FOUND)
        error = claim_new(spool, config, user, receive_id, claim);
    if (lock >= 0)
        close(lock);
    return error;
}

static void settle_first(
    const struct spool *spool, const struct config *config, int64_t user)
{
    struct lease_report leases = {0, 0, 0, 0};
    struct drop_report drops = {0, 0, 0};
    enum error error =
        lease_settle(spool, config, user, LEASES_PER_POLL, &leases);
    if (error != ERROR_NONE)
        log_event(spool, "settle", "%s", error_text(error));
    error = drop_route_top(spool, config, DROPS_PER_POLL, &drops);
    if (error != ERROR_NONE)
        log_event(spool, "drops", "%s", error_text(error));
}

enum error claim_next(const struct spool *spool, const struct config *config,
    int64_t user, const char *receive_id, struct claim *claim)
{
    claim->refresh_due = false;
    settle_first(spool, config, user);
    if (receive_id[0] != '\0')
        return claim_received(spool, config, user, receive_id, claim);
    return claim_new(spool, config, user, receive_id, claim);
}
