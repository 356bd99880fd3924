/* SPDX-License-Identifier: MIT */
#include "claim_again.h"

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

/* ERROR_BUSY: it was renewed just then, and has another name. */
static enum error look(
    const struct account *account, const char *lease, struct claim *claim)
{
    struct task_fault fault;
    enum error error = lease_find(account, lease, &claim->lease);
    if (error != ERROR_NONE)
        return error;
    if (claim->lease.deadline < clock_now())
        return settle_overdue(account, &claim->lease);
    struct name name = name_format_executing(&claim->lease);
    struct path entry = account_path(account, SPOOL_EXECUTING, name.text);
    /* Who gave its verdict may have died before the entry was cleared. */
    error = verdict_clear_done(account, claim->lease.task.id, entry);
    if (error == ERROR_EXISTS)
        return ERROR_NOT_FOUND;
    if (error == ERROR_NONE)
        error =
            task_load(account, entry, &claim->lease.task, &claim->task, &fault);
    account_stuck(account, entry, error);
    if (error == ERROR_NONE) {
        /* The poll that claimed it may have died before it was safe. */
        error = take_make_safe(account, &claim->task, entry);
        if (error != ERROR_NONE)
            task_free(&claim->task);
    }
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

enum error claim_again(
    const struct account *account, const char *lease, struct claim *claim)
{
    enum error error = ERROR_BUSY;
    for (int looks = 0; looks < LOOKS && error == ERROR_BUSY; looks++)
        error = look(account, lease, claim);
    return error;
}
