/* SPDX-License-Identifier: MIT */
#include "claim_again.h"

#include "clock.h"
#include "husk.h"
#include "lease.h"
#include "stuck.h"
#include "take.h"
#include "verdict_clear.h"

enum {
    LOOKS = 5 /* for a task that is renewed meanwhile, and so renamed */
};

/* There were more of them than a poll settles at first. ERROR_NOT_FOUND: it is
 * not to be handed out again. */
static enum error settle_overdue(
    const struct account *account, const struct lease_name *lease)
{
    struct lease_report report = {0};
    struct name name = name_format_executing(lease);
    enum error error = lease_settle_one(account, name.text, &report);
    return error == ERROR_NONE || error == ERROR_EXISTS ? ERROR_NOT_FOUND
                                                        : error;
}

/* The poll that claimed it may have died before it was safe. Or it may not have
 * come to that yet, where no lock keeps us apart: then it may fail, and would
 * give back what we hand out. Under another name it cannot. */
static enum error take_over(const struct account *account,
    struct lease_name *found, const struct task *task)
{
    struct name name = name_format_executing(found);
    struct task_place place = {.lease = *found,
        .path = account_path(account, SPOOL_EXECUTING, name.text)};
    enum error error = lease_take_over(account, &place);
    *found = place.lease;
    return error == ERROR_NONE ? take_make_safe(account, task, place.path)
                               : error;
}

/* What the power has left of a create that nobody was told of, and of its
 * claim. ERROR_NOT_FOUND: another task may be had. */
static enum error clear_husk(const struct account *account, struct path entry,
    const struct lease_name *lease)
{
    enum error error = husk_clear_entry(account, entry, lease);
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

/* ERROR_BUSY: it was renewed just then, and has another name, or is done. */
static enum error look(const struct account *account, const char *lease,
    struct lease_name *found, struct task *task)
{
    struct task_fault fault = {0};
    enum error error = lease_find(account, lease, found);
    if (error != ERROR_NONE)
        return error;
    if (found->deadline < clock_now())
        return settle_overdue(account, found);
    struct name name = name_format_executing(found);
    struct path entry = account_path(account, SPOOL_EXECUTING, name.text);
    /* Who gave its verdict may have died before the entry was cleared. */
    error = verdict_clear_done(account, found->task.id, entry);
    if (error == ERROR_EXISTS)
        return ERROR_NOT_FOUND;
    if (error == ERROR_NONE)
        error = task_load(account, entry, &found->task, task, &fault);
    if (error == ERROR_SYNTAX && fault.is_torn)
        error = clear_husk(account, entry, found);
    account_stuck(account, entry, error);
    if (error == ERROR_NONE) {
        error = take_over(account, found, task);
        if (error != ERROR_NONE)
            task_free(task);
    }
    return error == ERROR_NOT_FOUND || error == ERROR_CONFLICT ? ERROR_BUSY
                                                               : error;
}

enum error claim_again(const struct account *account, const char *lease,
    struct lease_name *found, struct task *task)
{
    enum error error = ERROR_BUSY;
    for (int looks = 0; looks < LOOKS && error == ERROR_BUSY; looks++)
        error = look(account, lease, found, task);
    return error;
}
