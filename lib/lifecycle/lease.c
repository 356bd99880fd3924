/* SPDX-License-Identifier: MIT */
#include "lease.h"

#include "action.h"
#include "cancel_mark.h"
#include "clock.h"
#include "declare.h"
#include "file.h"
#include "name_list.h"
#include "reject.h"
#include "requeue.h"
#include "second.h"
#include "stamp.h"
#include "stuck.h"
#include "task.h"
#include "verdict_clear.h"
#include "withdraw.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    /* Seconds: no lease lasts longer, whatever host has granted it. */
    DEADLINE_AHEAD = TIMEOUT_MAX + STAMP_SKEW
};

_Static_assert(GENERATION_MAX - RETRIES_MAX > 0,
    "a name must be able to count all retries");

struct overdue_walk {
    int64_t since;
    char now[CLOCK_STAMP_LENGTH + 1];
    char beyond[CLOCK_STAMP_LENGTH + 1]; /* where no deadline can be */
    unsigned met;                        /* names of any kind */
    struct name_list names;
};

/* A name begins with its deadline, so text order tells who is overdue, or
 * astray.
 */
static enum error visit_overdue(void *context, const char *name)
{
    struct overdue_walk *walk = context;
    struct lease_name lease;
    walk->met++;
    if ((strncmp(name, walk->now, CLOCK_STAMP_LENGTH) >= 0 &&
            strncmp(name, walk->beyond, CLOCK_STAMP_LENGTH) <= 0) ||
        name_parse_executing(name, &lease) != ERROR_NONE)
        return ERROR_NONE;
    return name_list_append(&walk->names, name, strlen(name));
}

static bool may_retry(const struct account *account, const struct task *task)
{
    int retries =
        task->draft.retries >= 0
            ? task->draft.retries
            : config_rules(account->config, task->name.action).retries;
    return task->name.generation < retries &&
           action_is_repeatable(task->name.action, task->draft.params);
}

/* A network file system may say for a moment that there is none. Who requeues
 * the task looks once more after that; a verdict would be the last word. */
static enum error look_for_mark(
    const struct account *account, const struct task_name *task, bool retried)
{
    enum error error = cancel_mark_look(account, task->id);
    return error == ERROR_NOT_FOUND && !retried
               ? cancel_mark_look(account, task->id)
               : error;
}

static enum error settle_task(const struct account *account, struct task *task,
    struct path entry, const struct lease_name *lease,
    struct lease_report *report)
{
    enum error error;
    /* No plugin has it: where it has just been given back, it waits again. */
    if (lease_is_withdrawal(lease->lease)) {
        error = withdraw_settle(account, task, entry, lease->lease);
        report->failed += error == ERROR_NONE;
        return error;
    }
    bool retried = may_retry(account, task);
    enum error mark = look_for_mark(account, &task->name, retried);
    if (mark != ERROR_NONE && mark != ERROR_NOT_FOUND)
        return mark;
    if (mark == ERROR_NOT_FOUND && retried) {
        error = requeue_now(account, entry, lease);
        report->requeued += error == ERROR_NONE;
        return error;
    }
    error = mark == ERROR_NONE
                ? declare_failure(account, task, entry, "cancelled",
                      "cancelled while a plugin had it, and no result came "
                      "before the deadline; the outcome is unknown",
                      true)
                : declare_failure(account, task, entry, "timeout",
                      "timeout: no result came before the deadline; the "
                      "outcome is unknown",
                      true);
    report->failed += error == ERROR_NONE;
    return error;
}

/* Where both names are the same, the deadline is later than we would have it
 * and nothing is to be done. */
static enum error rename_entry(const struct account *account,
    struct task_place *place, const struct lease_name *renewed)
{
    struct name name = name_format_executing(renewed);
    struct path to = account_path(account, SPOOL_EXECUTING, name.text);
    /* Our lease and a deadline of our own: who else would have put it there? */
    enum error error =
        file_rename_ours(account->spool->directory, place->path.text, to.text);
    if (error != ERROR_NONE)
        return error;
    place->path = to;
    place->lease = *renewed;
    return ERROR_NONE;
}

/* Whether it was set while the clock was ahead. One that is being withdrawn has
 * no plugin, whenever that was. */
static bool is_astray(const struct lease_name *lease, int64_t now)
{
    return stamp_is_astray(lease->deadline, now, DEADLINE_AHEAD) &&
           !lease_is_withdrawal(lease->lease);
}

/* The plugin may be at it, so it has its time once more, under the same lease:
 * as a renewal, but to an earlier moment. */
