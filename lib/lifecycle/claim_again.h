/* SPDX-License-Identifier: MIT */
/* Handing out once more what is executing already. */
#ifndef STOFLOW_CLAIM_AGAIN_H
#define STOFLOW_CLAIM_AGAIN_H

#include "account.h"
#include "claim.h"
#include "error.h"

/* The task that is executing under this lease, which is not claim->lease.
 * What is done, or overdue, is settled and not handed out. ERROR_NOT_FOUND:
 * there is none. ERROR_BUSY: it was renewed at each of several looks, and had
 * another name. On ERROR_NONE claim->task and claim->lease are set, and the
 * task is safe as claim_next has it. */
enum error claim_again(
    const struct account *account, const char *lease, struct claim *claim);

#endif
