/* SPDX-License-Identifier: MIT */
/* Handing out once more what is executing already. */
#ifndef STOFLOW_CLAIM_AGAIN_H
#define STOFLOW_CLAIM_AGAIN_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "task.h"

/* The task that is executing under this lease, whose text is not that in
 * *found. What is done, or overdue, is settled and not handed out.
 * ERROR_NOT_FOUND: there is none. ERROR_BUSY: it was renewed at each of several
 * looks, and had another name. Only after ERROR_NONE *task must be freed; it is
 * safe then as claim_next has it, and *found is its name. */
enum error claim_again(const struct account *account, const char *lease,
    struct lease_name *found, struct task *task);

#endif
