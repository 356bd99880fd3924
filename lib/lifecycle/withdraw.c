/* SPDX-License-Identifier: MIT */
#include "withdraw.h"

#include "cancel_mark.h"
#include "clock.h"
#include "declare.h"
#include "file.h"
#include "find.h"
#include "husk.h"
#include "moved.h"
#include "queue_index.h"
#include "reject.h"
#include "second.h"
#include "verdict_clear.h"
#include "verdict_step.h"

#include <stdio.h>
#include <string.h>

struct reason_row {
    const char *lease;    /* under which it is taken out of the queue */
    const char *declared; /* what the record says of it */
    const char *text;     /* of a task that nobody ever had */
    const char *text_again;
};

static const struct reason_row reasons[WITHDRAW_REASONS] = {
    /* WITHDRAW_EXPIRED */
    {LEASE_EXPIRED, "expired", "expired: nobody fetched it in time",
        "expired: it came back from a plugin, and nobody fetched it again in "
        "time"},
    /* WITHDRAW_CANCELLED */
    {LEASE_CANCELLED, "cancelled", "cancelled before it was handed out",
        "cancelled after it had come back from a plugin, before it was handed "
        "out again"},
};

/* A drop without an ID that comes again with the power is another task, and
 * would be carried out, though it was cancelled. One that has expired does so
 * again. */
static enum error make_safe(const struct account *account,
    const struct task *task, struct path entry, const struct reason_row *reason)
{
    return reason == &reasons[WITHDRAW_CANCELLED] && task->draft.id[0] == '\0'
               ? moved_make_safe(account, task, entry)
               : ERROR_NONE;
}

static enum error give_verdict(const struct account *account, struct task *task,
    struct path entry, const struct reason_row *reason)
{
    task_set_pending(task);
    const char *text =
        task->name.generation > 0 ? reason->text_again : reason->text;
    enum error error = make_safe(account, task, entry, reason);
    if (error == ERROR_NONE)
        error = declare_failure(
            account, task, entry, reason->declared, text, false);
    if (error != ERROR_EXISTS)
        return error;
    error = verdict_clear_entry(account, entry);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_EXISTS
                                                           : error;
}

enum error withdraw_settle(const struct account *account, struct task *task,
    struct path entry, const char *lease)
{
    enum withdraw_reason reason = strcmp(lease, LEASE_CANCELLED) == 0
                                      ? WITHDRAW_CANCELLED
                                      : WITHDRAW_EXPIRED;
    return give_verdict(account, task, entry, &reasons[reason]);
}

/* What the power has left of a create that nobody was told of: it has no end.
 * ERROR_EXISTS: it has gone. */
static enum error clear_husk(const struct account *account, struct path entry,
    const struct lease_name *lease)
{
    enum error error = husk_clear_entry(account, entry, lease);
    return error == ERROR_NONE ? ERROR_EXISTS : error;
}

static enum error load_and_give(const struct account *account,
    struct path entry, const struct lease_name *lease,
    const struct reason_row *reason)
{
    struct task task;
    struct task_fault fault;
    enum error error = task_load(account, entry, &lease->task, &task, &fault);
    if (error == ERROR_SYNTAX && fault.is_torn)
        return clear_husk(account, entry, lease);
    if (error != ERROR_NONE)
        return error;
    error = give_verdict(account, &task, entry, reason);
    task_free(&task);
    return error;
}

/* Not where a .verdict could not be taken back: whoever were handed the task
 * would meet that word. It stays under its lease then, and settling goes on. */
static void give_back(const struct account *account, struct path entry,
    struct path from, const struct task_name *task)
{
    struct path verdict = find_verdict_place(account, task->id);
    if (file_look(account->spool->directory, verdict.text) == ERROR_NOT_FOUND)
        queue_index_rename(account, entry, from, name_format_queued(task).text);
}

static enum error reject_second(
    const struct account *account, const char *name, struct path from)
{
    struct queue_index index;
    queue_index_begin(&index, account);
    enum error error = reject_file(account->spool, from, name, second_reason);
    if (error == ERROR_NONE)
        queue_index_commit(&index, NULL);
    else
        queue_index_doubt(&index);
    return error;
}

/* As the claim does: a plugin may have the task under the other of two names
 * that a loss of power has left of a rename, or it be put off under that, and
 * must not be lost to a word of ours. ERROR_NOT_FOUND: it is not to be
 * withdrawn. */
static enum error refuse_second(const struct account *account, const char *name,
    const struct lease_name *lease, struct path from)
{
    enum error error = second_look(account, lease->task.id, from);
    if (error == ERROR_NONE) {
        error = second_remove_earlier(account, from, lease);
        return error == ERROR_EXISTS ? ERROR_NOT_FOUND : error;
    }
    if (error == ERROR_EXISTS)
        error = reject_second(account, name, from);
    return error == ERROR_NONE || error == ERROR_CONFLICT ? ERROR_NOT_FOUND
                                                          : error;
}

enum error withdraw_look_for_mark(
    const struct account *account, const struct task_name *name)
{
    return name->generation == 0 ? ERROR_NOT_FOUND
                                 : cancel_mark_look(account, name->id);
}

/* Who was told that it is going to be cancelled is not to find it expired. */
static enum error choose_reason(const struct account *account,
    const struct task_name *name, enum withdraw_reason *reason)
{
    if (*reason == WITHDRAW_CANCELLED)
        return ERROR_NONE;
    enum error error = withdraw_look_for_mark(account, name);
    if (error == ERROR_NONE)
        *reason = WITHDRAW_CANCELLED;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

enum error withdraw_pending(const struct account *account, const char *name,
    enum withdraw_reason reason)
{
    struct lease_name lease = {.deadline = clock_now()};
    struct path from = account_path(account, SPOOL_PENDING, name);
    enum error error = name_parse_queued(name, &lease.task);
    if (error == ERROR_NONE)
        error = choose_reason(account, &lease.task, &reason);
    if (error == ERROR_NONE)
        error = refuse_second(account, name, &lease, from);
    if (error == ERROR_NONE)
        error = account_make_folder(account, SPOOL_EXECUTING);
    if (error != ERROR_NONE)
        return error;
    snprintf(lease.lease, sizeof lease.lease, "%s", reasons[reason].lease);
    struct name executing = name_format_executing(&lease);
    struct path entry = account_path(account, SPOOL_EXECUTING, executing.text);
    error = queue_index_rename(account, from, entry, NULL);
    if (error != ERROR_NONE)
        return error;
    error = load_and_give(account, entry, &lease, &reasons[reason]);
    if (error == ERROR_EXISTS)
        return ERROR_NOT_FOUND;
    if (error != ERROR_NONE)
        give_back(account, entry, from, &lease.task);
    return error;
}

/* One that another program is withdrawing, or whose verdict has to wait, is met
 * again by the next poll. */
unsigned withdraw_each(const struct account *account,
    const struct name_list *names, enum withdraw_reason reason)
{
    unsigned recorded = 0;
    for (size_t i = 0; i < names->count; i++) {
        char name[NAME_LENGTH_MAX];
        name_list_copy(names, i, name, sizeof name);
        enum error error = withdraw_pending(account, name, reason);
        recorded += error == ERROR_NONE;
        account_fault(account, reasons[reason].lease,
            account_path(account, SPOOL_PENDING, name), error);
    }
    return recorded;
}