static enum error shorten(const struct account *account,
    const struct task *task, struct path entry, const struct lease_name *lease,
    struct lease_report *report)
{
    struct task_place place = {.path = entry, .lease = *lease};
    struct lease_name renewed = *lease;
    renewed.deadline = clock_now() + (task->timeout * clock_second);
    enum error error = rename_entry(account, &place, &renewed);
    if (error != ERROR_NONE)
        return error;
    report->shortened++;
    error = verdict_clear_done(account, lease->task.id, place.path);
    report->cleared += error == ERROR_EXISTS;
    return error;
}

/* A rename of the entry over another name of its file would do nothing, and a
 * plugin may be at it by the later one. ERROR_EXISTS: it has gone. */
static enum error clear_earlier(const struct account *account,
    struct path entry, const struct lease_name *lease,
    struct lease_report *report)
{
    enum error error = second_remove_earlier(account, entry, lease);
    report->cleared += error == ERROR_EXISTS;
    return error;
}

static enum error settle_or_shorten(const struct account *account,
    struct task *task, struct path entry, const struct lease_name *lease,
    struct lease_report *report)
{
    enum error error = task->is_linked
                           ? clear_earlier(account, entry, lease, report)
                           : ERROR_NONE;
    if (error != ERROR_NONE)
        return error;
    return is_astray(lease, clock_now())
               ? shorten(account, task, entry, lease, report)
               : settle_task(account, task, entry, lease, report);
}

enum error lease_settle_one(const struct account *account, const char *name,
    struct lease_report *report)
{
    struct lease_name lease;
    struct task task;
    struct task_fault fault;
    struct path entry = account_path(account, SPOOL_EXECUTING, name);
    enum error error = name_parse_executing(name, &lease);
    if (error != ERROR_NONE)
        return ERROR_NONE;
    error = verdict_clear_done(account, lease.task.id, entry);
    report->cleared += error == ERROR_EXISTS;
    if (error != ERROR_NONE)
        return error;
    error = task_load(account, entry, &lease.task, &task, &fault);
    if (task_is_spoilt(error))
        return reject_file(account->spool, entry, name, fault.reason);
    if (error != ERROR_NONE)
        return error;
    error = settle_or_shorten(account, &task, entry, &lease, report);
    task_free(&task);
    return error;
}

/* Whether all would fail as this one has: a folder that each of them needs is
 * at fault, or the system. */
static bool is_common(const struct account *account, enum error error)
{
    static const unsigned needed = 1U << SPOOL_PENDING | 1U << SPOOL_EXECUTING |
                                   1U << SPOOL_DONE | 1U << SPOOL_TMP;
    return !stuck_is_kind(error) || error == ERROR_SYSTEM ||
           stuck_is_any_closed(account->spool, account->user, needed);
}

/* ERROR_NOT_FOUND and ERROR_EXISTS: another program was quicker. Those that
 * stay do not count, or so many that are stuck would keep all others for ever.
 */
static void settle_names(const struct account *account,
    const struct overdue_walk *walk, unsigned most, struct lease_report *report)
{
    unsigned left = (unsigned)walk->names.count;
    bool met_stuck = false;
    for (size_t i = 0; i < walk->names.count && most > 0; i++) {
        char name[SPOOL_NAME_MAX + 1];
        /* It was set back: what was granted meanwhile is not over. */
        if (clock_now() < walk->since)
            break;
        name_list_copy(&walk->names, i, name, sizeof name);
        enum error error = lease_settle_one(account, name, report);
        if (error == ERROR_NONE || error == ERROR_NOT_FOUND ||
            error == ERROR_EXISTS) {
            most--;
            left--;
            continue;
        }
        account_fault(account, "lease",
            account_path(account, SPOOL_EXECUTING, name), error);
        if (!met_stuck && is_common(account, error))
            break;
        met_stuck = true;
    }
    report->left += left;
}

/* Nothing executing, nothing overdue: most polls need not read the folder. One
 * whose maker died before its name was safe is met here, before anything is
 * claimed into it: that is not fsynced, and others fsync what it leaves. */
static enum error look_at_folder(
    const struct account *account, struct path folder, struct stamp *stamp)
{
    struct stat status;
    struct path seen = account_file(account, SPOOL_INDEX, "executing");
    enum error error =
        directory_look(account->spool->directory, folder.text, &status);
    if (error != ERROR_NONE)
        return error;
    return stamp_look_at(account->spool, &status, seen, stamp);
}

