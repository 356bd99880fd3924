/* SPDX-License-Identifier: MIT */
/* Ending a pending task before anybody has fetched it. */
#ifndef STOFLOW_WITHDRAW_H
#define STOFLOW_WITHDRAW_H

#include "account.h"
#include "error.h"
#include "name_list.h"
#include "task.h"

enum withdraw_reason {
    WITHDRAW_EXPIRED,   /* nobody fetched it within `expire` seconds */
    WITHDRAW_CANCELLED, /* somebody has asked for it */
    WITHDRAW_REASONS    /* how many there are */
};

/* Claims the queued task `name` of `user`, so that nobody else gets it, and
 * records it as failed for our reason: as cancelled in any case where that was
 * asked for before it came back from a plugin. ERROR_NOT_FOUND: it has been
 * fetched, removed, or ended by another's word meanwhile; or it is executing
 * besides, and the name has been rejected. After any other error it is pending
 * as before, or, if even that failed or the .verdict stays, executing under a
 * lease that has passed and that says what it is: settling it then gives the
 * same verdict. */
enum error withdraw_pending(const struct account *account, const char *name,
    enum withdraw_reason reason);

/* Does so with each of these, and tells of those where it does not work. How
 * many were recorded. */
unsigned withdraw_each(const struct account *account,
    const struct name_list *names, enum withdraw_reason reason);

/* Whether the end of a task was asked for while a plugin had it, and it has
 * come back from that without: ERROR_NONE; ERROR_NOT_FOUND: it was not, or no
 * plugin ever had it; or what kept us from telling. */
enum error withdraw_look_for_mark(
    const struct account *account, const struct task_name *name);

/* Gives the verdict on a withdrawn task in executing/, whose lease says that it
 * is one (lease_is_withdrawal). ERROR_NOT_FOUND: the entry is gone;
 * ERROR_EXISTS: another's word stands, and the entry is gone. */
enum error withdraw_settle(const struct account *account, struct task *task,
    struct path entry, const char *lease);

#endif