enum error lease_settle(
    const struct account *account, unsigned most, struct lease_report *report)
{
    struct stamp stamp;
    struct path folder = account_folder(account, SPOOL_EXECUTING);
    struct overdue_walk walk = {.names = NAME_LIST_EMPTY};
    enum error error = look_at_folder(account, folder, &stamp);
    report->has_folder = error == ERROR_NONE || error == ERROR_EXISTS;
    if (error == ERROR_NOT_FOUND || error == ERROR_EXISTS)
        return ERROR_NONE;
    if (error != ERROR_NONE)
        return error;
    walk.since = clock_now();
    clock_format_stamp(walk.now, walk.since);
    clock_format_stamp(
        walk.beyond, walk.since + (DEADLINE_AHEAD * clock_second));
    error = spool_each_name(account->spool, folder, visit_overdue, &walk);
    if (error == ERROR_NONE && walk.met == 0)
        stamp_set(account->spool, &stamp);
    if (error == ERROR_NONE)
        settle_names(account, &walk, most, report);
    name_list_free(&walk.names);
    return error;
}

void lease_note_start(
    const struct spool *spool, struct path entry, struct task *task)
{
    task->claimed = clock_now();
    struct timespec now = clock_to_timespec(task->claimed);
    const struct timespec times[2] = {now, now};
    utimensat(spool->directory, entry.text, times, AT_SYMLINK_NOFOLLOW);
}

struct lease_search {
    const char *lease;
    struct lease_name *found;
};

static enum error match_lease(void *context, const char *name)
{
    const struct lease_search *search = context;
    if (name_parse_executing(name, search->found) != ERROR_NONE ||
        strcmp(search->found->lease, search->lease) != 0)
        return ERROR_NONE;
    return ERROR_EXISTS;
}

enum error lease_find(
    const struct account *account, const char *lease, struct lease_name *found)
{
    struct lease_search search = {lease, found};
    enum error error = spool_each_name(account->spool,
        account_folder(account, SPOOL_EXECUTING), match_lease, &search);
    if (error == ERROR_EXISTS)
        return ERROR_NONE;
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

/* Who gave a verdict while we moved the entry may have looked for it in vain,
 * under either name. */
static enum error move_deadline(const struct account *account,
    struct task_place *place, const struct lease_name *renewed)
{
    enum error error = rename_entry(account, place, renewed);
    if (error != ERROR_NONE)
        return error;
    error = verdict_clear_done(account, renewed->task.id, place->path);
    return error == ERROR_EXISTS ? ERROR_CONFLICT : error;
}

enum error lease_renew(
    const struct account *account, struct task_place *place, int seconds)
{
    struct lease_name renewed = place->lease;
    int64_t deadline = clock_now() + (seconds * clock_second);
    if (lease_is_withdrawal(renewed.lease))
        return ERROR_CONFLICT;
    if (deadline > renewed.deadline)
        renewed.deadline = deadline;
    return move_deadline(account, place, &renewed);
}

enum error lease_take_over(
    const struct account *account, struct task_place *place)
{
    struct lease_name renewed = place->lease;
    renewed.deadline++;
    return move_deadline(account, place, &renewed);
}

struct clear_walk {
    const struct account *account;
    struct lease_report *report;
};

/* The pending name is looked at first: a task that is being given back leaves
 * executing/ as it enters pending/. */
static void clear_queued(const struct clear_walk *walk,
    const struct task_name *task, struct path entry)
{
    int directory = walk->account->spool->directory;
    struct name name = name_format_queued(task);
    struct path pending = account_path(walk->account, SPOOL_PENDING, name.text);
    if (!file_exists(directory, pending.text) ||
        !file_exists(directory, entry.text))
        return;
    enum error error = file_remove(directory, pending.text);
    walk->report->cleared += error == ERROR_NONE;
    account_fault(walk->account, "lease", pending, error);
}

static enum error clear_beside(void *context, const char *name)
{
    const struct clear_walk *walk = context;
    struct lease_name lease;
    struct path entry = account_path(walk->account, SPOOL_EXECUTING, name);
    if (name_parse_executing(name, &lease) != ERROR_NONE)
        return ERROR_NONE;
    enum error error = verdict_clear_done(walk->account, lease.task.id, entry);
    walk->report->cleared += error == ERROR_EXISTS;
    if (error == ERROR_NONE) {
        clear_queued(walk, &lease.task, entry);
        error = clear_earlier(walk->account, entry, &lease, walk->report);
    }
    if (error != ERROR_EXISTS)
        account_fault(walk->account, "lease", entry, error);
    return ERROR_NONE; /* cleared, or for the next sweep */
}

enum error lease_clear(
    const struct account *account, struct lease_report *report)
{
    struct clear_walk walk = {account, report};
    enum error error = spool_each_name(account->spool,
        account_folder(account, SPOOL_EXECUTING), clear_beside, &walk);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}
